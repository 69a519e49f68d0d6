using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;

namespace StreamSQL.UnitTests.Sql.Optimizer;

public class PlanOptimizerTests
{
    private static readonly SourceDefinition Departures = new()
    {
        Name = "DEPARTURES",
        Kind = RelationKind.Table,
        Topic = "departures",
        Partitions = 1,
        KeyFormat = new("KAFKA"),
        ValueFormat = new("JSON"),
        Statement = "",
        Columns = [new("ORIGIN", SqlType.Varchar, IsKey: true), new("FLIGHTS", SqlType.BigInt, IsKey: false),
            new("DELAY", SqlType.BigInt, IsKey: false)],
    };

    [Fact]
    public void Constants_are_folded_and_conditions_that_decide_nothing_go()
    {
        var plan = new LogicalFilter(Scan(),
            And(Call("=", Literal(3L), Call("+", Literal(1L), Literal(2L))), Call(">", Column(1), Literal(5L))));

        Text(plan).ShouldBe("""
            Filter (FLIGHTS#1 > 5) -> (ORIGIN VARCHAR key, FLIGHTS BIGINT, DELAY BIGINT)
              Scan DEPARTURES -> (ORIGIN VARCHAR key, FLIGHTS BIGINT, DELAY BIGINT)
            """);
    }

    [Fact]
    public void An_expression_that_fails_is_not_folded()
    {
        var plan = new LogicalFilter(Scan(), Call(">", Column(1), Call("/", Literal(1L), Literal(0L))));

        Text(plan).ShouldContain("Filter (FLIGHTS#1 > (1 / 0))");
    }

    [Fact]
    public void Equality_with_all_keys_finds_rows_by_key()
    {
        var plan = new LogicalFilter(Scan(), And(Call("=", Column(0), Text("ORD")), Call(">", Column(1), Literal(5L))));

        Text(plan).ShouldContain("Scan DEPARTURES by keys ('ORD')");
    }

    [Fact]
    public void A_list_of_keys_finds_rows_by_key()
    {
        var plan = new LogicalFilter(Scan(),
            new BoundLogical(IsAnd: false, [Call("=", Column(0), Text("ORD")), Call("=", Text("DFW"), Column(0))]));

        Text(plan).ShouldContain("Scan DEPARTURES by keys ('ORD') ('DFW')");
    }

    [Fact]
    public void Comparisons_of_the_key_bound_the_scan()
    {
        var plan = new LogicalFilter(Scan(), And(Call(">", Column(0), Text("A")), Call(">=", Text("M"), Column(0))));

        Text(plan).ShouldContain("Scan DEPARTURES by key > 'A', key <= 'M'");
    }

    [Fact]
    public void A_scan_reads_only_the_columns_that_are_wanted()
    {
        var plan = new LogicalProject(Scan(), [Column(2)], new([new("DELAY", SqlType.BigInt, ColumnRole.Value)], RelationKind.Rows));

        Text(plan).ShouldBe("""
            Project DELAY#1 -> (DELAY BIGINT)
              Scan DEPARTURES -> (ORIGIN VARCHAR key, DELAY BIGINT)
            """);
    }

    [Fact]
    public void Pruning_renumbers_what_an_inner_query_reads_of_the_outer_row()
    {
        var inner = new LogicalFilter(Scan(), Call("=", Column(0), new BoundOuterColumn(1, 0, "ORIGIN", SqlType.Varchar)));
        var exists = new BoundSubquery(SubqueryKind.Exists, inner, null, SqlType.Boolean) { IsCorrelated = true };
        var swapped = new LogicalProject(Scan(), [Column(2), Column(1), Column(0)], Rows("DELAY", "FLIGHTS", "ORIGIN"));
        var outer = inner.Predicate is BoundCall call
            ? call with { Arguments = [Column(0), new BoundOuterColumn(1, 2, "ORIGIN", SqlType.Varchar)] }
            : throw new InvalidOperationException();
        var plan = new LogicalProject(
            new LogicalFilter(swapped, exists with { Plan = new LogicalFilter(Scan(), outer) }),
            [new BoundColumn(0, "DELAY", SqlType.BigInt)], Rows("DELAY"));

        var optimized = PlanOptimizer.Optimize(plan);

        var filter = (LogicalFilter)optimized.Inputs[0];
        filter.Input.Schema.Columns.Select(static column => column.Name).ShouldBe(["DELAY", "ORIGIN"]);
        var read = (BoundCall)((LogicalFilter)((BoundSubquery)filter.Predicate).Plan).Predicate;
        ((BoundOuterColumn)read.Arguments[1]).Index.ShouldBe(1);
    }

    [Fact]
    public void Conditions_of_one_side_move_below_a_join()
    {
        var join = new LogicalJoin(
            Bounded(), Bounded(), JoinKind.Left, [Column(0)], [Column(0)], null, null,
            new([.. Bounded().Schema.Columns, .. Bounded().Schema.Columns], RelationKind.Rows));
        var plan = new LogicalFilter(join,
            And(Call(">", Column(1), Literal(5L)), Call(">", new BoundColumn(4, "FLIGHTS", SqlType.BigInt), Literal(6L))));

        var lines = Text(plan).Split('\n').Select(static line => line.Split(" ->")[0]).ToArray();

        lines.ShouldBe(["Filter (FLIGHTS#4 > 6)", "  Left join on ORIGIN#0 = ORIGIN#0", "    Filter (FLIGHTS#1 > 5)",
            "      Scan DEPARTURES", "    Scan DEPARTURES"]);
    }

    private static string Text(LogicalPlan plan) => PlanPrinter.Print(PlanOptimizer.Optimize(plan)).TrimEnd();

    private static LogicalScan Scan() => new(
        Departures, ScanMode.Bounded, [0, 1, 2], null,
        new(
            [new("ORIGIN", SqlType.Varchar, ColumnRole.Key), new("FLIGHTS", SqlType.BigInt, ColumnRole.Value),
                new("DELAY", SqlType.BigInt, ColumnRole.Value)],
            RelationKind.Table));

    private static LogicalScan Bounded() => Scan() with { Schema = Scan().Schema with { Kind = RelationKind.Rows } };

    private static PlanSchema Rows(params string[] names) => new(
        names.Select(static name => new PlanColumn(name, name == "ORIGIN" ? SqlType.Varchar : SqlType.BigInt, ColumnRole.Value)).ToArray(),
        RelationKind.Rows);

    private static BoundColumn Column(int index) => new(index, Departures.Columns[index].Name, Departures.Columns[index].Type);

    private static BoundLiteral Literal(long value) => new(value, SqlType.BigInt);

    private static BoundLiteral Text(string value) => new(value, SqlType.Varchar);

    private static BoundLogical And(params BoundExpression[] operands) => new(IsAnd: true, operands);

    private static BoundCall Call(string name, BoundExpression left, BoundExpression right)
    {
        var binding = BuiltInFunctions.Registry.FindScalar(name)
            .Select(function => function.Bind([left.Type, right.Type], RuleSet.Postgres)).First(static found => found is not null)!;
        return new(name, binding, [left, right]);
    }
}

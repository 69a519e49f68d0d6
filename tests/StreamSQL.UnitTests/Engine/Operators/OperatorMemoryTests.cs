using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Engine.Operators.Windows;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

/// <summary>Every operator that keeps rows ends with 53200 when its budget is used up, and says which one it was.</summary>
public sealed class OperatorMemoryTests
{
    private const long Budget = 256 * 1024;

    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.Varchar];

    private static readonly PlanSchema Schema = Contexts.Input(RelationKind.Rows, Types).Schema;

    [Theory]
    [InlineData("a sort")]
    [InlineData("a grouping")]
    [InlineData("a grouping", "with ORDER BY in its aggregate")]
    [InlineData("a grouping", "with DISTINCT in its aggregate")]
    [InlineData("a window")]
    [InlineData("a join")]
    [InlineData("DISTINCT")]
    [InlineData("UNION")]
    public void Too_many_rows_end_the_query(string name, string variant = "")
    {
        var context = Contexts.Create(failOnError: true, rules: RuleSet.Postgres, budget: Budget);
        var target = Create(name, variant, context);
        var error = Should.Throw<SqlException>(() =>
        {
            for (var i = 0; i < 64; i++)
            {
                var rows = Enumerable.Range(i * 1000, 1000).Select(static n => Row.At(0, (long)n, $"text of row {n}")).ToArray();
                target.Push(Rows.Batch(Types, rows), name == "a join" ? 1 : 0);
                Rows.Drain(target);
            }
        });
        error.SqlState.ShouldBe(PostgresErrorCodes.OutOfMemory);
        error.Message.ShouldBe($"{name} in test is over its memory budget of {Budget} bytes");
        context.Budget.UsedBytes.ShouldBeLessThanOrEqualTo(Budget);
    }

    private static Operator Create(string name, string variant, OperatorContext context)
    {
        var number = Contexts.Column(0, SqlType.BigInt);
        SortKey[] order = [new(number, false, false)];
        return name switch
        {
            "a sort" => new SortOperator(context, order, Schema, null),
            "a grouping" => new HashAggregateOperator(context, Grouping(variant)),
            "a window" => new WindowOperator(context, new LogicalWindow(
                Contexts.Input(RelationKind.Rows, Types), [], order,
                [new("ROW_NUMBER", new(WindowFunctionKind.RowNumber, [], SqlType.BigInt), null, [], null, FrameSpec.Default)],
                Contexts.Input(RelationKind.Rows, SqlType.BigInt, SqlType.Varchar, SqlType.BigInt).Schema)),
            "a join" => new HashJoinOperator(context, JoinKind.Inner, Schema, Schema, [number], [number], null),
            "DISTINCT" => new DistinctOperator(context, null, Schema),
            _ => new SetOperationOperator(context, SetOperationKind.Union, false, Schema),
        };
    }

    private static LogicalAggregate Grouping(string variant)
    {
        var number = Contexts.Column(0, SqlType.BigInt);
        var count = new AggregateCall("COUNT", BuiltInFunctions.Registry.FindAggregate("COUNT")!.Bind([SqlType.BigInt], RuleSet.Postgres)!,
            [number]);
        var call = variant switch
        {
            "with ORDER BY in its aggregate" => count with { OrderBy = [new(number, true, false)] },
            "with DISTINCT in its aggregate" => count with { Distinct = true },
            _ => count,
        };
        return variant.Length > 0
            ? new LogicalAggregate(Contexts.Input(RelationKind.Rows, Types), [], [call], null, false,
                Contexts.Input(RelationKind.Rows, SqlType.BigInt).Schema)
            : new LogicalAggregate(Contexts.Input(RelationKind.Rows, Types), [number], [call], null, false,
                Contexts.Input(RelationKind.Rows, SqlType.BigInt, SqlType.BigInt).Schema);
    }
}

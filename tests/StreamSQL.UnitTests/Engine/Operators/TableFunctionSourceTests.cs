using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

public sealed class TableFunctionSourceTests
{
    [Fact]
    public void SeriesCountsUpAndDownAndStopsAtTheEndOfTheType()
    {
        Series(1L, 3L).ShouldBe([1L, 2L, 3L]);
        Series(5L, 1L, -2L).ShouldBe([5L, 3L, 1L]);
        Series(3L, 1L).ShouldBeEmpty();
        Series(null, 1L).ShouldBeEmpty();
        Series(long.MaxValue - 1, long.MaxValue).ShouldBe([long.MaxValue - 1, long.MaxValue]);
        Series(1L, 10_000L).Count.ShouldBe(10_000);
        Should.Throw<SqlException>(() => Series(1L, 2L, 0L)).SqlState.ShouldBe("22023");
    }

    [Fact]
    public void UnnestNumbersItsRows()
    {
        var array = new BoundLiteral(new object?[] { "a", null, "c" }, SqlType.ArrayOf(SqlType.Varchar));
        var scan = new LogicalFunctionScan("unnest", [array], new PlanSchema(
            [new PlanColumn("V", SqlType.Varchar, ColumnRole.Value), new PlanColumn("N", SqlType.BigInt, ColumnRole.Value)], RelationKind.Rows));
        var batch = new TableFunctionSource(scan, Contexts.Create(failOnError: true, rules: RuleSet.Postgres)).Pull()!;
        Enumerable.Range(0, batch.Selection.Count).Select(row => (ColumnReader.Read(batch.Columns[0], row), ColumnReader.Read(batch.Columns[1], row)))
            .ShouldBe([("a", 1L), (null, 2L), ("c", 3L)]);
    }

    private static List<object?> Series(params object?[] arguments)
    {
        var scan = new LogicalFunctionScan(
            "generate_series", [.. arguments.Select(static value => new BoundLiteral(value, SqlType.BigInt))],
            new PlanSchema([new PlanColumn("V", SqlType.BigInt, ColumnRole.Value)], RelationKind.Rows));
        var source = new TableFunctionSource(scan, Contexts.Create(failOnError: true, rules: RuleSet.Postgres));
        var values = new List<object?>();
        while (source.Pull() is { } batch)
        {
            foreach (var row in batch.Selection)
                values.Add(ColumnReader.Read(batch.Columns[0], row));
        }

        return values;
    }
}

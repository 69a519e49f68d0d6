using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

public class ExpandOperatorTests
{
    private static readonly SqlType Numbers = SqlType.ArrayOf(SqlType.BigInt);
    private static readonly SqlType[] Types = [SqlType.BigInt, Numbers, Numbers];

    [Fact]
    public void Functions_stand_side_by_side_and_the_shorter_is_padded()
    {
        var expand = Create([0], 1, 2);
        var rows = Rows.Push(expand, Rows.Batch(Types,
        [
            Row.At(5, 1L, Array(1, 2), Array(7)),
            Row.At(6, 2L, Array(), null),
            Row.At(7, 3L, null, Array(8)),
            Row.Tombstone(8, 4L, null, null),
        ]));

        rows.ShouldBe(["1,1,7 @5", "1,2,null @5", "3,null,8 @7"]);
    }

    [Fact]
    public void A_row_that_gives_more_than_a_batch_is_given_out_in_several()
    {
        var expand = Create([0], 1);
        var wanted = new List<string>();
        var batches = Rows.SparseBatches(Types,
            [Row.At(1, 1L, Array(1, 2), null), Row.At(2, 2L, Series(10_000), null), Row.At(3, 3L, Array(9), null)], 3).Single();
        expand.Push(batches);
        var sizes = new List<int>();
        var values = new List<string>();
        while (expand.Pull() is { } output)
        {
            sizes.Add(output.RowCount);
            values.AddRange(Rows.Texts(output));
        }

        wanted.AddRange(["1,1 @1", "1,2 @1"]);
        wanted.AddRange(Enumerable.Range(0, 10_000).Select(static i => $"2,{i} @2"));
        wanted.Add("3,9 @3");
        values.ShouldBe(wanted);
        sizes.ShouldBe([ChangeBatch.MaxRows, ChangeBatch.MaxRows, 10_003 - (2 * ChangeBatch.MaxRows)]);
    }

    [Fact]
    public void A_batch_holds_fewer_rows_where_each_repeats_much()
    {
        var expand = Create([0, 1], 1);
        expand.Push(Rows.Batch(Types, [Row.At(1, 1L, Series(100_000), null)]));

        expand.Pull()!.RowCount.ShouldBe((1 << 22) / 100_001);
    }

    [Fact]
    public void Stream_time_goes_on_without_rows()
    {
        var expand = Create([0], 1);
        var input = Rows.Batch(Types, [Row.At(5, 1L, null, null)]);
        input.StreamTime = 5;
        expand.Push(input);

        var output = expand.Pull()!;
        (output.RowCount, output.StreamTime).ShouldBe((0, 5L));
        expand.Pull().ShouldBeNull();
    }

    private static object?[] Array(params long[] values) => [.. values.Select(static value => (object)value)];

    private static object?[] Series(int count) => [.. Enumerable.Range(0, count).Select(static i => (object)(long)i)];

    private static ExpandOperator Create(int[] kept, params int[] exploded)
    {
        var explode = BuiltInFunctions.Registry.FindTable("EXPLODE")!.Bind([Numbers], RuleSet.Ksql)!;
        var calls = exploded.Select(index => new TableCall("EXPLODE", explode, [Contexts.Column(index, Numbers)])).ToArray();
        var schema = Contexts.Schema(
            RelationKind.Stream, [.. kept.Select(static index => (Types[index], ColumnRole.Value)),
                .. calls.Select(static _ => (SqlType.BigInt, ColumnRole.Value))]);
        return new ExpandOperator(Contexts.Create(), new LogicalExpand(Contexts.Input(RelationKind.Stream, Types), kept, calls, schema));
    }
}

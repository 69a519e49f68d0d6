using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

public class RowOperatorTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt];

    private static readonly BoundExpression Over10 =
        Contexts.Call(">", Contexts.Column(1, SqlType.BigInt), Contexts.Literal(10L, SqlType.BigInt));

    [Fact]
    public void A_stream_filter_keeps_passing_rows_and_drops_rows_without_value()
    {
        var filter = new FilterOperator(Contexts.Create(), Over10, RelationKind.Stream);
        Rows.Push(filter, Rows.Batch(Types, [Row.At(1, 1L, 5L), Row.At(2, 2L, 11L), Row.At(3, 3L, null), Row.Tombstone(4, 4L, 50L)]))
            .ShouldBe(["2,11 @2"]);
        filter.Push(Rows.Batch(Types, [Row.At(1, 1L, 5L)]));
        filter.Pull().ShouldBeNull();
    }

    [Fact]
    public void A_table_filter_gives_a_tombstone_only_for_a_row_that_passed_before()
    {
        var filter = new FilterOperator(Contexts.Create(), Over10, RelationKind.Table);
        const ChangeFlags both = ChangeFlags.HasNew | ChangeFlags.HasOld;
        Rows.Push(filter, Rows.Batch(Types,
        [
            new Row([1L, 20L], 1, both, [1L, 30L]),
            new Row([2L, 20L], 2, both, [2L, 3L]),
            new Row([3L, 2L], 3, both, [3L, 30L]),
            new Row([4L, 2L], 4, both, [4L, 3L]),
            new Row([5L, null], 5, ChangeFlags.HasOld, [5L, 30L]),
            new Row([6L, null], 6, ChangeFlags.HasOld, [6L, 3L]),
            new Row([7L, 20L], 7, ChangeFlags.HasNew, [7L, null]),
            new Row([8L, null], 8, ChangeFlags.None, [8L, null]),
        ])).ShouldBe(["1,20 was 1,30 @1", "2,20 @2", "gone 3 was 3,30 @3", "gone 5 was 5,30 @5", "7,20 @7"]);
        Rows.Push(filter, Rows.Batch(Types, [new Row([1L, 2L], 1, both), new Row([2L, 2L], 1)])).ShouldBe(["gone 1 @1"]);
    }

    [Fact]
    public void A_projection_computes_new_and_old_columns()
    {
        var sum = Contexts.Call("+", Contexts.Column(0, SqlType.BigInt), Contexts.Column(1, SqlType.BigInt));
        var schema = Contexts.Schema(RelationKind.Table, (SqlType.BigInt, ColumnRole.Key), (SqlType.BigInt, ColumnRole.Value),
            (SqlType.BigInt, ColumnRole.Value));
        var project = new ProjectOperator(Contexts.Create(),
            [Contexts.Column(0, SqlType.BigInt), sum, Contexts.Literal(7L, SqlType.BigInt)], schema);
        Rows.Push(project, Rows.Batch(Types,
        [
            new Row([1L, 20L], 1, ChangeFlags.HasNew | ChangeFlags.HasOld, [1L, 30L]),
            new Row([2L, null], 2, ChangeFlags.HasOld, [2L, 30L]),
        ])).ShouldBe(["1,21,7 was 1,31,7 @1", "gone 2 was 2,32,7 @2"]);
    }

    [Fact]
    public void A_new_key_stands_in_front_and_is_null_where_it_cannot_be_computed()
    {
        var key = Contexts.Call("/", Contexts.Column(0, SqlType.BigInt), Contexts.Column(1, SqlType.BigInt));
        var rekey = new RekeyOperator(Contexts.Create(), [key]);
        Rows.Push(rekey, Rows.Batch(Types, [Row.At(1, 8L, 4L), Row.At(2, 8L, 0L)])).ShouldBe(["2,8,4 @1", "null,8,0 @2"]);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(5, 7)]
    [InlineData(null, 13)]
    [InlineData(0, 0)]
    public void A_limit_cuts_across_batches(int? count, int offset)
    {
        var rows = Enumerable.Range(0, 20).Select(static i => Row.At(i, (long)i, (long)i)).ToArray();
        var limit = new LimitOperator(count, offset);
        var outputs = Rows.SparseBatches(Types, rows, 3).SelectMany(batch => Rows.Push(limit, batch)).ToList();
        outputs.ShouldBe(Rows.Texts(Rows.Batch(Types, rows.Skip(offset).Take(count ?? int.MaxValue).ToArray())));
        limit.IsSatisfied.ShouldBe(count is not null);
    }

    [Fact]
    public void Values_are_given_out_in_batches()
    {
        var rows = Enumerable.Range(0, 5000)
            .Select(static i => new BoundExpression[] { Contexts.Literal((long)i, SqlType.BigInt), Contexts.Literal(null, SqlType.BigInt) })
            .ToArray();
        var source = new ValuesSource(Contexts.Create(), rows, Contexts.Input(RelationKind.Rows, Types).Schema);
        var outputs = Rows.Drain(source);
        outputs.Count.ShouldBe(5000);
        outputs[4321].ShouldStartWith("4321,null @");
    }
}

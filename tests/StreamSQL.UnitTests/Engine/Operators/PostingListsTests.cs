using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.ForeignKey;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

/// <summary>Which left rows refer to a foreign key.</summary>
public class PostingListsTests
{
    private static readonly SqlType[] Types = [SqlType.Varchar, SqlType.BigInt];
    private static readonly PlanSchema Schema = new(
        [new PlanColumn("LEFT_KEY", SqlType.Varchar, ColumnRole.Key), new PlanColumn("FOREIGN_KEY", SqlType.BigInt, ColumnRole.Value)],
        RelationKind.Table);

    private readonly RowTable _table = new("t", Schema, new MemoryBudget("test", long.MaxValue, null));
    private readonly PostingLists _lists;

    public PostingListsTests() => _lists = new PostingLists(_table, 1);

    [Fact]
    public void Subscriptions_come_in_the_order_of_their_left_keys()
    {
        Subscribe("m", 1);
        Subscribe("a", 1);
        Subscribe("z", 2);
        Subscribe("c", 1);

        Find(1).ShouldBe(["a", "c", "m"]);
        Find(2).ShouldBe(["z"]);
        Find(3).ShouldBeEmpty();
    }

    [Fact]
    public void A_subscription_that_moves_is_found_by_its_new_key_only()
    {
        Subscribe("a", 1);
        Subscribe("b", 1);
        Subscribe("c", 1);

        Subscribe("b", 2);
        Find(1).ShouldBe(["a", "c"]);
        Find(2).ShouldBe(["b"]);

        Unsubscribe("a");
        Unsubscribe("c");
        Unsubscribe("never there");
        Find(1).ShouldBeEmpty();
        Subscribe("d", 1);
        Find(1).ShouldBe(["d"]);
    }

    [Fact]
    public void It_knows_whether_a_subscription_is_to_a_key()
    {
        var slot = Subscribe("a", 1);
        var keys = Rows.Batch([SqlType.BigInt], [Row.At(0, 1L), Row.At(0, 2L)]);

        _lists.Holds(keys.Columns, 0, slot).ShouldBeTrue();
        _lists.Holds(keys.Columns, 1, slot).ShouldBeFalse();
        _lists.Holds(keys.Columns, 0, slot + 1000).ShouldBeFalse();
    }

    [Fact]
    public void Lists_of_a_restored_table_are_made_from_it()
    {
        for (var i = 0; i < 200; i++)
            Subscribe($"k{i:000}", i % 3);
        Unsubscribe("k003");
        _table.Commit();

        var made = new PostingLists(_table, 1);
        made.Make();

        for (var key = 0; key < 3; key++)
            Find(made, key).ShouldBe(Find(_lists, key));
        Find(made, 0)[1].ShouldBe("k006");
    }

    private int Subscribe(string left, long foreign)
    {
        var batch = Rows.Batch(Types, [Row.At(0, left, foreign)]);
        var slot = new int[1];
        _table.Touch(batch.Columns.AsSpan(0, 1), batch.Selection, slot);
        _lists.Remove(slot[0]);
        _table.Put(slot, batch.Columns.AsSpan(1), [0], batch.RowTime);
        _lists.Add(slot[0]);
        return slot[0];
    }

    private void Unsubscribe(string left)
    {
        var batch = Rows.Batch(Types, [Row.At(0, left, 0L)]);
        var slot = new int[1];
        _table.Touch(batch.Columns.AsSpan(0, 1), batch.Selection, slot);
        _lists.Remove(slot[0]);
        _table.Delete(slot[0]);
    }

    private List<string> Find(long foreign) => Find(_lists, foreign);

    private List<string> Find(PostingLists lists, long foreign)
    {
        var keys = Rows.Batch([SqlType.BigInt], [Row.At(0, foreign)]);
        var slots = lists.Find(keys.Columns, 0).ToArray();
        var left = Rows.Batch([SqlType.Varchar], [.. slots.Select(static _ => Row.At(0, ""))]);
        _table.Index.ReadKeys(slots, left.Columns, 0);
        return [.. slots.Select((_, i) => System.Text.Encoding.UTF8.GetString(((StreamSQL.Data.Columns.BytesColumn)left.Columns[0])[i]))];
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.State;

/// <summary>
/// The law of snapshots: blocks that were copied out while commits and aborts went on, and then the
/// changelog from the first block on, make up the state.
/// </summary>
public class StateScanTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt];

    public static TheoryData<string> Shapes() =>
        ["groups", "tumbling", "expiring", "hopping", "slices", "sessions", "expiring sessions", "rows"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Blocks_of_a_changing_store_and_its_changelog_make_up_the_state(string shape)
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            var (target, table) = Create(shape);
            var changelog = new List<(byte[] Key, byte[]? Value)>();
            for (var i = 0; i < 10; i++)
                Commit(target, table, shape, random, changelog);

            changelog.Clear();
            var blocks = new List<byte[]>();
            foreach (var block in StateCopies.Blocks(table, rowsPerBlock: 2))
            {
                blocks.Add(block);
                if (blocks.Count > 200)
                    continue;
                if (random.Next(3) == 0)
                {
                    Push(target, shape, random);
                    table.Abort();
                }

                if (random.Next(2) == 0)
                    Commit(target, table, shape, random, changelog);
            }

            blocks.Count.ShouldBeGreaterThan(1);
            var copy = Create(shape).Table;
            foreach (var block in blocks)
                StateCopies.Load(copy, block);
            Restore(copy, changelog);
            Rows.Read(copy).ShouldBe(Rows.Read(table), $"seed {seed}");
            ClockOf(copy).ShouldBe(ClockOf(table));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_snapshot_taken_while_a_commit_is_open_holds_only_committed_rows(string shape)
    {
        var random = new Random(9);
        var (target, table) = Create(shape);
        for (var i = 0; i < 12; i++)
            Commit(target, table, shape, random, []);
        var committed = Rows.Read(table);
        var clock = ClockOf(table);

        Push(target, shape, random);
        var copy = Create(shape).Table;
        StateCopies.Copy(table, copy);
        table.Abort();

        Rows.Read(copy).ShouldBe(committed);
        ClockOf(copy).ShouldBe(clock);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_store_that_was_reset_is_as_new(string shape)
    {
        var random = new Random(4);
        var (target, table) = Create(shape);
        for (var i = 0; i < 6; i++)
            Commit(target, table, shape, random, []);
        Push(target, shape, random);
        var (_, other) = Create(shape);

        table.Reset();

        Rows.Read(table).ShouldBeEmpty();
        ClockOf(table).ShouldBe(ClockOf(other));
        var changes = new List<(byte[] Key, byte[]? Value)>();
        var (again, otherTarget) = (CreateOperator(shape, table), CreateOperator(shape, other));
        for (var i = 0; i < 5; i++)
        {
            Commit(again, table, shape, new Random(i), changes);
            Commit(otherTarget, other, shape, new Random(i), changes);
        }

        Rows.Read(table).ShouldBe(Rows.Read(other));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_block_that_is_cut_off_is_refused(string shape)
    {
        var random = new Random(3);
        var (target, table) = Create(shape);
        Commit(target, table, shape, random, []);
        var block = StateCopies.Blocks(table, rowsPerBlock: 5).First();
        for (var length = 0; length < block.Length; length++)
        {
            var cut = block[..length];
            Should.Throw<InvalidDataException>(() => StateCopies.Load(Create(shape).Table, cut), $"cut at {length} of {block.Length}");
        }
    }

    private static (Operator Target, TableState Table) Create(string shape)
    {
        var budget = new MemoryBudget("test", long.MaxValue, null);
        var list = PlanOf(shape);
        TableState table = shape switch
        {
            "rows" => new RowTable("t", RowSchema, budget),
            "sessions" or "expiring sessions" => SessionTable.Create("s", list, budget),
            _ => AggregateTable.Create("s", list, budget, bySlices: shape == "slices"),
        };
        return (CreateOperator(shape, table), table);
    }

    private static Operator CreateOperator(string shape, TableState table)
    {
        var plan = PlanOf(shape);
        return table switch
        {
            RowTable rows => new MaterializeOperator(rows, withOld: false),
            SessionTable sessions => new SessionAggregateOperator(Contexts.Create(), plan, sessions, withOld: false),
            _ => new StreamAggregateOperator(Contexts.Create(), plan, (AggregateTable)table, withOld: false),
        };
    }

    private static PlanSchema RowSchema { get; } = Contexts.Schema(
        RelationKind.Table, (SqlType.BigInt, ColumnRole.Key), (SqlType.BigInt, ColumnRole.Value), (SqlType.Varchar, ColumnRole.Value),
        (SqlType.ArrayOf(SqlType.Integer), ColumnRole.Value), (SqlType.Decimal(20, 2), ColumnRole.Value));

    private static LogicalAggregate PlanOf(string shape)
    {
        var list = Contexts.ListPerKey(SqlType.BigInt, WindowOf(shape));
        if (shape != "slices")
            return list;
        var sum = BuiltInFunctions.Registry.FindAggregate("SUM")!.Bind([SqlType.BigInt], RuleSet.Ksql)!;
        return list with
        {
            Aggregates = [new AggregateCall("SUM", sum, list.Aggregates[0].Arguments)],
            Schema = Contexts.Schema(
                RelationKind.Table, (SqlType.BigInt, ColumnRole.Key), (SqlType.BigInt, ColumnRole.WindowStart),
                (SqlType.BigInt, ColumnRole.WindowEnd),
                (SqlType.BigInt, ColumnRole.Value)),
        };
    }

    private static WindowSpec? WindowOf(string shape) => shape switch
    {
        "tumbling" => new(WindowKind.Tumbling, 10, 10, 1000, null),
        "expiring" => new(WindowKind.Tumbling, 10, 10, 0, 30),
        "hopping" or "slices" => new(WindowKind.Hopping, 10, 4, 5, 60),
        "sessions" => new(WindowKind.Session, 4, 4, 1000, null),
        "expiring sessions" => new(WindowKind.Session, 4, 4, 10, 40),
        _ => null,
    };

    private static TableClock ClockOf(TableState table) => table switch
    {
        AggregateTable aggregate => aggregate.CommittedClock,
        SessionTable sessions => sessions.CommittedClock,
        _ => default,
    };

    private static void Push(Operator target, string shape, Random random)
    {
        var batch = shape == "rows" ? RowBatch(random) : Rows.Batch(Types, AggregateRows(random));
        Rows.Push(target, batch);
    }

    private static ChangeBatch RowBatch(Random random)
    {
        var types = RowSchema.Columns.Select(static column => column.Type).ToArray();
        return Rows.Batch(types, Enumerable.Range(0, 12).Select(_ => new Row(
            [
                (long)random.Next(60), random.Next(4) == 0 ? null : random.NextInt64(),
                random.Next(4) == 0 ? null : new string('x', random.Next(9)),
                null, random.Next(4) == 0 ? null : (Int128)random.NextInt64(),
            ],
            random.Next(1000), random.Next(3) == 0 ? ChangeFlags.None : ChangeFlags.HasNew)).ToArray());
    }

    private static Row[] AggregateRows(Random random)
    {
        var now = 100 + random.Next(120);
        return Enumerable.Range(0, 12)
            .Select(_ => Row.At(Math.Max(0, now + random.Next(-20, 8)), (long)random.Next(40), (long)random.Next(1000))).ToArray();
    }

    private static void Commit(Operator target, TableState table, string shape, Random random, List<(byte[] Key, byte[]? Value)> changelog)
    {
        Push(target, shape, random);
        var keys = new SliceList();
        var values = new SliceList();
        keys.Reset();
        values.Reset();
        table.WriteChangelog(keys, values);
        for (var i = 0; i < keys.Count; i++)
            changelog.Add((keys[i].ToArray(), values.IsNull(i) ? null : values[i].ToArray()));
        Rows.Signal(target, OperatorSignal.Commit);
        table.Commit();
    }

    private static void Restore(StateStore store, List<(byte[] Key, byte[]? Value)> changelog)
    {
        var keys = new SliceList();
        var values = new SliceList();
        keys.Reset();
        values.Reset();
        foreach (var (key, value) in changelog)
        {
            keys.Append(key);
            if (value is null)
                values.AddNull();
            else
                values.Append(value);
        }

        store.Restore(keys, values);
        store.Commit();
    }
}

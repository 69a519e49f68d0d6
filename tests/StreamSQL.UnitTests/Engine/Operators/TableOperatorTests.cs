using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

public class TableOperatorTests
{
    private static readonly SqlType[] Types = [SqlType.Varchar, SqlType.BigInt, SqlType.Varchar];

    private static readonly PlanSchema Schema = Contexts.Schema(
        RelationKind.Table, (SqlType.Varchar, ColumnRole.Key), (SqlType.BigInt, ColumnRole.Value), (SqlType.Varchar, ColumnRole.Value));

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(3000)]
    public void Records_of_a_table_become_changes_that_know_the_row_before(int batchSize)
    {
        var table = CreateTable();
        var target = new MaterializeOperator(table, withOld: true);
        var model = new Dictionary<string, string>();
        var rows = RandomRecords(31, 3000);
        var random = new Random(2);
        foreach (var chunk in rows.Chunk(batchSize))
        {
            var outputs = Rows.Push(target, Rows.SparseBatches(Types, chunk, batchSize).Single());
            var expected = new List<string>();
            foreach (var row in chunk)
            {
                var key = (string)row.Values[0]!;
                var old = model.TryGetValue(key, out var known) ? $" was {known}" : "";
                if (row.Flags == ChangeFlags.HasNew)
                    model[key] = $"{key},{row.Values[1]},{row.Values[2] ?? "null"}";
                else
                    model.Remove(key);
                expected.Add($"{(row.Flags == ChangeFlags.HasNew ? model[key] : "gone " + key)}{old} @{row.Time}");
            }

            outputs.ShouldBe(expected);
            if (random.Next(3) == 0)
                table.Commit();
        }

        table.Commit();
        Rows.Read(table).Select(static row => row.Split(" @")[0]).ShouldBe(model.Values.Order(StringComparer.Ordinal));
        table.Index.Count.ShouldBe(model.Count);
    }

    [Fact]
    public void A_table_goes_back_on_abort_and_comes_back_from_changelog_and_snapshot()
    {
        var table = CreateTable();
        var restored = CreateTable();
        var target = new MaterializeOperator(table, withOld: false);
        var keys = new SliceList();
        var values = new SliceList();
        foreach (var chunk in RandomRecords(32, 8000).Chunk(200))
        {
            var before = Rows.Read(table);
            Rows.Push(target, Rows.Batch(Types, RandomRecords(chunk.Length + (int)chunk[0].Time, 150)));
            Rows.Read(table).ShouldBe(before);
            table.Abort();
            Rows.Read(table).ShouldBe(before);

            Rows.Push(target, Rows.Batch(Types, chunk));
            keys.Reset();
            values.Reset();
            table.WriteChangelog(keys, values);
            table.Commit();
            restored.Restore(keys, values);
            Rows.Read(restored).ShouldBe(Rows.Read(table));
        }

        var copy = CreateTable();
        StateCopies.Copy(table, copy);
        Rows.Read(copy).ShouldBe(Rows.Read(table));
        var points = Rows.Batch([SqlType.Varchar], [Row.At(0, "k3"), Row.At(0, "none"), Row.At(0, "k3"), Row.At(0, [null])]);
        Rows.Read(copy, new TableAccess(points))
            .ShouldBe(Rows.Read(table).Where(static row => row.StartsWith("k3,", StringComparison.Ordinal)));
    }

    [Fact]
    public void Overwriting_rows_for_ever_does_not_grow_the_table_for_ever()
    {
        var table = CreateTable();
        var target = new MaterializeOperator(table, withOld: false);
        var text = new string('x', 100);
        for (var round = 0; round < 400; round++)
        {
            Rows.Push(target, Rows.Batch(Types, Enumerable.Range(0, 500).Select(i => Row.At(round, $"k{i}", (long)round, text + round))
                .ToArray()));
            table.Commit();
        }

        table.MemoryBytes.ShouldBeLessThan(4_000_000);
        Rows.Read(table).ShouldAllBe(row => row.EndsWith($"{text}399 @399", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(EmissionMode.EveryChange, 1)]
    [InlineData(EmissionMode.EveryChange, 100)]
    [InlineData(EmissionMode.PerCommit, 100)]
    public void Aggregating_a_table_takes_old_rows_back(EmissionMode emission, int batchSize)
    {
        var context = Contexts.Create(emission);
        var source = CreateTable();
        var materialize = new MaterializeOperator(source, withOld: true);
        var plan = Contexts.ListPerKey(SqlType.Varchar, null, input: RelationKind.Table) with
        {
            Keys = [Contexts.Column(2, SqlType.Varchar)],
        };
        var groups = AggregateTable.Create("g", plan, context.Budget);
        var target = new TableAggregateOperator(context, plan, groups, withOld: true);
        var model = new Dictionary<string, (string? Group, long Value)>();
        var lists = new Dictionary<string, List<long>>();
        foreach (var chunk in RandomRecords(33, 2000).Chunk(batchSize))
        {
            var expected = new List<string>();
            foreach (var row in chunk)
                Apply(model, lists, row, expected);
            materialize.Push(Rows.Batch(Types, chunk));
            var outputs = Rows.Push(target, materialize.Pull()!);
            materialize.Pull().ShouldBeNull();
            if (emission == EmissionMode.EveryChange)
                outputs.Select(static row => row.Split(" @")[0]).ShouldBe(expected);
            else
                Rows.Signal(target, OperatorSignal.Commit).Count.ShouldBeLessThanOrEqualTo(4);
            source.Commit();
            groups.Commit();
            Rows.Read(groups).Select(static row => row.Split(" @")[0])
                .ShouldBe(lists.Select(static list => $"{list.Key},{string.Join('+', list.Value)}").Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void An_aggregate_that_cannot_take_rows_back_is_refused()
    {
        var plan = Contexts.ListPerKey(SqlType.Varchar, null, input: RelationKind.Table);
        plan = plan with { Aggregates = [plan.Aggregates[0] with { Binding = ListState.Binding with { CanRetract = false } }] };
        var context = Contexts.Create();
        Should.Throw<SqlException>(() => new TableAggregateOperator(context, plan, AggregateTable.Create("g", plan, context.Budget),
            false)).SqlState.ShouldBe("0A000");
    }

    [Theory]
    [InlineData(JoinKind.Inner)]
    [InlineData(JoinKind.Left)]
    public void A_stream_joins_the_table_as_it_is(JoinKind kind)
    {
        var table = CreateTable();
        var materialize = new MaterializeOperator(table, withOld: false);
        SqlType[] streamTypes = [SqlType.BigInt, SqlType.Varchar];
        var left = Contexts.Input(RelationKind.Stream, streamTypes);
        var right = new LogicalScanless(Schema);
        var plan = new LogicalJoin(
            left, right, kind, [Contexts.Column(1, SqlType.Varchar)], [Contexts.Column(0, SqlType.Varchar)], null, null,
            new PlanSchema([new("K", SqlType.Varchar, ColumnRole.Key), .. left.Schema.Columns, .. right.Schema.Columns],
                RelationKind.Stream))
            { KeyColumns = 1 };
        var target = new StreamTableJoinOperator(Contexts.Create(), plan, table);
        var model = new Dictionary<string, string>();
        var random = new Random(8);
        for (var round = 0; round < 60; round++)
        {
            var records = RandomRecords(100 + round, 20);
            Rows.Push(materialize, Rows.Batch(Types, records));
            foreach (var row in records)
            {
                if (row.Flags == ChangeFlags.HasNew)
                    model[(string)row.Values[0]!] = $"{row.Values[0]},{row.Values[1]},{row.Values[2] ?? "null"}";
                else
                    model.Remove((string)row.Values[0]!);
            }

            var events = Enumerable.Range(0, 50)
                .Select(i => new Row([(long)i, random.Next(12) == 0 ? null : $"k{random.Next(40)}"], i,
                    random.Next(9) == 0 ? ChangeFlags.None : ChangeFlags.HasNew)).ToArray();
            var expected = events.Where(static row => row.Flags == ChangeFlags.HasNew)
                .Select(row => (Left: $"{row.Values[1] ?? "null"},{row.Values[0]},{row.Values[1] ?? "null"}",
                    Right: row.Values[1] is string key ? model.GetValueOrDefault(key) : null, row.Time))
                .Where(row => row.Right is not null || kind == JoinKind.Left)
                .Select(static row => $"{row.Left},{row.Right ?? "null,null,null"} @{row.Time}");
            var batch = round % 2 == 0 ? Rows.Batch(streamTypes, events) : Rows.SparseBatches(streamTypes, events, 50).Single();
            Rows.Push(target, batch).ShouldBe(expected);
        }
    }

    private static RowTable CreateTable() => new("t", Schema, new MemoryBudget("test", long.MaxValue, null));

    private static Row[] RandomRecords(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(i => new Row(
            [$"k{random.Next(30)}", (long)i, random.Next(8) == 0 ? null : $"g{random.Next(4)}"], i,
            random.Next(6) == 0 ? ChangeFlags.None : ChangeFlags.HasNew)).ToArray();
    }

    private static void Apply(
        Dictionary<string, (string? Group, long Value)> model, Dictionary<string, List<long>> lists, Row row, List<string> changes)
    {
        var key = (string)row.Values[0]!;
        var old = model.TryGetValue(key, out var known) ? known.Group : null;
        var now = row.Flags == ChangeFlags.HasNew ? (string?)row.Values[2] : null;
        var beforeOfNow = now is null || !lists.TryGetValue(now, out var list) ? "" : $" was {now},{string.Join('+', list)}";
        if (old is not null)
        {
            var before = $" was {old},{string.Join('+', lists[old])}";
            lists[old].Remove(known.Value);
            if (old != now)
                changes.Add($"{old},{string.Join('+', lists[old])}{before}");
        }

        if (now is not null)
        {
            lists.TryAdd(now, []);
            lists[now].Add((long)row.Values[1]!);
            changes.Add($"{now},{string.Join('+', lists[now])}{beforeOfNow}");
        }

        if (row.Flags == ChangeFlags.HasNew)
            model[key] = (now, (long)row.Values[1]!);
        else
            model.Remove(key);
    }
}

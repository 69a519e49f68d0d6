using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

public class StreamAggregateTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt];

    public static TheoryData<WindowKind?, long, long, long> Windows() => new()
    {
        { null, 0, 0, 0 },
        { WindowKind.Tumbling, 10, 10, 5 },
        { WindowKind.Tumbling, 10, 10, 1000 },
        { WindowKind.Hopping, 10, 3, 4 },
        { WindowKind.Hopping, 6, 2, 0 },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void Every_change_is_what_an_oracle_computes_row_by_row(WindowKind? kind, long size, long advance, long grace)
    {
        var window = Window(kind, size, advance, grace);
        var rows = RandomRows(seed: 11, count: 2000);
        var (expected, late) = Oracle(rows, window);

        foreach (var batchSize in new[] { 1, 7, 500, 2000 })
        {
            var context = Contexts.Create(EmissionMode.EveryChange);
            var (target, _) = Create(context, window, withOld: true);
            var outputs = Rows.SparseBatches(Types, rows, batchSize).SelectMany(batch => Rows.Push(target, batch)).ToList();
            outputs.ShouldBe(expected);
            context.Counters.LateRows.ShouldBe(late);
        }
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void Folded_changes_end_where_every_change_ends(WindowKind? kind, long size, long advance, long grace)
    {
        var window = Window(kind, size, advance, grace);
        var rows = RandomRows(seed: 12, count: 1500);
        foreach (var commitEvery in new[] { 1, 40, 1500 })
        {
            var (target, table) = Create(Contexts.Create(), window, withOld: true);
            var folded = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var chunk in rows.Chunk(commitEvery))
            {
                foreach (var batch in Rows.SparseBatches(Types, chunk, 17))
                    Rows.Push(target, batch).ShouldBeEmpty();
                foreach (var change in Rows.Signal(target, OperatorSignal.Commit))
                    Apply(folded, change, window is null ? 1 : 3);
                table.Commit();
                Rows.Signal(target, OperatorSignal.Commit).ShouldBeEmpty();
            }

            var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var change in Oracle(rows, window).Changes)
                Apply(last, change, window is null ? 1 : 3, checkOld: false);
            folded.ShouldBe(last);
        }
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void Aborted_commits_leave_no_trace_and_restored_state_goes_on(WindowKind? kind, long size, long advance, long grace)
    {
        var window = Window(kind, size, advance, grace);
        var rows = RandomRows(seed: 13, count: 1200);
        var (target, table) = Create(Contexts.Create(), window, withOld: false);
        var (plain, plainTable) = Create(Contexts.Create(), window, withOld: false);
        var keys = new SliceList();
        var values = new SliceList();
        var restored = CreateTable(window);
        var random = new Random(5);
        foreach (var chunk in rows.Chunk(60))
        {
            if (random.Next(2) == 0)
            {
                var before = Rows.Read(table);
                foreach (var batch in Rows.SparseBatches(Types, RandomRows(random.Next(), 50), 20))
                    Rows.Push(target, batch);
                Rows.Read(table).ShouldBe(before);
                table.Abort();
                Rows.Read(table).ShouldBe(before);
            }

            foreach (var batch in Rows.SparseBatches(Types, chunk, 33))
            {
                Rows.Push(target, batch);
                Rows.Push(plain, batch);
            }

            keys.Reset();
            values.Reset();
            table.WriteChangelog(keys, values);
            table.Commit();
            plainTable.Commit();
            restored.Restore(keys, values);
            Rows.Read(table).ShouldBe(Rows.Read(plainTable));
            Rows.Read(restored).ShouldBe(Rows.Read(table));
            restored.Clock.ShouldBe(table.Clock);
        }

        var copy = CreateTable(window);
        StateCopies.Copy(table, copy);
        Rows.Read(copy).ShouldBe(Rows.Read(table));
    }

    [Fact]
    public void Final_results_come_once_when_the_window_has_closed_in_order_of_start_and_key()
    {
        var window = new WindowSpec(WindowKind.Tumbling, 10, 10, 2, null);
        foreach (var batchSize in new[] { 1, 3, 100 })
        {
            var (target, table) = Create(Contexts.Create(), window, withOld: false, emitFinal: true);
            Row[] rows = [At(1, 9, 1), At(3, 5, 2), At(11, 5, 3), At(9, 9, 4), At(12, 5, 5), At(2, 5, 6), At(35, 1, 7), At(100, 1, 8)];
            var outputs = new List<string>();
            foreach (var batch in Rows.SparseBatches(Types, rows, batchSize))
            {
                outputs.AddRange(Rows.Push(target, batch));
                Rows.Signal(target, OperatorSignal.Commit).ShouldBeEmpty();
                table.Commit();
            }

            outputs.ShouldBe(["5,0,10,2 @3", "9,0,10,1+4 @9", "5,10,20,3+5 @12", "1,30,40,7 @35"]);
        }
    }

    [Fact]
    public void A_jump_of_time_loses_final_results_only_where_ksqlDB_compatibility_asks_for_it()
    {
        var window = new WindowSpec(WindowKind.Tumbling, 10, 10, 5, null);
        Row[] rows = [At(1, 1, 1), At(12, 1, 2), At(13, 2, 3), At(40, 1, 4), At(50, 1, 5), At(55, 2, 6)];
        foreach (var batchSize in new[] { 1, 6 })
        {
            Final(compat: false).ShouldBe(["1,0,10,1 @1", "1,10,20,2 @12", "2,10,20,3 @13", "1,40,50,4 @40"]);
            Final(compat: true).ShouldBe(["1,40,50,4 @40"]);

            List<string> Final(bool compat)
            {
                var (target, _) = Create(Contexts.Create(compat: compat), window, withOld: false, emitFinal: true);
                return Rows.SparseBatches(Types, rows, batchSize).SelectMany(batch => Rows.Push(target, batch)).ToList();
            }
        }
    }

    [Fact]
    public void Behind_a_repartition_the_floor_decides_what_is_late_and_stream_time_what_is_final()
    {
        var window = new WindowSpec(WindowKind.Tumbling, 10, 10, 0, null);
        var context = Contexts.Create(EmissionMode.EveryChange);
        var (target, _) = Create(context, window, withOld: false);
        var batch = Rows.Batch(Types, [At(95, 1, 1), At(5, 1, 2), At(25, 1, 3)]);
        (batch.StreamTime, batch.StreamTimeFloor) = (90, 20);
        Rows.Push(target, batch).ShouldBe(["1,90,100,1 @95", "1,20,30,3 @25"]);
        context.Counters.LateRows.ShouldBe(1);

        var (final, _) = Create(Contexts.Create(), window, withOld: false, emitFinal: true);
        batch = Rows.Batch(Types, [At(95, 1, 1), At(25, 1, 3)]);
        (batch.StreamTime, batch.StreamTimeFloor) = (30, 20);
        Rows.Push(final, batch).ShouldBe(["1,20,30,3 @25"]);
    }

    [Fact]
    public void Windows_out_of_retention_disappear_at_the_commit()
    {
        var window = new WindowSpec(WindowKind.Tumbling, 10, 10, 0, 50);
        var (target, table) = Create(Contexts.Create(), window, withOld: false);
        Rows.Push(target, Rows.Batch(Types, [At(5, 1, 1), At(15, 1, 2)]));
        table.Commit();
        Rows.Push(target, Rows.Batch(Types, [At(59, 1, 3)]));
        Rows.Read(table).ShouldBe(["1,0,10,1 @5", "1,10,20,2 @15"]);
        var keys = new SliceList();
        var values = new SliceList();
        table.WriteChangelog(keys, values);
        Enumerable.Range(0, values.Count).Count(values.IsNull).ShouldBe(1);
        table.Commit();
        Rows.Read(table).ShouldBe(["1,10,20,2 @15", "1,50,60,3 @59"]);
    }

    [Fact]
    public void Reads_find_keys_and_window_ranges()
    {
        var window = new WindowSpec(WindowKind.Tumbling, 10, 10, 0, null);
        var (target, table) = Create(Contexts.Create(), window, withOld: false);
        Rows.Push(target, Rows.Batch(Types, Enumerable.Range(0, 90).Select(static i => At(i, i % 3, i)).ToArray()));
        Rows.Read(table).ShouldBeEmpty();
        table.Commit();
        var points = Rows.Batch([SqlType.BigInt], [Row.At(0, 1L), Row.At(0, 99L), Row.At(0, 1L), Row.At(0, [null])]);
        Rows.Read(table, new TableAccess(points, WindowStartMin: 15, WindowStartMax: 45, WindowEndMin: 35, WindowEndMax: 50))
            .ShouldBe(["1,30,40,31+34+37 @37", "1,40,50,40+43+46+49 @49"]);
        Rows.Read(table).Count.ShouldBe(27);
    }

    [Fact]
    public void Rows_without_key_or_value_take_no_part()
    {
        var context = Contexts.Create(EmissionMode.EveryChange);
        var (target, _) = Create(context, null, withOld: false);
        var batch = Rows.Batch(Types, [Row.At(1, null, 1L), Row.Tombstone(2, 1L, 5L), At(3, 1, 9)]);
        Rows.Push(target, batch).ShouldBe(["1,9 @3"]);
        context.Counters.LateRows.ShouldBe(0);
    }

    [Fact]
    public void State_over_its_budget_stops_the_query()
    {
        var (target, _) = Create(Contexts.Create(budget: 100_000), null, withOld: false);
        var rows = Enumerable.Range(0, 100_000).Select(static i => At(i, i, i)).ToArray();
        var error = Should.Throw<StreamSQL.Data.Errors.SqlException>(() =>
        {
            foreach (var batch in Rows.SparseBatches(Types, rows, 1000))
                Rows.Push(target, batch);
        });
        error.SqlState.ShouldBe("53200");
    }

    private static Row At(long time, long key, long value) => Row.At(time, key, value);

    private static WindowSpec? Window(WindowKind? kind, long size, long advance, long grace) =>
        kind is null ? null : new WindowSpec(kind.Value, size, advance, grace, size + grace + 3);

    private static (StreamAggregateOperator Operator, AggregateTable Table) Create(OperatorContext context, WindowSpec? window,
        bool withOld, bool emitFinal = false)
    {
        var plan = Contexts.ListPerKey(SqlType.BigInt, window, emitFinal);
        var table = AggregateTable.Create("s", plan, context.Budget);
        return (new StreamAggregateOperator(context, plan, table, withOld), table);
    }

    private static AggregateTable CreateTable(WindowSpec? window) =>
        AggregateTable.Create("s", Contexts.ListPerKey(SqlType.BigInt, window), new MemoryBudget("copy", long.MaxValue, null));

    private static List<Row> RandomRows(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(i => At(Math.Max(0, (i / 8) + random.Next(-12, 8)), random.Next(6), i)).ToList();
    }

    /// <summary>Changes as text, one per row and window, and how many rows no window took.</summary>
    private static (List<string> Changes, int Late) Oracle(List<Row> rows, WindowSpec? window)
    {
        var groups = new Dictionary<(long Key, long Start), (List<long> Values, long Time)>();
        var changes = new List<string>();
        var streamTime = long.MinValue;
        var late = 0;
        foreach (var row in rows)
        {
            var (key, value) = ((long)row.Values[0]!, (long)row.Values[1]!);
            streamTime = Math.Max(streamTime, row.Time);
            var taken = 0;
            foreach (var start in Starts(row.Time, window))
            {
                if (window is not null && start + window.SizeMs + window.GraceMs <= streamTime)
                    continue;
                taken++;
                var bounds = window is null ? "" : $"{start},{start + window.SizeMs},";
                var old = groups.TryGetValue((key, start), out var group) ? $" was {key},{bounds}{string.Join('+', group.Values)}" : "";
                group = (group.Values ?? [], Math.Max(row.Time, old.Length == 0 ? 0 : group.Time));
                group.Values.Add(value);
                groups[(key, start)] = group;
                changes.Add($"{key},{bounds}{string.Join('+', group.Values)}{old} @{group.Time}");
            }

            late += taken == 0 ? 1 : 0;
        }

        return (changes, late);
    }

    private static IEnumerable<long> Starts(long time, WindowSpec? window)
    {
        if (window is null)
            return [0];
        return Enumerable.Range(0, 10_000).Select(i => i * window.AdvanceMs).Where(start => start <= time && time < start + window.SizeMs);
    }

    /// <summary>Applies a change to a table kept as text, and checks that its old row is the row that is there.</summary>
    private static void Apply(SortedDictionary<string, string> table, string change, int keyColumns, bool checkOld = true)
    {
        var parts = change[..change.LastIndexOf(" @", StringComparison.Ordinal)].Split(" was ");
        var key = string.Join(',', parts[0].Split(',')[..keyColumns]);
        if (checkOld)
            table.GetValueOrDefault(key).ShouldBe(parts.Length > 1 ? parts[1] : null);
        table[key] = parts[0];
    }
}

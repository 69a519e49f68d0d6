using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

public class SessionAggregateTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt];

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 20)]
    [InlineData(10, 5)]
    public void Every_change_is_what_an_oracle_computes_row_by_row(long gap, long grace)
    {
        var rows = RandomRows(seed: 21, count: 1500);
        var oracle = new SessionOracle(gap, grace);
        var expected = rows.SelectMany(oracle.Add).ToList();
        foreach (var (batchSize, commitEvery) in new[] { (1, 1), (9, 4), (400, 3), (1500, 1) })
        {
            var context = Contexts.Create(EmissionMode.EveryChange);
            var (target, table) = Create(context, gap, grace, withOld: true);
            var outputs = new List<string>();
            var batches = 0;
            foreach (var batch in Rows.SparseBatches(Types, rows, batchSize))
            {
                outputs.AddRange(Rows.Push(target, batch));
                if (++batches % commitEvery == 0)
                    table.Commit();
            }

            outputs.ShouldBe(expected);
            context.Counters.LateRows.ShouldBe(oracle.Late);
            table.Commit();
            Rows.Read(table).ShouldBe(oracle.Rows());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(1000)]
    public void Folded_changes_build_the_same_table_and_know_the_committed_rows(int commitEvery)
    {
        var rows = RandomRows(seed: 22, count: 1000);
        var oracle = new SessionOracle(4, 1000);
        var (target, table) = Create(Contexts.Create(), 4, 1000, withOld: true);
        var sink = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var chunk in rows.Chunk(commitEvery))
        {
            foreach (var row in chunk)
                _ = oracle.Add(row).Count();
            foreach (var batch in Rows.SparseBatches(Types, chunk, 11))
                Rows.Push(target, batch).ShouldBeEmpty();
            foreach (var change in Rows.Signal(target, OperatorSignal.Commit))
                Apply(sink, change);
            table.Commit();
            sink.Values.Order(StringComparer.Ordinal).ShouldBe(oracle.Rows().Select(static row => row.Split(" @")[0]));
        }
    }

    [Fact]
    public void Aborted_commits_leave_no_trace_and_restored_state_goes_on()
    {
        var rows = RandomRows(seed: 23, count: 1500);
        var oracle = new SessionOracle(5, 30);
        var (target, table) = Create(Contexts.Create(), 5, 30, withOld: false);
        var restored = CreateTable(5, 30);
        var keys = new SliceList();
        var values = new SliceList();
        var random = new Random(5);
        foreach (var chunk in rows.Chunk(50))
        {
            if (random.Next(2) == 0)
            {
                var before = Rows.Read(table);
                Rows.Push(target, Rows.Batch(Types, RandomRows(random.Next(), 80)));
                Rows.Read(table).ShouldBe(before);
                table.Abort();
                Rows.Read(table).ShouldBe(before);
            }

            foreach (var row in chunk)
                _ = oracle.Add(row).Count();
            foreach (var batch in Rows.SparseBatches(Types, chunk, 13))
                Rows.Push(target, batch);
            keys.Reset();
            values.Reset();
            table.WriteChangelog(keys, values);
            table.Commit();
            restored.Restore(keys, values);
            Rows.Read(table).ShouldBe(oracle.Rows());
            Rows.Read(restored).ShouldBe(oracle.Rows());
        }

        var copy = CreateTable(5, 30);
        StateCopies.Copy(table, copy);
        Rows.Read(copy).ShouldBe(oracle.Rows());
        copy.Clock.ShouldBe(table.Clock);
    }

    [Fact]
    public void Results_do_not_depend_on_the_order_of_rows_within_grace()
    {
        var rows = RandomRows(seed: 24, count: 400);
        var shuffled = rows.ToArray();
        new Random(1).Shuffle(shuffled);
        Read(rows).ShouldBe(Read(shuffled));

        static List<string> Read(IReadOnlyList<Row> rows)
        {
            var (target, table) = Create(Contexts.Create(), 3, 1_000_000, withOld: false);
            foreach (var batch in Rows.SparseBatches(Types,
                rows.Select(static row => row with { Values = [row.Values[0], 1L] }).ToArray(), 60))
                Rows.Push(target, batch);
            table.Commit();
            return Rows.Read(table);
        }
    }

    [Fact]
    public void A_row_that_makes_the_same_window_alone_has_no_tombstone_and_one_inside_a_session_has()
    {
        var (target, _) = Create(Contexts.Create(EmissionMode.EveryChange), 10, 0, withOld: false);
        Rows.Push(target, Rows.Batch(Types, [Row.At(5, 1L, 1L)])).ShouldBe(["1,5,5,1 @5"]);
        Rows.Push(target, Rows.Batch(Types, [Row.At(5, 1L, 2L)])).ShouldBe(["1,5,5,1+2 @5"]);
        Rows.Push(target, Rows.Batch(Types, [Row.At(9, 1L, 3L)])).ShouldBe(["gone 1 @5", "1,5,9,1+2+3 @9"]);
        Rows.Push(target, Rows.Batch(Types, [Row.At(7, 1L, 4L)])).ShouldBe(["gone 1 @9", "1,5,9,1+2+3+4 @9"]);
    }

    [Fact]
    public void Final_sessions_come_once_when_they_are_closed()
    {
        foreach (var batchSize in new[] { 1, 2, 50 })
        {
            var (target, table) = Create(Contexts.Create(), 5, 2, withOld: false, emitFinal: true);
            Row[] rows = [Row.At(1, 1L, 1L), Row.At(2, 2L, 2L), Row.At(4, 1L, 3L), Row.At(9, 2L, 4L), Row.At(12, 3L, 5L),
                Row.At(50, 1L, 6L)];
            var outputs = new List<string>();
            foreach (var batch in Rows.SparseBatches(Types, rows, batchSize))
            {
                outputs.AddRange(Rows.Push(target, batch));
                table.Commit();
            }

            outputs.ShouldBe(["2,2,2,2 @2", "1,1,4,1+3 @4", "2,9,9,4 @9", "3,12,12,5 @12"]);
        }
    }

    [Fact]
    public void Sessions_out_of_retention_disappear_but_not_before_they_were_given_out()
    {
        var plan = Contexts.ListPerKey(SqlType.BigInt, new WindowSpec(WindowKind.Session, 5, 5, 0, 100));
        var context = Contexts.Create();
        var table = SessionTable.Create("s", plan, context.Budget);
        var target = new SessionAggregateOperator(context, plan, table, withOld: false);
        Rows.Push(target, Rows.Batch(Types, [Row.At(1, 1L, 1L), Row.At(500, 2L, 2L)]));
        Rows.Signal(target, OperatorSignal.Commit).ShouldBe(["1,1,1,1 @1", "2,500,500,2 @500"]);
        table.Commit();
        Rows.Push(target, Rows.Batch(Types, [Row.At(600, 2L, 3L)]));
        Rows.Signal(target, OperatorSignal.Commit).ShouldBe(["2,600,600,3 @600"]);
        var keys = new SliceList();
        var values = new SliceList();
        table.WriteChangelog(keys, values);
        Enumerable.Range(0, values.Count).Count(values.IsNull).ShouldBe(1);
        table.Commit();
        Rows.Read(table).ShouldBe(["2,500,500,2 @500", "2,600,600,3 @600"]);
    }

    [Fact]
    public void Reads_find_keys()
    {
        var (target, table) = Create(Contexts.Create(), 2, 10_000, withOld: false);
        Rows.Push(target, Rows.Batch(Types, Enumerable.Range(0, 100).Select(static i => Row.At(i * 10, (long)(i % 4), (long)i)).ToArray()));
        table.Commit();
        var points = Rows.Batch([SqlType.BigInt], [Row.At(0, 3L), Row.At(0, 8L)]);
        Rows.Read(table, new TableAccess(points, WindowStartMin: 900))
            .ShouldBe(["3,910,910,91 @910", "3,950,950,95 @950", "3,990,990,99 @990"]);
    }

    private static (SessionAggregateOperator Operator, SessionTable Table) Create(OperatorContext context, long gap, long grace,
        bool withOld, bool emitFinal = false)
    {
        var plan = Contexts.ListPerKey(SqlType.BigInt, new WindowSpec(WindowKind.Session, gap, gap, grace, null), emitFinal);
        var table = SessionTable.Create("s", plan, context.Budget);
        return (new SessionAggregateOperator(context, plan, table, withOld), table);
    }

    private static SessionTable CreateTable(long gap, long grace) => SessionTable.Create(
        "s", Contexts.ListPerKey(SqlType.BigInt, new WindowSpec(WindowKind.Session, gap, gap, grace, null)),
        new MemoryBudget("copy", long.MaxValue, null));

    private static List<Row> RandomRows(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(i => Row.At(Math.Max(0, i + random.Next(-25, 10)), (long)random.Next(5), (long)i))
            .ToList();
    }

    private static void Apply(SortedDictionary<string, string> sink, string change)
    {
        var parts = change[..change.LastIndexOf(" @", StringComparison.Ordinal)].Split(" was ");
        var isGone = parts[0].StartsWith("gone", StringComparison.Ordinal);
        var key = string.Join(',', (isGone ? parts[1] : parts[0]).Split(',')[..3]);
        sink.GetValueOrDefault(key).ShouldBe(parts.Length > 1 ? parts[1] : null);
        if (isGone)
            sink.Remove(key);
        else
            sink[key] = parts[0];
    }

    /// <summary>Sessions computed row by row from the definition.</summary>
    private sealed class SessionOracle(long gap, long grace)
    {
        private readonly List<(long Key, long Start, long End, List<long> Values)> _sessions = [];
        private long _streamTime = long.MinValue;

        public int Late { get; private set; }

        public List<string> Rows() => _sessions.Select(static s => $"{s.Key},{s.Start},{s.End},{string.Join('+', s.Values)} @{s.End}")
            .Order(StringComparer.Ordinal).ToList();

        public IEnumerable<string> Add(Row row)
        {
            var (key, value) = ((long)row.Values[0]!, (long)row.Values[1]!);
            _streamTime = Math.Max(_streamTime, row.Time);
            var found = _sessions.Where(s => s.Key == key && s.End >= row.Time - gap && s.Start <= row.Time + gap)
                .OrderBy(static s => s.Start).ToList();
            var start = found.Select(static s => s.Start).Append(row.Time).Min();
            var end = found.Select(static s => s.End).Append(row.Time).Max();
            if (end < _streamTime - gap - grace)
            {
                Late++;
                yield break;
            }

            if (start != row.Time || end != row.Time)
            {
                foreach (var s in found)
                    yield return $"gone {key} was {key},{s.Start},{s.End},{string.Join('+', s.Values)} @{s.End}";
            }

            _sessions.RemoveAll(found.Contains);
            var values = found.SelectMany(static s => s.Values).Append(value).ToList();
            _sessions.Add((key, start, end, values));
            yield return $"{key},{start},{end},{string.Join('+', values)} @{end}";
        }
    }
}

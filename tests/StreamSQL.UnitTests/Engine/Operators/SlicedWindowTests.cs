using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

/// <summary>
/// Hopping windows kept by slices give what windows with groups of their own give, which
/// <see cref="StreamAggregateTests"/> holds to the definition.
/// </summary>
public class SlicedWindowTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt];

    /// <summary>Size, advance, grace, retention.</summary>
    public static TheoryData<long, long, long, long> Windows() => new()
    {
        { 10, 2, 4, 20 },
        { 10, 3, 4, 17 },
        { 10, 3, 1000, 2000 },
        { 6, 4, 0, 6 },
        { 7, 1, 9, 100 },
        { 30, 2, 0, 40 },
        { 30, 7, 11, 60 },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void Folded_changes_late_rows_and_committed_rows_are_the_same(long size, long advance, long grace, long retention)
    {
        var window = new WindowSpec(WindowKind.Hopping, size, advance, grace, retention);
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var (slices, windows) = (new Subject(window, bySlices: true), new Subject(window, bySlices: false));
            for (var commit = 0; commit < 40; commit++)
            {
                if (random.Next(4) == 0)
                {
                    Abort(slices, windows, random, commit);
                    continue;
                }

                foreach (var batch in Batches(random, commit))
                {
                    Rows.Push(slices.Operator, batch).ShouldBeEmpty();
                    Rows.Push(windows.Operator, batch).ShouldBeEmpty();
                }

                Sorted(slices.Commit()).ShouldBe(Sorted(windows.Commit()), $"seed {seed}, commit {commit}");
                Rows.Read(slices.Table).ShouldBe(Rows.Read(windows.Table), $"seed {seed}, commit {commit}");
                Rows.Read(slices.Restored).ShouldBe(Rows.Read(slices.Table));
                slices.Restored.Clock.ShouldBe(windows.Table.Clock);
            }

            slices.Context.Counters.LateRows.ShouldBe(windows.Context.Counters.LateRows);
            var copy = slices.CreateTable();
            StateCopies.Copy(slices.Table, copy);
            Rows.Read(copy).ShouldBe(Rows.Read(windows.Table));
        }
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void Final_results_are_the_same_in_the_same_order(long size, long advance, long grace, long retention)
    {
        var window = new WindowSpec(WindowKind.Hopping, size, advance, grace, retention);
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var (slices, windows) = (new Subject(window, bySlices: true, emitFinal: true),
                new Subject(window, bySlices: false, emitFinal: true));
            for (var commit = 0; commit < 40; commit++)
            {
                foreach (var batch in Batches(random, commit))
                    Rows.Push(slices.Operator, batch).ShouldBe(Rows.Push(windows.Operator, batch), $"seed {seed}, commit {commit}");
                if (random.Next(3) == 0)
                    continue;
                slices.Commit().ShouldBeEmpty();
                windows.Commit().ShouldBeEmpty();
                Rows.Read(slices.Table).ShouldBe(Rows.Read(windows.Table));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void Reads_of_keys_and_ranges_are_the_same_while_a_commit_is_open(long size, long advance, long grace, long retention)
    {
        var window = new WindowSpec(WindowKind.Hopping, size, advance, grace, retention);
        var random = new Random(21);
        var (slices, windows) = (new Subject(window, bySlices: true), new Subject(window, bySlices: false));
        for (var commit = 0; commit < 60; commit++)
        {
            foreach (var batch in Batches(random, commit))
            {
                Rows.Push(slices.Operator, batch);
                Rows.Push(windows.Operator, batch);
            }

            var from = (commit * 6) + random.Next(-40, 5);
            var points = Rows.Batch([SqlType.BigInt],
                [Row.At(0, (long)random.Next(9)), Row.At(0, 99L), Row.At(0, 2L), Row.At(0, 2L), Row.At(0, [null])]);
            foreach (var keys in new[] { null, points })
            {
                var access = new TableAccess(keys, from, from + random.Next(40), from + random.Next(20),
                    from + 20 + random.Next(40));
                Rows.Read(slices.Table, access).ShouldBe(Rows.Read(windows.Table, access));
                Rows.Read(slices.Table, new TableAccess(keys))
                    .ShouldBe(Rows.Read(windows.Table, new TableAccess(keys)));
            }

            if (random.Next(2) == 0)
                Sorted(slices.Commit()).ShouldBe(Sorted(windows.Commit()));
        }
    }

    [Fact]
    public void A_row_changes_one_slice_and_logs_one_entry_however_many_windows_hold_it()
    {
        var slices = new Subject(new WindowSpec(WindowKind.Hopping, 60_000, 1_000, 0, null), bySlices: true);
        Rows.Push(slices.Operator, Rows.Batch(Types, [Row.At(100_500, 1L, 5L)]));
        var keys = new SliceList();
        var values = new SliceList();
        slices.Table.WriteChangelog(keys, values);
        keys.Count.ShouldBe(2, "the row and the clock");
        slices.Table.Windows.Count.ShouldBe(1);
        slices.Commit().Count.ShouldBe(60);
        Rows.Read(slices.Table).Count.ShouldBe(60);
    }

    [Fact]
    public void Rows_at_the_end_of_time_are_taken()
    {
        foreach (var bySlices in new[] { true, false })
        {
            var subject = new Subject(new WindowSpec(WindowKind.Hopping, 10, 3, 5, null), bySlices);
            Rows.Push(subject.Operator, Rows.Batch(Types, [Row.At(long.MaxValue, 1L, 5L)]));
            subject.Commit().Count.ShouldBe(3);
            Rows.Read(subject.Table).Count.ShouldBe(3);
        }
    }

    [Fact]
    public void A_changelog_of_windows_is_not_read_as_slices()
    {
        var window = new WindowSpec(WindowKind.Hopping, 10, 5, 0, null);
        var (slices, windows) = (new Subject(window, bySlices: true), new Subject(window, bySlices: false));
        Rows.Push(windows.Operator, Rows.Batch(Types, [Row.At(7, 1L, 5L)]));
        var keys = new SliceList();
        var values = new SliceList();
        windows.Table.WriteChangelog(keys, values);
        Should.Throw<InvalidDataException>(() => slices.Table.Restore(keys, values));
        slices.Table.Shape.ShouldNotBe(windows.Table.Shape);
    }

    [Fact]
    public void Slices_are_used_where_results_merge_exactly_and_are_held_back()
    {
        var window = new WindowSpec(WindowKind.Hopping, 10, 5, 0, null);
        StreamAggregateOperator.PrefersSlices(Contexts.Create(), Plan(window, false)).ShouldBeTrue();
        StreamAggregateOperator.PrefersSlices(Contexts.Create(EmissionMode.EveryChange), Plan(window, false)).ShouldBeFalse();
        StreamAggregateOperator.PrefersSlices(Contexts.Create(EmissionMode.EveryChange), Plan(window, true)).ShouldBeTrue();
        StreamAggregateOperator.PrefersSlices(Contexts.Create(compat: true), Plan(window, true)).ShouldBeFalse();
        StreamAggregateOperator.PrefersSlices(Contexts.Create(), Plan(window with { AdvanceMs = 10 }, false)).ShouldBeFalse();
        StreamAggregateOperator.PrefersSlices(Contexts.Create(), Contexts.ListPerKey(SqlType.BigInt, window)).ShouldBeFalse();
        foreach (var name in new[] { "SUM", "AVG", "MIN", "MAX" })
            BuiltInFunctions.Registry.FindAggregate(name)!.Bind([SqlType.Double], RuleSet.Ksql)!.MergesExactly.ShouldBeFalse(name);
    }

    private static void Abort(Subject slices, Subject windows, Random random, int commit)
    {
        foreach (var batch in Batches(random, commit))
        {
            Rows.Push(slices.Operator, batch);
            Rows.Push(windows.Operator, batch);
        }

        var before = Rows.Read(windows.Table);
        Rows.Read(slices.Table).ShouldBe(before);
        slices.Table.Abort();
        windows.Table.Abort();
        Rows.Read(slices.Table).ShouldBe(before);
    }

    /// <summary>Rows around a time that moves on; some come late, some carry the clocks of a repartition.</summary>
    private static List<ChangeBatch> Batches(Random random, int commit)
    {
        var now = commit * 6;
        var rows = Enumerable.Range(0, random.Next(1, 40))
            .Select(_ => Row.At(Math.Max(0, now + random.Next(random.Next(3) == 0 ? -50 : -8, random.Next(9) == 0 ? 30 : 6)),
                (long)random.Next(8), (long)random.Next(-100, 100)))
            .ToArray();
        var batches = Rows.SparseBatches(Types, rows, random.Next(1, 20)).ToList();
        if (random.Next(3) > 0)
            return batches;
        foreach (var batch in batches)
            (batch.StreamTime, batch.StreamTimeFloor) = (now + 6, now - random.Next(4));
        return batches;
    }

    private static List<string> Sorted(List<string> rows)
    {
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private static LogicalAggregate Plan(WindowSpec window, bool emitFinal)
    {
        string[] names = ["COUNT", "SUM", "MIN", "MAX", "AVG"];
        var calls = names.Select(static name => new AggregateCall(
            name, BuiltInFunctions.Registry.FindAggregate(name)!.Bind([SqlType.BigInt], RuleSet.Ksql)!,
            [Contexts.Column(1, SqlType.BigInt)])).ToArray();
        return new LogicalAggregate(
            Contexts.Input(RelationKind.Stream, Types), [Contexts.Column(0, SqlType.BigInt)], calls, window, emitFinal,
            Contexts.Schema(RelationKind.Table, [
                (SqlType.BigInt, ColumnRole.Key), (SqlType.BigInt, ColumnRole.WindowStart), (SqlType.BigInt, ColumnRole.WindowEnd),
                .. calls.Select(static call => (call.Binding.ResultType, ColumnRole.Value)),
            ]));
    }

    private sealed class Subject
    {
        private readonly LogicalAggregate _plan;
        private readonly bool _bySlices;

        public Subject(WindowSpec window, bool bySlices, bool emitFinal = false)
        {
            _plan = Plan(window, emitFinal);
            _bySlices = bySlices;
            Context = Contexts.Create();
            Table = CreateTable();
            Restored = CreateTable();
            Operator = new StreamAggregateOperator(Context, _plan, Table, withOld: !emitFinal);
        }

        public OperatorContext Context { get; }

        public AggregateTable Table { get; }

        /// <summary>What the changelog makes.</summary>
        public AggregateTable Restored { get; }

        public StreamAggregateOperator Operator { get; }

        public AggregateTable CreateTable() => AggregateTable.Create("s", _plan, Contexts.Create().Budget, _bySlices);

        public List<string> Commit()
        {
            var changes = Rows.Signal(Operator, OperatorSignal.Commit);
            var keys = new SliceList();
            var values = new SliceList();
            keys.Reset();
            values.Reset();
            Table.WriteChangelog(keys, values);
            Table.Commit();
            Restored.Restore(keys, values);
            return changes;
        }
    }
}

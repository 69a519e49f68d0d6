using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;
using static StreamSQL.UnitTests.Engine.Support.Row;

namespace StreamSQL.UnitTests.Engine.Tasks;

/// <summary>EMIT FINAL after a jump of stream time: many windows, given out over several commits.</summary>
public class OperatorTreeTests
{
    private const int Windows = 4_000;
    private const int Bound = 2 * 1024;

    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt];
    private static readonly WindowSpec Tumbling = new(WindowKind.Tumbling, 10, 10, 2_000_000, null);
    private static readonly WindowSpec Hopping = new(WindowKind.Hopping, 20, 10, 2_000_000, null);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_jump_of_time_is_given_out_over_several_commits_without_holding_more_than_the_bound(bool bySlices, bool restart)
    {
        var all = new Run(bySlices, long.MaxValue);
        all.Feed();
        var bounded = new Run(bySlices, Bound);
        bounded.Feed();

        var parts = 0;
        while (bounded.Chain.HasMore)
        {
            bounded.Chain.GoOn();
            if (++parts == 3 && restart)
                bounded.Restart();
            else
                bounded.Commit();
        }

        all.Chain.HasMore.ShouldBeFalse();
        all.Sink.Kept.Count.ShouldBeGreaterThanOrEqualTo(Windows);
        parts.ShouldBeGreaterThan(20);
        bounded.Sink.PeakBytes.ShouldBeInRange(Bound, Bound + bounded.Sink.LargestWrite);
        bounded.Sink.Kept.SequenceEqual(all.Sink.Kept).ShouldBeTrue();
        Rows.Read(bounded.Table).ShouldBe(Rows.Read(all.Table));
    }

    [Fact]
    public void What_is_pushed_next_comes_after_what_was_still_to_come()
    {
        var (all, bounded) = (new Run(bySlices: false, long.MaxValue), new Run(bySlices: false, Bound));
        foreach (var run in new[] { all, bounded })
        {
            run.Feed();
            run.Chain.Push(Rows.Batch(Types, [At(90_000_000, 1L, 1L)]));
            run.Commit();
        }

        while (bounded.Chain.HasMore)
        {
            bounded.Chain.GoOn();
            bounded.Commit();
        }

        bounded.Sink.Kept.SequenceEqual(all.Sink.Kept).ShouldBeTrue();
    }

    private sealed class Run
    {
        private readonly LogicalAggregate _plan;
        private readonly bool _bySlices;
        private readonly long _bound;
        private readonly SliceList _keys = new();
        private readonly SliceList _values = new();
        private AggregateTable _replica;

        public Run(bool bySlices, long bound)
        {
            _bySlices = bySlices;
            _bound = bound;
            var count = BuiltInFunctions.Registry.FindAggregate("COUNT")!.Bind([SqlType.BigInt], RuleSet.Ksql)!;
            _plan = new LogicalAggregate(
                Contexts.Input(RelationKind.Stream, Types), [Contexts.Column(0, SqlType.BigInt)],
                [new AggregateCall("COUNT", count, [Contexts.Column(1, SqlType.BigInt)])], bySlices ? Hopping : Tumbling, EmitFinal: true,
                Contexts.Schema(RelationKind.Table, [
                    (SqlType.BigInt, ColumnRole.Key), (SqlType.BigInt, ColumnRole.WindowStart), (SqlType.BigInt, ColumnRole.WindowEnd),
                    (count.ResultType, ColumnRole.Value),
                ]));
            Table = CreateTable();
            _replica = CreateTable();
            Chain = CreateChain();
        }

        public BytesSink Sink { get; } = new();

        public AggregateTable Table { get; private set; }

        public OperatorTree Chain { get; private set; }

        public void Feed()
        {
            foreach (var chunk in Enumerable.Range(0, Windows).Select(static i => At(i * 10, i % 7L, (long)i)).Chunk(ChangeBatch.MaxRows))
            {
                Chain.Push(Rows.Batch(Types, chunk));
                Commit();
            }

            Sink.Kept.ShouldBeEmpty();
            Chain.Push(Rows.Batch(Types, [At(50_000_000, 1L, 1L)]));
            Commit();
        }

        public void Commit()
        {
            Chain.Signal(OperatorSignal.Commit);
            _keys.Reset();
            _values.Reset();
            Table.WriteChangelog(_keys, _values);
            Table.Commit();
            _replica.Restore(_keys, _values);
            _replica.Commit();
            Sink.Commit();
        }

        /// <summary>Loses what is not committed, and goes on with what the changelog makes.</summary>
        public void Restart()
        {
            Sink.Abort();
            (Table, _replica) = (_replica, CreateTable());
            Chain = CreateChain();
        }

        private AggregateTable CreateTable() => AggregateTable.Create("s", _plan, Contexts.Create().Budget, _bySlices);

        private OperatorTree CreateChain() =>
            OperatorTree.Chain([new StreamAggregateOperator(Contexts.Create(), _plan, Table, withOld: false)], Sink,
                () => Sink.OpenBytes >= _bound);
    }

    private sealed class BytesSink : TaskSink
    {
        private readonly List<string> _open = [];

        public List<string> Kept { get; } = [];

        public long OpenBytes { get; private set; }

        public long PeakBytes { get; private set; }

        public long LargestWrite { get; private set; }

        public override void Write(ChangeBatch batch)
        {
            long bytes = 0;
            foreach (var row in Rows.Texts(batch))
            {
                _open.Add(row);
                bytes += row.Length;
            }

            OpenBytes += bytes;
            PeakBytes = Math.Max(PeakBytes, OpenBytes);
            LargestWrite = Math.Max(LargestWrite, bytes);
        }

        public void Commit()
        {
            Kept.AddRange(_open);
            Abort();
        }

        public void Abort()
        {
            _open.Clear();
            OpenBytes = 0;
        }
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Broker;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Tasks;

/// <summary>In which order the rows of several inputs are taken.</summary>
public class LaneMergeTests
{
    private readonly ManualTime _clock = new();
    private readonly Dictionary<TaskLane, ListInput> _inputs = [];

    [Fact]
    public void Rows_are_taken_in_runs_by_time_and_at_one_time_the_first_input_comes_first()
    {
        var (merge, lanes) = Create([[10, 20, 30, 30], [20, 25, 30, 40]]);

        Drain(merge, lanes, _clock).ShouldBe(["0: 10 20", "1: 20 25", "0: 30 30", "1: 30 40"]);
    }

    [Fact]
    public void A_row_that_is_late_in_its_input_does_not_wait_for_others()
    {
        var (merge, lanes) = Create([[50, 10, 60], [55]]);

        Drain(merge, lanes, _clock).ShouldBe(["0: 50 10", "1: 55", "0: 60"]);
    }

    [Fact]
    public void Three_inputs_are_merged_as_two_are()
    {
        var (merge, lanes) = Create([[3, 6], [1, 6], [2, 6]]);

        Drain(merge, lanes, _clock).ShouldBe(["1: 1", "2: 2", "0: 3 6", "1: 6", "2: 6"]);
    }

    [Fact]
    public void An_input_that_may_have_earlier_rows_is_waited_for_a_bounded_time()
    {
        var woken = 0;
        var (merge, _) = Create([[10], []], () => woken++);

        merge.Next().ShouldBe(-1);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        merge.Next().ShouldBe(-1);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        woken.ShouldBe(1);
        merge.Next().ShouldBe(0);
    }

    [Fact]
    public void Rows_that_come_in_the_meantime_go_first()
    {
        var (merge, lanes) = Create([[10], []]);
        merge.Next().ShouldBe(-1);

        _inputs[lanes[1]].Add([5, 7]);
        lanes[1].TryHold().ShouldBeTrue();

        Drain(merge, lanes, _clock).ShouldBe(["1: 5 7", "0: 10"]);
    }

    private (LaneMerge Merge, TaskLane[] Lanes) Create(long[][] times, Action? wake = null)
    {
        var lanes = times.Select(rows =>
        {
            var input = new ListInput(rows);
            var lane = new TaskLane(input, null, isInternal: false);
            _inputs[lane] = input;
            if (rows.Length > 0)
                lane.TryHold().ShouldBeTrue();
            return lane;
        }).ToArray();
        return (new LaneMerge(lanes, _clock, wake ?? (static () => { })), lanes);
    }

    /// <summary>Takes all rows that are here; where the merge waits for an input that may have more to come, time passes.</summary>
    private static List<string> Drain(LaneMerge merge, TaskLane[] lanes, ManualTime clock)
    {
        var runs = new List<string>();
        while (lanes.Any(static lane => lane.HasRows))
        {
            var lane = merge.Next();
            if (lane < 0)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                lane = merge.Next();
            }

            var rows = merge.Take(lane);
            runs.Add(
                $"{lane}: {string.Join(' ', Enumerable.Range(0, rows.Selection.Count).Select(i => rows.RowTime.Values[rows.Selection[i]]))}");
        }

        return runs;
    }

    private sealed class ListInput(long[] times) : TaskInput
    {
        private long[] _times = times;

        public override TopicPartition Partition { get; } = new("t", 0);

        public override long Position => _times.Length;

        public override long ReadyEnd => _times.Length;

        public override long Lost => 0;

        public void Add(long[] times) => _times = times;

        public override bool IsReady() => _times.Length > 0;

        public override ChangeBatch? Take()
        {
            var batch = Rows.Batch([SqlType.BigInt], [.. _times.Select(static time => Row.At(time, time))]);
            batch.Offsets = new StreamSQL.Data.Columns.FixedColumn<long>(SqlType.BigInt);
            batch.Offsets.Reset(_times.Length);
            for (var i = 0; i < _times.Length; i++)
                batch.Offsets.Values[i] = i;
            return batch;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

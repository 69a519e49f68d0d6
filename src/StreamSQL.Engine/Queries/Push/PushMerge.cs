using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// The inputs of a push query that joins: all partitions of all of them, merged by time. Tables are read from their beginnings first, so that what comes later finds
/// their rows.
/// </summary>
internal sealed class PushMerge : IAsyncDisposable
{
    private readonly List<TaskLane> _lanes;
    private readonly List<(TaskLane Lane, long End)> _toLoad;
    private readonly List<int> _inputs;
    private readonly TaskEnvironment _environment;
    private readonly LaneMerge _merge;
    private readonly LaneMerge? _load;

    private PushMerge(TaskEnvironment environment, Action wake, List<TaskLane> lanes, List<int> inputs, List<(TaskLane Lane, long End)> toLoad)
    {
        _environment = environment;
        _lanes = lanes;
        _inputs = inputs;
        _toLoad = toLoad;
        _merge = new LaneMerge([.. lanes], environment.Time, wake);
        _load = toLoad.Count == 0 ? null : new LaneMerge([.. toLoad.Select(static table => table.Lane)], environment.Time, wake);
    }

    /// <summary>Whether the tables are still being read up to where they were at the start.</summary>
    public bool IsLoading => _toLoad.Exists(static table => table.Lane.Position < table.End);

    /// <summary>The offset of the next row of each partition that has not been taken.</summary>
    public IEnumerable<(TopicPartition Partition, long Offset)> Positions => _lanes.Select(static lane => (lane.Partition, lane.Position));

    /// <summary>Opens all partitions of the inputs of a stage: tables at their beginnings, streams at their ends or beginnings.</summary>
    public static async ValueTask<PushMerge> OpenAsync(
        Stage stage, bool fromLatest, QueryCounters counters, TaskEnvironment environment, Action wake, CancellationToken cancellation)
    {
        var (lanes, inputs, toLoad) = (new List<TaskLane>(), new List<int>(), new List<(TaskLane, long)>());
        for (var i = 0; i < stage.Inputs.Count; i++)
        {
            var scan = (SourceInput)stage.Inputs[i];
            var isTable = scan.Schema.Kind == RelationKind.Table;
            for (var p = 0; p < scan.Source.Partitions; p++)
            {
                var partition = new TopicPartition(scan.Source.Topic, p);
                var offsets = await environment.Broker.GetOffsetsAsync(partition, cancellation);
                var start = fromLatest && !isTable ? offsets.LastStable : offsets.LogStart;
                var reader = environment.Records.OpenSmall(scan.Source, partition, start, wake);
                var decoder = new SourceDecoder(scan.Source, scan.Columns, scan.Schema, partition, counters, environment);
                var lane = new TaskLane(new OwnInput(reader, decoder), null, isInternal: false);
                lanes.Add(lane);
                inputs.Add(i);
                if (isTable)
                    toLoad.Add((lane, offsets.LastStable));
            }
        }

        return new PushMerge(environment, wake, lanes, inputs, toLoad);
    }

    /// <summary>Takes the next rows through the operators; false when there are none now: then the query is woken.</summary>
    public async ValueTask<bool> TryProcessAsync(OperatorTree tree, PushProgress? progress, CancellationToken cancellation)
    {
        var hasRead = false;
        foreach (var lane in _lanes)
        {
            if (lane.HasRows)
                continue;
            if (!lane.IsReady())
            {
                lane.Settle();
                continue;
            }

            hasRead = true;
            if (!lane.TryHold())
                lane.Finish(_environment.Logger);
        }

        foreach (var lane in _lanes)
            await lane.RefreshEndAsync(_environment.Broker, cancellation);
        return TryProcess(tree, progress) || hasRead;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
            await lane.DisposeAsync();
        _merge.Dispose();
        _load?.Dispose();
    }

    private bool TryProcess(OperatorTree tree, PushProgress? progress)
    {
        TaskLane lane;
        ChangeBatch batch;
        if (_load is not null && IsLoading)
        {
            if (_load.Next() is not (var table and >= 0))
                return false;
            lane = _toLoad[table].Lane;
            batch = _load.Take(table);
        }
        else
        {
            if (_merge.Next() is not (var next and >= 0))
                return false;
            lane = _lanes[next];
            batch = _merge.Take(next);
        }

        progress?.Observe(batch);
        tree.Push(batch, _inputs[_lanes.IndexOf(lane)]);
        if (!lane.HasRows)
            lane.Finish(_environment.Logger);
        return true;
    }
}

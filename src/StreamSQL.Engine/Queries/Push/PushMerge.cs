using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// The inputs of a push query that joins: all partitions of all of them, merged by time. Tables are read up to where they were at the
/// start first, so that what
/// comes later finds their rows.
/// </summary>
internal sealed class PushMerge : PushInput
{
    private readonly List<Lane> _lanes;
    private readonly List<Lane> _toLoad;
    private readonly TaskEnvironment _environment;
    private readonly LostRecords _lost;
    private readonly bool _isStateless;
    private readonly LaneMerge _merge;
    private readonly LaneMerge? _load;

    private PushMerge(PushPlan plan, TaskEnvironment environment, LostRecords lost, Action wake, List<Lane> lanes)
    {
        _environment = environment;
        _lost = lost;
        _isStateless = plan.IsStateless;
        _lanes = lanes;
        _toLoad = lanes.FindAll(static lane => lane.Records.Position < lane.Range.LoadEnd);
        _merge = new LaneMerge([.. lanes.Select(static lane => lane.Records)], environment.Time, wake);
        _load = _toLoad.Count == 0 ? null : new LaneMerge([.. _toLoad.Select(static lane => lane.Records)], environment.Time, wake);
    }

    /// <inheritdoc/>
    public override bool IsLoading => _toLoad.Exists(static lane => lane.Records.Position < lane.Range.LoadEnd);

    /// <inheritdoc/>
    public override IEnumerable<PushOffset> Positions => _lanes.Select(lane => new PushOffset(
        lane.Name, lane.Records.Partition.Partition, _isStateless ? -1 : lane.Range.Begin, lane.Records.Position));

    /// <summary>Opens all partitions of the inputs of a plan.</summary>
    public static async ValueTask<PushMerge> OpenAsync(
        PushPlan plan, PushRanges ranges, QueryCounters counters, LostRecords lost, TaskEnvironment environment, Action wake,
        CancellationToken cancellation)
    {
        var lanes = new List<Lane>();
        try
        {
            for (var i = 0; i < plan.Stage.Inputs.Count; i++)
            {
                var scan = (SourceInput)plan.Stage.Inputs[i];
                var isTable = scan.Schema.Kind == RelationKind.Table;
                for (var p = 0; p < scan.Source.Partitions; p++)
                {
                    var partition = new TopicPartition(scan.Source.Topic, p);
                    var bounds = await environment.Broker.GetOffsetsAsync(partition, cancellation);
                    var range = ranges.Of(plan.InputNames[i], partition, isTable, bounds);
                    var reader = environment.Records.OpenSmall(scan.Source, partition, range.Begin, wake);
                    var decoder = new SourceDecoder(scan.Source, scan.Columns, scan.Schema, partition, counters, environment);
                    var input = new OwnInput(reader, decoder) { Limit = range.Begin < range.LoadEnd ? range.LoadEnd : long.MaxValue };
                    lanes.Add(new Lane(plan.InputNames[i], i, input, new TaskLane(input, null, isInternal: false), range));
                }
            }

            return new PushMerge(plan, environment, lost, wake, lanes);
        }
        catch
        {
            foreach (var lane in lanes)
                await lane.Records.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TryProcessAsync(OperatorTree tree, PushProgress? progress, CancellationToken cancellation)
    {
        var hasRead = false;
        var isLoading = IsLoading;
        foreach (var lane in isLoading ? _toLoad : _lanes)
        {
            var records = lane.Records;
            if (records.HasRows)
                continue;
            if (!isLoading)
                lane.Input.Limit = long.MaxValue;
            var isReady = records.IsReady();
            _lost.Note(records.Partition, lane.Input.Lost);
            if (!isReady)
            {
                records.Settle();
                continue;
            }

            hasRead = true;
            if (!records.TryHold())
                records.Finish(_environment.Logger);
        }

        foreach (var lane in _lanes)
            await lane.Records.RefreshEndAsync(_environment.Broker, cancellation);
        return TryProcess(tree, progress, isLoading) || hasRead || (isLoading && !IsLoading);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
            await lane.Records.DisposeAsync();
        _merge.Dispose();
        _load?.Dispose();
    }

    private bool TryProcess(OperatorTree tree, PushProgress? progress, bool isLoading)
    {
        var merge = isLoading ? _load! : _merge;
        if (merge.Next() is not (var next and >= 0))
            return false;
        var lane = (isLoading ? _toLoad : _lanes)[next];
        var batch = merge.Take(next);
        progress?.Observe(batch);
        tree.Push(batch, lane.Number);
        if (!lane.Records.HasRows)
            lane.Records.Finish(_environment.Logger);
        return true;
    }

    /// <summary>A partition of a source.</summary>
    /// <param name="Name">What its source is called in positions.</param>
    /// <param name="Number">The source's place in the stage.</param>
    /// <param name="Input">Its records.</param>
    /// <param name="Records">The same, held until their time comes.</param>
    /// <param name="Range">Where it begins.</param>
    private sealed record Lane(string Name, int Number, OwnInput Input, TaskLane Records, PushRange Range);
}

using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>The one source of a push query that does not join what it reads: its partitions in turn, records as they come.</summary>
internal sealed class PushScan : PushInput
{
    private readonly PushPlan _plan;
    private readonly TaskEnvironment _environment;
    private readonly LostRecords _lost;
    private readonly bool _isCompatible;
    private readonly List<PartitionReader> _readers = [];
    private readonly List<SourceDecoder> _decoders = [];
    private readonly List<PushRange> _ranges = [];
    private readonly ProducerTimes _times;
    private readonly long[] _rowTimes;
    private bool _isLoaded;
    private int _next;

    private PushScan(PushPlan plan, OperatorContext context, LostRecords lost, TaskEnvironment environment)
    {
        _plan = plan;
        _environment = environment;
        _lost = lost;
        _isCompatible = context.KsqlCompat;
        _times = new ProducerTimes("times", [plan.Source.Source.Topic], plan.Source.Source.Partitions);
        _rowTimes = new long[plan.Source.Source.Partitions];
        Array.Fill(_rowTimes, long.MinValue);
    }

    /// <inheritdoc/>
    public override bool IsLoading
    {
        get
        {
            if (_isLoaded)
                return false;
            for (var i = 0; i < _readers.Count; i++)
            {
                if (_readers[i].Position < _ranges[i].LoadEnd)
                    return true;
            }

            _isLoaded = true;
            return false;
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<PushOffset> Positions => _readers.Select((reader, i) => new PushOffset(
        reader.Partition.Topic, reader.Partition.Partition, _plan.IsStateless ? -1 : _ranges[i].Begin, reader.Position));

    /// <summary>Opens all partitions of the source.</summary>
    public static async ValueTask<PushScan> OpenAsync(
        PushPlan plan, PushRanges ranges, bool isKept, OperatorContext context, LostRecords lost, TaskEnvironment environment, Action wake,
        CancellationToken cancellation)
    {
        var (scan, input) = (plan.Source, new PushScan(plan, context, lost, environment));
        try
        {
            for (var i = 0; i < scan.Source.Partitions; i++)
            {
                var partition = new TopicPartition(scan.Source.Topic, i);
                var bounds = await environment.Broker.GetOffsetsAsync(partition, cancellation);
                var range = ranges.Of(partition.Topic, partition, isKept, bounds);
                input._ranges.Add(range);
                input._readers.Add(environment.Records.OpenSmall(scan.Source, partition, range.Begin, wake));
                input._decoders.Add(new SourceDecoder(scan.Source, scan.Columns, scan.Schema, partition, context.Counters, environment));
            }

            return input;
        }
        catch
        {
            await input.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TryProcessAsync(OperatorTree tree, PushProgress? progress, CancellationToken cancellation)
    {
        var isLoading = IsLoading;
        for (var i = 0; i < _readers.Count; i++)
        {
            if (await TryProcessAsync((_next + i) % _readers.Count, tree, progress, cancellation))
                return true;
        }

        return isLoading && !IsLoading;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
            await reader.DisposeAsync();
    }

    private async ValueTask<bool> TryProcessAsync(int partition, OperatorTree tree, PushProgress? progress, CancellationToken cancellation)
    {
        var reader = _readers[partition];
        var run = reader.TryRead(_isLoaded ? long.MaxValue : _ranges[partition].LoadEnd);
        _lost.Note(reader.Partition, reader.Lost);
        if (run is null)
            return false;
        _next = partition + 1;
        if (_decoders[partition].Decode(run) is not { Selection.Count: > 0 } batch)
            return true;

        // ksqlDB's push queries do not show records of a stream that have no value.
        if (_isCompatible && _plan.Source.Schema.Kind == RelationKind.Stream)
            batch.Selection = batch.RowsHaving(ChangeFlags.HasNew, new int[batch.Selection.Count]);
        if (_plan.HasAggregate)
            await SetClockAsync(batch, partition, run.NextOffset, cancellation);
        progress?.Observe(batch);
        tree.Push(batch);
        return true;
    }

    /// <summary>All partitions meet in one operator: its clock is the slowest partition's, as behind a repartition.</summary>
    private async ValueTask SetClockAsync(ChangeBatch batch, int partition, long nextOffset, CancellationToken cancellation)
    {
        if (_readers.Count == 1)
            return;
        await _times.RefreshIdleAsync(_environment.Broker, cancellation);
        batch.StreamTime = _times.StreamTime;
        batch.StreamTimeFloor = _times.Floor;
        _rowTimes[partition] = Newest(batch, _rowTimes[partition]);
        _times.Observe(new ProducerTime(partition, _rowTimes[partition], nextOffset));
    }
}

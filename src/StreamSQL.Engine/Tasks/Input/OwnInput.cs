using StreamSQL.Data.Batches;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>The input of a task that reads for itself: what is behind a repartition is of interest to nobody else.</summary>
internal sealed class OwnInput : TaskInput
{
    private readonly PartitionReader _reader;
    private readonly InputDecoder _decoder;
    private RecordRun? _run;
    private long _before;

    /// <summary>Creates an input that begins where its reader stands.</summary>
    public OwnInput(PartitionReader reader, InputDecoder decoder)
    {
        _reader = reader;
        _decoder = decoder;
    }

    /// <summary>An offset that is not passed for now.</summary>
    public long Limit { private get; set; } = long.MaxValue;

    /// <inheritdoc/>
    public override bool IsAtLimit => Position >= Limit;

    /// <inheritdoc/>
    public override TopicPartition Partition => _reader.Partition;

    /// <inheritdoc/>
    public override long Position => _run is null ? _reader.Position : _before;

    /// <inheritdoc/>
    public override long ReadyEnd => _reader.Position;

    /// <inheritdoc/>
    public override long Lost => _reader.Lost;

    /// <inheritdoc/>
    public override bool IsReady()
    {
        if (_run is not null)
            return true;
        _before = _reader.Position;
        _run = _reader.TryRead(Limit);
        return _run is not null;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Take()
    {
        var run = _run ?? throw new InvalidOperationException("nothing is ready");
        _run = null;
        return _decoder.Decode(run);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Clock() => _decoder.Clock();

    /// <inheritdoc/>
    public override void Committed() => _decoder.Committed();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _reader.DisposeAsync();
}

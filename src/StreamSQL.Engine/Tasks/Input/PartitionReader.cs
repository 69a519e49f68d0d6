using StreamSQL.Data.Batches;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// Reads the committed records of one partition in order. A fetch that has to wait stays open and calls back when it ends, so that one
/// worker can wait for many partitions. Single-threaded, but for the callback.
/// </summary>
internal sealed class PartitionReader : IAsyncDisposable
{
    private const int DefaultFetchBytes = 1024 * 1024;

    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);

    private readonly IBrokerClient _broker;
    private readonly Action _wake;
    private readonly RecordParser _parser;
    private readonly RecordRun _parsed = new();
    private readonly RecordRun _window = new();
    private readonly CancellationTokenSource _stop = new();
    private Task<FetchedRecords>? _pending;
    private FetchedRecords? _lease;
    private int _windowStart;
    private long _emptyBelow;

    /// <summary>Creates a reader.</summary>
    /// <param name="broker">Where the partition is.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="position">The first offset to read.</param>
    /// <param name="withHeaders">Whether record headers are wanted.</param>
    /// <param name="wake">Called, on any thread, when a fetch that was waiting has ended.</param>
    public PartitionReader(IBrokerClient broker, TopicPartition partition, long position, bool withHeaders, Action wake)
    {
        _broker = broker;
        _wake = wake;
        _parser = new RecordParser(withHeaders);
        Partition = partition;
        Position = position;
        _parsed.Reset([]);
        _parsed.NextOffset = position;
    }

    /// <summary>Fetches the schemas of the records before they are given out; null when there is nothing to fetch.</summary>
    public SchemaPrefetch? Schemas { private get; init; }

    /// <summary>The most bytes that are fetched, and held, at once, but for a batch that is larger.</summary>
    public int MaxFetchBytes { get; init; } = DefaultFetchBytes;

    /// <summary>
    /// How long the broker may wait for records to come. Zero for who reads only up to an end that is known to be there: then no fetch that
    /// waits is in its way.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = LongWait;

    /// <summary>The most records that are given out at once.</summary>
    public int MaxRows { get; init; } = ChangeBatch.MaxRows;

    /// <summary>What is read.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The offset after what <see cref="TryRead"/> has given out.</summary>
    public long Position { get; private set; }

    /// <summary>Records that were skipped because the log no longer held them.</summary>
    public long Lost { get; private set; }

    /// <summary>
    /// The next records (at most <see cref="MaxRows"/>), lent until the next call; null when nothing is there now: then <c>wake</c> is
    /// called once something is.
    /// </summary>
    /// <param name="limit">
    /// An offset beyond the position that is not passed: at the limit null is returned, also when there is more.
    /// </param>
    /// <exception cref="KafkaException">The broker refused, or the bytes are corrupt.</exception>
    public RecordRun? TryRead(long limit = long.MaxValue)
    {
        while (true)
        {
            if (_windowStart < _parsed.Count)
                return TakeWindow(limit);
            Position = Math.Max(Position, Math.Min(limit, _parsed.NextOffset));
            if (Position >= limit)
                return null;
            _windowStart = 0;
            if (_lease is not null && _parser.Next(_parsed, Position))
                continue;
            _parsed.Reset([]);
            _lease?.Dispose();
            _lease = null;
            if (!TryFetch())
                return null;
        }
    }

    /// <summary>The next records, waited for: like <see cref="TryRead"/>, but a run may be empty where only the position moved.</summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <param name="limit">
    /// An offset beyond the position that is not passed. Who does not let the broker wait (<see cref="MaxWait"/>) names the end that it
    /// knows of: behind it there would be no end of fetches.
    /// </param>
    public async ValueTask<RecordRun> ReadAsync(CancellationToken cancellation, long limit = long.MaxValue)
    {
        var before = Position;
        while (true)
        {
            if (TryRead(limit) is { } run)
                return run;
            if (Position != before)
            {
                _window.Reset([]);
                _window.NextOffset = Position;
                return _window;
            }

            if (_pending is { } pending)
                await Task.WhenAny(pending).WaitAsync(cancellation);
        }
    }

    /// <summary>Begins again at another offset; what was fetched is dropped.</summary>
    public void Seek(long position)
    {
        _lease?.Dispose();
        _lease = null;
        _parsed.Reset([]);
        _parsed.NextOffset = position;
        _windowStart = 0;
        Position = position;
    }

    /// <summary>Ends an open fetch, waits until nobody writes to its buffers any more, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_pending is { } pending)
        {
            _pending = null;
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (pending.IsCompletedSuccessfully)
                (await pending).Dispose();
        }

        _lease?.Dispose();
        _lease = null;
        _parser.Dispose();
        Schemas?.Dispose();
        _stop.Dispose();
    }

    private RecordRun? TakeWindow(long limit)
    {
        var count = Math.Min(MaxRows, _parsed.Count - _windowStart);
        while (count > 0 && _parsed.Offsets[_windowStart + count - 1] >= limit)
            count--;
        if (count == 0)
        {
            Position = limit;
            return null;
        }

        _window.SetWindow(_parsed, _windowStart, count);
        _window.NextOffset = Math.Min(_window.NextOffset, limit);
        _windowStart += count;
        Position = _window.NextOffset;
        return _window;
    }

    private bool TryFetch()
    {
        if (_pending is null)
        {
            _pending = FetchAsync(_stop.Token);
            if (!_pending.IsCompleted)
            {
                // The continuation only wakes the worker; the worker takes the result.
                _pending.GetAwaiter().UnsafeOnCompleted(_wake);
                return false;
            }
        }
        else if (!_pending.IsCompleted)
        {
            return false;
        }

        var pending = _pending;
        _pending = null; // one that failed is begun again, if anybody asks again
        Take(pending.GetAwaiter().GetResult());
        return true;
    }

    private void Take(FetchedRecords fetched)
    {
        if (!fetched.Batches.IsEmpty)
        {
            _emptyBelow = 0;
            _lease = fetched;
            _parser.Begin(fetched);
            return;
        }

        // Nothing below an end that an earlier fetch has seen: compaction removed it. The first sight may be data that has just come.
        if (_emptyBelow > Position)
            Seek(_emptyBelow);
        _emptyBelow = fetched.Offsets.LastStable;
        fetched.Dispose();
    }

    private async Task<FetchedRecords> FetchAsync(CancellationToken cancellation)
    {
        try
        {
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.ReadUncommitted))
                return await _broker.FetchAsync(Partition, Position, MaxFetchBytes, MaxWait, IsolationLevel.ReadUncommitted, cancellation);
#endif
            var fetched = await _broker.FetchAsync(Partition, Position, MaxFetchBytes, MaxWait, IsolationLevel.ReadCommitted, cancellation);
            if (Schemas is not null)
                await Schemas.FetchAsync(fetched, cancellation);
            return fetched;
        }
        catch (KafkaException error) when (error.Code == ErrorCode.OffsetOutOfRange)
        {
            var offsets = await _broker.GetOffsetsAsync(Partition, cancellation);
            var start = Position < offsets.LogStart ? offsets.LogStart : offsets.LastStable;
            Lost += Math.Max(0, start - Position);
            Seek(start);
            return new FetchedRecords(ReadOnlyMemory<byte>.Empty, offsets, [], null);
        }
    }
}

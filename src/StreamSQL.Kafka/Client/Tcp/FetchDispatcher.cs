using System.Net;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>
/// Carries the fetches of many partitions to one broker on a few connections. A broker answers one request of a connection after another,
/// so fetches that wait for data are gathered in one request, while others go ahead on a free connection. Those that do not wait have two
/// more connections of their own, since nothing that waits may hold them up.
/// </summary>
internal sealed class FetchDispatcher : IAsyncDisposable
{
    // No fetch waits longer in one request than this; so one that comes when all connections wait is sent soon.
    private static readonly TimeSpan WaitPerRequest = TimeSpan.FromMilliseconds(500);

    private const int HastyConnections = 2;
    private const int MaxResponseBytes = 50 * 1024 * 1024;
    private const short LastVersionByName = 12;

    private readonly DnsEndPoint _address;
    private readonly TcpClientOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<PartitionFetch> _queue = [];
    private readonly Stack<BrokerConnection> _idle = new();
    private readonly HashSet<Task> _requests = [];
    private readonly HashSet<Task> _hasty = [];
    private bool _isDisposed;

    public FetchDispatcher(DnsEndPoint address, TcpClientOptions options, TimeProvider time)
    {
        _address = address;
        _options = options;
        _time = time;
    }

    /// <summary>Fetches from a partition that this broker leads.</summary>
    /// <exception cref="KafkaException">The broker's error for the partition, or <see cref="ErrorCode.NetworkException"/>.</exception>
    public async ValueTask<FetchedRecords> FetchAsync(PartitionFetch fetch, CancellationToken cancellation)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _queue.Add(fetch);
        }
        StartRequest();
        using CancellationTokenRegistration giveUp = cancellation.UnsafeRegister(
            static (fetch, token) => ((PartitionFetch)fetch!).Answer.TrySetCanceled(token), fetch);
        return await fetch.Answer.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] requests;
        lock (_gate)
        {
            _isDisposed = true;
            requests = [.. _requests, .. _hasty];
        }
        await Task.WhenAll(requests);
        foreach (PartitionFetch fetch in _queue)
            fetch.Answer.TrySetException(new ObjectDisposedException(nameof(TcpBrokerClient)));
        foreach (BrokerConnection connection in _idle)
            await connection.DisposeAsync();
    }

    /// <summary>Sends what is queued as one request, when a connection is free for it.</summary>
    private void StartRequest()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            if (_hasty.Count < HastyConnections)
                StartRequest(_hasty, static fetch => !fetch.MayWait);
            if (_requests.Count < _options.FetchConnections)
                StartRequest(_requests, static _ => true);
        }
    }

    private void StartRequest(HashSet<Task> requests, Predicate<PartitionFetch> isTaken)
    {
        List<PartitionFetch> batch = TakeBatch(isTaken);
        if (batch.Count == 0)
            return;
        Task request = RequestAsync(batch);
        requests.Add(request);
        request.ContinueWith(Finished, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Finished(Task request)
    {
        lock (_gate)
        {
            _requests.Remove(request);
            _hasty.Remove(request);
        }
        StartRequest();
    }

    // The isolation level is one per request, and a partition may stand in it once.
    private List<PartitionFetch> TakeBatch(Predicate<PartitionFetch> isTaken)
    {
        List<PartitionFetch> batch = [];
        HashSet<TopicPartition> partitions = [];
        _queue.RemoveAll(fetch =>
        {
            if (fetch.Answer.Task.IsCompleted)
                return true;
            bool fits = isTaken(fetch) && (batch.Count == 0 || batch[0].Isolation == fetch.Isolation) && partitions.Add(fetch.Partition);
            if (fits)
                batch.Add(fetch);
            return fits;
        });
        return batch;
    }

    private async Task RequestAsync(List<PartitionFetch> batch)
    {
        await Task.Yield(); // never under the gate
        try
        {
            BrokerConnection connection = await TakeConnectionAsync();
            TimeSpan wait = Min(WaitPerRequest, batch.Min(fetch => fetch.Deadline(_time)));
            bool byId = batch.TrueForAll(fetch => fetch.TopicId != Guid.Empty);
            (FetchResponse response, Action release) = await connection.SendLeasedAsync(
                Apis.Fetch, BuildRequest(batch, wait), wait, CancellationToken.None, byId ? short.MaxValue : LastVersionByName);
            lock (_gate)
                _idle.Push(connection);
            Distribute(batch, response, new SharedLease(release));
        }
        catch (Exception e)
        {
            foreach (PartitionFetch fetch in batch)
                fetch.Answer.TrySetException(e); // to those who wait, whatever it is
        }
    }

    private async ValueTask<BrokerConnection> TakeConnectionAsync()
    {
        while (true)
        {
            BrokerConnection? connection;
            lock (_gate)
            {
                if (!_idle.TryPop(out connection))
                    break;
            }
            if (connection.IsOpen)
                return connection;
            await connection.DisposeAsync();
        }
        return await BrokerConnection.OpenAsync(_address, _options, _time, CancellationToken.None);
    }

    private static FetchRequest BuildRequest(List<PartitionFetch> batch, TimeSpan wait)
    {
        var request = new FetchRequest
        {
            MaxWaitMs = (int)wait.TotalMilliseconds,
            MinBytes = 1,
            MaxBytes = MaxResponseBytes,
            IsolationLevel = (sbyte)batch[0].Isolation,
        };
        foreach (IGrouping<string, PartitionFetch> topic in batch.GroupBy(fetch => fetch.Partition.Topic))
        {
            var asked = new FetchRequest.Topic { Name = topic.Key, TopicId = topic.First().TopicId };
            foreach (PartitionFetch fetch in topic)
            {
                asked.Partitions.Add(new()
                {
                    PartitionIndex = fetch.Partition.Partition,
                    FetchOffset = fetch.Offset,
                    PartitionMaxBytes = fetch.MaxBytes,
                });
            }
            request.Topics.Add(asked);
        }
        return request;
    }

    /// <summary>Gives each fetch its answer; one that may wait longer and has got nothing is queued again.</summary>
    private void Distribute(List<PartitionFetch> batch, FetchResponse response, SharedLease lease)
    {
        var answers = new Dictionary<(string, Guid, int), FetchResponse.Partition>();
        foreach (FetchResponse.Topic topic in response.Responses)
        {
            foreach (FetchResponse.Partition partition in topic.Partitions)
                answers[(topic.Name, topic.TopicId, partition.PartitionIndex)] = partition;
        }
        foreach (PartitionFetch fetch in batch)
        {
            int index = fetch.Partition.Partition;
            if (!answers.TryGetValue((fetch.Partition.Topic, Guid.Empty, index), out FetchResponse.Partition? answer)
                && !answers.TryGetValue(("", fetch.TopicId, index), out answer))
                answer = new FetchResponse.Partition { ErrorCode = response.ErrorCode };
            if (answer.ErrorCode != ErrorCode.None)
                fetch.Answer.TrySetException(
                    new KafkaException(answer.ErrorCode, $"{fetch.Partition} cannot be read from offset {fetch.Offset}."));
            else if (answer.Records.IsEmpty && fetch.Deadline(_time) > TimeSpan.Zero)
                Requeue(fetch);
            else
                Complete(fetch, answer, lease);
        }
        lease.Release();
    }

    private void Requeue(PartitionFetch fetch)
    {
        lock (_gate)
            _queue.Add(fetch);
    }

    private static void Complete(PartitionFetch fetch, FetchResponse.Partition answer, SharedLease lease)
    {
        var offsets = new PartitionOffsets(answer.LogStartOffset, answer.LastStableOffset, answer.HighWatermark);
        List<AbortedTransaction> aborted =
            [.. (answer.AbortedTransactions ?? []).Select(a => new AbortedTransaction(a.ProducerId, a.FirstOffset))];
        lease.Share();
        var records = new FetchedRecords(WholeBatches(answer.Records), offsets, aborted, lease.Release);
        if (!fetch.Answer.TrySetResult(records))
            records.Dispose();
    }

    // A broker may cut the last batch short to keep to the byte limit.
    private static ReadOnlyMemory<byte> WholeBatches(ReadOnlyMemory<byte> records)
    {
        int whole = 0;
        while (RecordBatchHeader.PeekSize(records.Span[whole..]) is > 0 and long size && size <= records.Length - whole)
            whole += (int)size;
        return records[..whole];
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>A frame that several fetches read from: given back by the last.</summary>
    private sealed class SharedLease(Action release)
    {
        private int _holders = 1;

        public void Share() => Interlocked.Increment(ref _holders);

        public void Release()
        {
            if (Interlocked.Decrement(ref _holders) == 0)
                release();
        }
    }
}

/// <summary>One partition's fetch.</summary>
internal sealed class PartitionFetch(
    TopicPartition partition, Guid topicId, long offset, int maxBytes, IsolationLevel isolation, TimeSpan maxWait, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TopicPartition Partition => partition;

    public Guid TopicId => topicId;

    public long Offset => offset;

    public int MaxBytes => maxBytes;

    public IsolationLevel Isolation => isolation;

    public bool MayWait => maxWait > TimeSpan.Zero;

    public TaskCompletionSource<FetchedRecords> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long it may still wait.</summary>
    public TimeSpan Deadline(TimeProvider clock)
    {
        TimeSpan left = maxWait - clock.GetElapsedTime(_start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

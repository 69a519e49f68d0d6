using Microsoft.Extensions.Logging;
using StreamSQL.Engine.Queries.Sharing;
#if PLANTED_BUGS
using StreamSQL.Kafka;
#endif
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// Exactly-once: some tasks of one query, run by one <see cref="TaskWorker"/>, and committed together. One commit is one broker transaction
/// with the outputs, the changelogs and the source offsets of all tasks, so that after a crash either all of it has happened or nothing.
/// The transactional id fences an older owner of the same tasks (KIP-447, KIP-890).
/// </summary>
/// <remarks>
/// The worker drives it, one step at a time, and alone touches its tasks but for what is <see cref="Busy"/>: a commit or a wait, which no
/// other group sees. When it commits is the worker's decision.
/// </remarks>
internal sealed class CommitGroup : IAsyncDisposable
{
    private const int PositionAttempts = 100;

    private static readonly TimeSpan PositionRetry = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(60);

    private readonly string _id;
    private readonly string _consumerGroup;
    private readonly IBrokerClient _broker;
    private readonly IReadOnlyList<StreamTask> _tasks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TaskWorkers _workers;
    private readonly TaskWorker _worker;
    private readonly ProgressSignal _progress;
    private readonly List<StreamTask> _committing = [];
    private readonly List<PartitionBatch> _batches = [];
    private readonly List<KeyValuePair<TopicPartition, long>> _offsets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITransactionalProducer? _producer;
    private Task _busy = Task.CompletedTask;
    private Task? _followed;
    private StreamTask? _waiting;
    private int _next;
    private bool _hasRead;
    private long _waitedUpTo;
    private bool _isLastCommit;
    private volatile bool _isPaused;
    private long _phase;

    /// <summary>Creates a group; <see cref="Start"/> runs it.</summary>
    /// <param name="id">The transactional id.</param>
    /// <param name="consumerGroup">Whose offsets move with each commit.</param>
    /// <param name="tasks">Its tasks.</param>
    /// <param name="environment">Broker, clock and log.</param>
    /// <param name="worker">What runs it: the worker that its tasks were built for.</param>
    /// <param name="progress">Set after each commit and whenever everything has been read.</param>
    public CommitGroup(
        string id, string consumerGroup, IReadOnlyList<StreamTask> tasks, TaskEnvironment environment, TaskWorker worker,
        ProgressSignal progress)
    {
        _id = id;
        _consumerGroup = consumerGroup;
        _broker = environment.Broker;
        _tasks = tasks;
        _logger = environment.Logger;
        _workers = environment.Workers;
        _worker = worker;
        _time = environment.Time;
        _progress = progress;
    }

    /// <summary>Its tasks.</summary>
    public IReadOnlyList<StreamTask> Tasks => _tasks;

    /// <summary>The member of the consumer group that commits; null where no other process runs groups of the query.</summary>
    public GroupSeat? Seat { get; init; }

    /// <summary>Commits written. Any thread.</summary>
    public long Commits { get; private set; }

    /// <summary>Whether it leaves its input alone.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set
        {
            _isPaused = value;
            _worker.Wake();
        }
    }

    /// <summary>
    /// The end of a changelog of its tasks at a moment when their states held everything below it as committed. Null when there was no such
    /// moment: a commit was under way each time, or one has failed and nobody knows what came of it. Any thread.
    /// </summary>
    public async ValueTask<long?> FindCommittedEndAsync(TopicPartition changelog, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < PositionAttempts; attempt++)
        {
            // Odd while a commit is under way: the broker may have it, the states not yet.
            var phase = Interlocked.Read(ref _phase);
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.SnapshotDuringCommit))
                return (await _broker.GetOffsetsAsync(changelog, cancellation)).LastStable;
#endif
            if ((phase & 1) == 0)
            {
                var end = (await _broker.GetOffsetsAsync(changelog, cancellation)).LastStable;
                if (Interlocked.Read(ref _phase) == phase)
                    return end;
            }

            await Task.Delay(PositionRetry, _time, cancellation);
        }

        return null;
    }

    /// <summary>Whether a commit, or a wait for what its records are to meet, is under way: then the worker leaves it alone.</summary>
    public bool IsBusy => !_busy.IsCompleted;

    /// <summary>What is under way; it never fails.</summary>
    public Task Busy => _busy;

    /// <summary>Whether it was busy for too long, so that the others went on.</summary>
    public bool IsLeftBusy => IsBusy && _followed == _busy;

    /// <summary>Whether it stands before records that wait for others; when it is not busy any more it can go on with them.</summary>
    public bool IsWaiting => _waiting is not null && !IsStopping;

    /// <summary>Whether something was read since the last commit.</summary>
    public bool HasOpenWork
    {
        get
        {
            foreach (var task in _tasks)
            {
                if (task.HasOpenWork)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether the last pass over its tasks found nothing to read.</summary>
    public bool IsIdle => !_hasRead && !IsWaiting;

    /// <summary>Whether a task of it has failed. Any thread.</summary>
    public bool HasFailedTask
    {
        get
        {
            for (var i = 0; i < _tasks.Count; i++)
            {
                if (_tasks[i].Failure is not null)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Bytes of output that wait for the commit.</summary>
    public long BufferedBytes
    {
        get
        {
            long bytes = 0;
            foreach (var task in _tasks)
                bytes += task.BufferedBytes;
            return bytes;
        }
    }

    /// <summary>Whether it is to be committed and taken out.</summary>
    public bool IsStopping => _stop.IsCancellationRequested;

    /// <summary>Hands it to the worker, with the producer that was opened before the committed offsets were read.</summary>
    public void Start(ITransactionalProducer producer)
    {
        _producer = producer;
        _worker.Add(this);
    }

    /// <summary>Opens the producer of a group: fences an older one, and finishes or aborts what it left open.</summary>
    public static ValueTask<ITransactionalProducer> OpenProducerAsync(IBrokerClient broker, string id, CancellationToken cancellation) =>
        broker.OpenTransactionalProducerAsync(id, TransactionTimeout, cancellation);

    /// <summary>Commits what is read, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_producer is not null)
        {
            _worker.Wake();
            await _ended.Task;
            await _producer.DisposeAsync();
        }

        foreach (var task in _tasks)
            await task.DisposeAsync();
        await _workers.ReturnAsync(_worker);
        _stop.Dispose();
    }

    /// <summary>
    /// A pass over the tasks: each processes one batch. True when there was something. The pass stops
    /// before records that have to wait for others, and <see cref="GoOn"/> takes it up. Worker only, when not busy.
    /// </summary>
    public bool Read()
    {
        _hasRead = false;
        _next = 0;
        return !_isPaused && GoOn();
    }

    /// <summary>Goes on with a pass that has waited; true when something was read in it.</summary>
    public bool GoOn()
    {
        try
        {
            while (_next < _tasks.Count && !IsStopping && TryProcess(_tasks[_next]))
                _next++;
        }
        catch (Exception error)
        {
            Fail(error);
        }

        if (IsIdle)
            _progress.Set();
        return _hasRead;
    }

    /// <summary>Writes what is open as one transaction; busy until it is durable. Worker only, when not busy.</summary>
    public void BeginCommit()
    {
        try
        {
            _committing.Clear();
            _batches.Clear();
            _offsets.Clear();
            foreach (var task in _tasks)
            {
                if (!task.HasOpenWork || !task.PrepareCommit())
                    continue;
                task.AddTo(_batches, _offsets);
                _committing.Add(task);
            }

            if (_committing.Count > 0)
                _busy = CommitAsync(_producer!);
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    /// <summary>Has the worker woken, once, when what is under way has ended.</summary>
    public void WakeWhenDone()
    {
        if (IsLeftBusy)
            return;
        _followed = _busy;
        _busy.GetAwaiter().UnsafeOnCompleted(_worker.Wake);
    }

    /// <summary>Commits what is open, then leaves its scans; false while the commit is under way. Worker only, when not busy.</summary>
    public bool TryEnd()
    {
        if (!_isLastCommit)
        {
            _isLastCommit = true;
            BeginCommit();
            if (IsBusy)
                return false;
        }

        foreach (var task in _tasks)
            task.Leave();
        _ended.SetResult();
        return true;
    }

    /// <summary>Stops all its tasks at their last commit.</summary>
    public void Fail(Exception error)
    {
        TaskLog.GroupFailed(_logger, _id, error);
        foreach (var task in _tasks)
        {
            if (task.Failure is null)
                task.Fail(error);
        }

        _progress.Set();
    }

    /// <summary>Processes what a task has to read; false when it has to wait before.</summary>
    private bool TryProcess(StreamTask task)
    {
        var hasWaited = task == _waiting;
        _waiting = null;
        if (task.Failure is not null)
            task.Leave();
        if (!task.IsReady())
            return true;

        // Others may have gone on without it while it waited: then it stands before other records than it has waited for.
        if (!hasWaited || task.ReadyEnd > _waitedUpTo)
        {
            var wait = task.WaitForOthersAsync(_broker, _stop.Token);
            if (!wait.IsCompletedSuccessfully)
            {
                _waiting = task;
                _waitedUpTo = task.ReadyEnd;
                _busy = FollowAsync(task, wait);
                return false;
            }
        }

        _hasRead |= task.Process();
        return true;
    }

    private async Task FollowAsync(StreamTask task, ValueTask wait)
    {
        try
        {
            await wait;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It ends: the records stay for the next start.
        }
        catch (Exception error)
        {
            task.Fail(error);
        }
    }

    private async Task CommitAsync(ITransactionalProducer producer)
    {
        try
        {
            Interlocked.Increment(ref _phase);
#if PLANTED_BUGS
            await PlantedCommitAsync(producer);
#endif
            var content = new TransactionContent(_batches, _consumerGroup, _offsets);
            if (Seat is null)
                await producer.CommitAsync(content, CancellationToken.None);
            else
                await Seat.CommitAsync(producer, content);
            foreach (var task in _committing)
                task.Committed();
            Interlocked.Increment(ref _phase);
            Commits++;
            _progress.Set();
            foreach (var task in _tasks)
                await task.PurgeAsync(_broker, CancellationToken.None);
        }
#if PLANTED_BUGS
        catch (KafkaException fenced) when (Planted.IsAwake(PlantedBug.GoOnWhenFenced)
            && fenced.Code is ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced)
        {
            _producer = await OpenProducerAsync(_broker, _id, CancellationToken.None);
            await CommitAsync(_producer);
        }
#endif
        catch (Exception error)
        {
            Fail(error);
        }
    }
#if PLANTED_BUGS

    private async Task PlantedCommitAsync(ITransactionalProducer producer)
    {
        if (Planted.IsAwake(PlantedBug.CommitOffsetsEarly))
            await producer.CommitAsync(new TransactionContent([], _consumerGroup, _offsets), CancellationToken.None);
        if (Planted.IsAwake(PlantedBug.CommitOffsetsLate))
            await CommitApartAsync(producer, static _ => true);
        if (Planted.IsAwake(PlantedBug.CommitStateEarly))
            await CommitApartAsync(producer, static topic => topic.EndsWith("-changelog", StringComparison.Ordinal));
        if (Planted.IsAwake(PlantedBug.CommitOutputsEarly))
            await CommitApartAsync(producer, static topic => !topic.EndsWith("-changelog", StringComparison.Ordinal));
        if (Planted.IsAwake(PlantedBug.ForgetOffsets) && (Commits & 1) == 1)
            _offsets.Clear();
    }

    private async Task CommitApartAsync(ITransactionalProducer producer, Predicate<string> isApart)
    {
        var apart = _batches.Where(batch => isApart(batch.Partition.Topic)).ToArray();
        if (apart.Length > 0)
            await producer.CommitAsync(new TransactionContent(apart, _consumerGroup, []), CancellationToken.None);
        _batches.RemoveAll(batch => isApart(batch.Partition.Topic));
    }
#endif
}

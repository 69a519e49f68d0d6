using Microsoft.Extensions.Logging;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// Exactly-once: runs some tasks of one query on one worker and commits them together. One commit is one broker transaction with the outputs, the
/// changelogs and the source offsets of all tasks, so that after a crash either all of it has happened or nothing. The transactional id fences an older
/// owner of the same tasks (KIP-447, KIP-890).
/// </summary>
/// <remarks>It commits at once when there is nothing more to read; under load every 50 ms, or when the outputs reach a size.</remarks>
internal sealed class CommitGroup : IAsyncDisposable
{
    private const long MaxBufferedBytes = 8 * 1024 * 1024;

    private const int PositionAttempts = 100;

    private static readonly TimeSpan PositionRetry = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(60);

    private readonly string _id;
    private readonly string _consumerGroup;
    private readonly IBrokerClient _broker;
    private readonly IReadOnlyList<StreamTask> _tasks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkerSignal _wake;
    private readonly ProgressSignal _progress;
    private readonly List<StreamTask> _committing = [];
    private readonly List<PartitionBatch> _batches = [];
    private readonly List<KeyValuePair<TopicPartition, long>> _offsets = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private volatile bool _isPaused;
    private long _phase;

    /// <summary>Creates a group; <see cref="Start"/> runs it.</summary>
    /// <param name="id">The transactional id.</param>
    /// <param name="consumerGroup">Whose offsets move with each commit.</param>
    /// <param name="tasks">Its tasks.</param>
    /// <param name="environment">Broker, clock and log.</param>
    /// <param name="wake">What the tasks' readers wake.</param>
    /// <param name="progress">Set after each commit and whenever everything has been read.</param>
    public CommitGroup(
        string id, string consumerGroup, IReadOnlyList<StreamTask> tasks, TaskEnvironment environment, WorkerSignal wake, ProgressSignal progress)
    {
        _id = id;
        _consumerGroup = consumerGroup;
        _broker = environment.Broker;
        _tasks = tasks;
        _time = environment.Time;
        _logger = environment.Logger;
        _wake = wake;
        _progress = progress;
    }

    /// <summary>Its tasks.</summary>
    public IReadOnlyList<StreamTask> Tasks => _tasks;

    /// <summary>Commits written. Any thread.</summary>
    public long Commits { get; private set; }

    /// <summary>Whether it leaves its input alone.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set
        {
            _isPaused = value;
            _wake.Set();
        }
    }

    /// <summary>
    /// The end of a changelog of its tasks at a moment when their states held everything below it as committed. Null when there was no such moment: a commit
    /// was under way each time, or one has failed and nobody knows what came of it. Any thread.
    /// </summary>
    public async ValueTask<long?> FindCommittedEndAsync(TopicPartition changelog, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < PositionAttempts; attempt++)
        {
            // Odd while a commit is under way: the broker may have it, the states not yet.
            var phase = Interlocked.Read(ref _phase);
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

    /// <summary>Starts the worker with the producer that was opened before the committed offsets were read.</summary>
    public void Start(ITransactionalProducer producer) => _loop = Task.Run(() => RunAsync(producer, _stop.Token));

    /// <summary>Opens the producer of a group: fences an older one, and finishes or aborts what it left open.</summary>
    public static ValueTask<ITransactionalProducer> OpenProducerAsync(IBrokerClient broker, string id, CancellationToken cancellation) =>
        broker.OpenTransactionalProducerAsync(id, TransactionTimeout, cancellation);

    /// <summary>Commits what is read, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _wake.Set();
        await _loop;
        foreach (var task in _tasks)
            await task.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(ITransactionalProducer producer, CancellationToken stop)
    {
        await using (producer)
        {
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    await RunOnceAsync(producer, stop);
                    _progress.Set();
                    await _wake.WaitAsync(stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                await TryCommitAsync(producer);
            }
            catch (Exception error)
            {
                FailAll(error);
            }
        }
    }

    /// <summary>Reads and commits until there is nothing more to read.</summary>
    private async ValueTask RunOnceAsync(ITransactionalProducer producer, CancellationToken stop)
    {
        var openSince = _time.GetTimestamp();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var hasRead = false;
            long buffered = 0;
            foreach (var task in _tasks)
            {
                if (!_isPaused)
                    hasRead |= await task.PollAsync(_broker, stop);
                buffered += task.BufferedBytes;
            }

            if (!hasRead || buffered >= MaxBufferedBytes || _time.GetElapsedTime(openSince) >= CommitInterval)
            {
                await CommitAsync(producer);
                openSince = _time.GetTimestamp();
                foreach (var task in _tasks)
                    await task.PurgeAsync(_broker, stop);
            }

            if (!hasRead)
                return;
        }
    }

    private async ValueTask CommitAsync(ITransactionalProducer producer)
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

        if (_committing.Count == 0)
            return;
        Interlocked.Increment(ref _phase);
        await producer.CommitAsync(new TransactionContent(_batches, _consumerGroup, _offsets), CancellationToken.None);
        foreach (var task in _committing)
            task.Committed();
        Interlocked.Increment(ref _phase);
        Commits++;
        _progress.Set();
    }

    private async ValueTask TryCommitAsync(ITransactionalProducer producer)
    {
        try
        {
            await CommitAsync(producer);
        }
        catch (Exception error)
        {
            FailAll(error);
        }
    }

    private void FailAll(Exception error)
    {
        TaskLog.GroupFailed(_logger, _id, error);
        foreach (var task in _tasks)
        {
            if (task.Failure is null)
                task.Fail(error);
        }

        _progress.Set();
    }
}

using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Sessions.Notifications;

/// <summary>
/// Tells that committed records have come to a topic, at most once for each commit: what comes to several partitions within a few
/// milliseconds is told once. It asks the broker as a consumer does, so it slows no writer.
/// </summary>
internal sealed class TopicWatcher : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TaskEnvironment _tasks;
    private readonly TopicPartition[] _partitions;
    private readonly long[] _ends;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private TopicWatcher(string topic, int partitions, TaskEnvironment tasks)
    {
        _tasks = tasks;
        _partitions = Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition)).ToArray();
        _ends = new long[partitions];
    }

    /// <summary>Notes where a topic ends now.</summary>
    public static async ValueTask<TopicWatcher> CreateAsync(string topic, int partitions, TaskEnvironment tasks,
        CancellationToken cancellation)
    {
        var watcher = new TopicWatcher(topic, partitions, tasks);
        await watcher.AdvanceAsync(cancellation);
        return watcher;
    }

    /// <summary>Tells of what comes behind that, from now on.</summary>
    public void Start(Action changed) => _running = Task.Run(() => WatchAsync(changed));

    /// <summary>Stops without waiting.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task WatchAsync(Action changed)
    {
        var waiting = new Task?[_partitions.Length];
        var mustLook = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (mustLook && await AdvanceAsync(_stop.Token))
                    changed();
                mustLook = false;
                for (var i = 0; i < waiting.Length; i++)
                    waiting[i] ??= WaitAsync(i);
                await await Task.WhenAny(waiting!);
                await Task.Delay(Gathering, _tasks.Time, _stop.Token);
                for (var i = 0; i < waiting.Length; i++)
                {
                    if (waiting[i]!.IsCompleted)
                        waiting[i] = null;
                }

                if (await AdvanceAsync(_stop.Token))
                    changed();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException error) when (error.Code == ErrorCode.UnknownTopicOrPartition)
            {
                return; // dropped
            }
            catch (KafkaException error)
            {
                TaskLog.WatchFailed(_tasks.Logger, _partitions[0].Topic, error);
                Array.Clear(waiting);
                mustLook = true;
                if (!await WaitToRetryAsync())
                    return;
            }
        }
    }

    private async Task WaitAsync(int index)
    {
        var from = Volatile.Read(ref _ends[index]);
        using var fetched = await _tasks.Broker.FetchAsync(_partitions[index], from, maxBytes: 1, LongestWait, IsolationLevel.ReadCommitted,
            _stop.Token);
    }

    /// <summary>Notes where the partitions end now; whether one ends further than before.</summary>
    private async ValueTask<bool> AdvanceAsync(CancellationToken cancellation)
    {
        var hasAdvanced = false;
        for (var i = 0; i < _partitions.Length; i++)
        {
            var end = (await _tasks.Broker.GetOffsetsAsync(_partitions[i], cancellation)).LastStable;
            hasAdvanced |= end > _ends[i];
            Volatile.Write(ref _ends[i], end);
        }

        return hasAdvanced;
    }

    private async Task<bool> WaitToRetryAsync()
    {
        try
        {
            await Task.Delay(RetryAfter, _tasks.Time, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

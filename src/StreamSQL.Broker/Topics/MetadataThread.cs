using System.Collections.Concurrent;
using StreamSQL.Kafka;
using StreamSQL.Storage.Files;

namespace StreamSQL.Broker.Topics;

/// <summary>
/// Runs changes of metadata one after another on a thread of its own: they sync files, which must not block the thread pool. At most
/// <see cref="MaxWaiting"/> wait.
/// </summary>
internal sealed class MetadataThread : IDisposable
{
    private const int MaxWaiting = 1024;
    private readonly BlockingCollection<Action> _work = new(MaxWaiting);
    private readonly Thread _thread;

    public MetadataThread()
    {
        _thread = new Thread(Run) { Name = "metadata", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs a change for a client, who is told <see cref="ErrorCode.KafkaStorageError"/> when the disk does not take it.</summary>
    /// <exception cref="KafkaException">
    /// What the change throws, or the disk does not take it; <see cref="ErrorCode.RequestTimedOut"/> when too many wait for the disk.
    /// Nothing was changed then.
    /// </exception>
    /// <exception cref="InvalidOperationException">The broker is closing.</exception>
    public Task<T> ChangeAsync<T>(Func<T> change)
    {
        if (_work.Count >= MaxWaiting)
            throw new KafkaException(ErrorCode.RequestTimedOut, "Too many changes of metadata wait for the disk.");
        return RunAsync(() =>
        {
            try
            {
                return change();
            }
            catch (IOException e)
            {
                IOException cause = StorageErrors.IsDiskFull(e) ? new DiskFullException() : e;
                throw new KafkaException(ErrorCode.KafkaStorageError, cause.Message, cause);
            }
        });
    }

    /// <summary>Runs work and completes with its result or its exception.</summary>
    /// <exception cref="InvalidOperationException">The broker is closing, or too much waits.</exception>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queued = _work.TryAdd(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return queued ? done.Task : throw new InvalidOperationException("Too many changes of metadata are waiting.");
    }

    /// <summary>Runs what waits and ends the thread.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// Threads on which task workers process records, as many as there are processors. A round over all queries of a partition takes some ten
/// milliseconds; on threads of the pool, which has no more of them, whoever asks the server something would wait for its end. So the system
/// shares the processors out.
/// </summary>
/// <remarks>What a worker waits for goes on in the pool, so code of the broker never queues here.</remarks>
internal sealed class WorkerThreads : IDisposable
{
    [ThreadStatic]
    private static WorkerThreads? _owner;

    // Bounded by the workers: each is in it once at most.
    private readonly BlockingCollection<Action> _waiting = [];

    /// <summary>Starts the threads.</summary>
    public WorkerThreads()
    {
        for (var i = 0; i < Environment.ProcessorCount; i++)
            new Thread(Run) { Name = "task worker", IsBackground = true }.Start();
    }

    /// <summary>Awaited, lets the caller go on on one of them, after those who wait for one.</summary>
    public Entrance Enter() => new(this);

    /// <summary>Lets the threads end; nobody enters any more.</summary>
    public void Dispose() => _waiting.CompleteAdding();

    private void Run()
    {
        _owner = this;
        foreach (var continuation in _waiting.GetConsumingEnumerable())
            continuation();
    }

    /// <summary>What <see cref="Enter"/> gives to await.</summary>
    public readonly struct Entrance(WorkerThreads threads) : ICriticalNotifyCompletion
    {
        /// <summary>Whether there is nothing to wait for: the caller is on one, and nobody else wants it.</summary>
        public bool IsCompleted => _owner == threads && threads._waiting.Count == 0;

        /// <summary>Itself: it is what is awaited.</summary>
        public Entrance GetAwaiter() => this;

        /// <summary>Nothing comes of it.</summary>
        public void GetResult()
        {
        }

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => threads._waiting.Add(continuation);

        /// <inheritdoc/>
        public void UnsafeOnCompleted(Action continuation) => threads._waiting.Add(continuation);
    }
}

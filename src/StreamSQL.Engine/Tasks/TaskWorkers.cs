using StreamSQL.Engine.Tasks.Input;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// The workers of the engine: one for each share of a topic's partitions, as commit groups divide them, so that all who read a partition
/// are on one worker. A worker lives as long as somebody uses it. Thread-safe.
/// </summary>
internal sealed class TaskWorkers(RecordSource records, EngineOptions options)
{
    private readonly Lock _sync = new();
    private readonly Dictionary<Share, Rented> _workers = [];
    private WorkerThreads? _threads;

    /// <summary>The worker for a share of a topic; give it back with <see cref="ReturnAsync"/>.</summary>
    /// <param name="topic">The topic that the query reads.</param>
    /// <param name="slot">Its partitions are those with this remainder...</param>
    /// <param name="slots">...when divided by this.</param>
    /// <param name="queryId">The query, for when workers are not shared.</param>
    public TaskWorker Rent(string topic, int slot, int slots, string queryId)
    {
        var share = new Share(topic, slot, slots, options.ShareScans ? null : queryId);
        lock (_sync)
        {
            if (!_workers.TryGetValue(share, out var rented))
                rented = new Rented(new TaskWorker(records, options.MaxOpenOutputBytes, _threads ??= new WorkerThreads()), 0);
            _workers[share] = rented with { Users = rented.Users + 1 };
            return rented.Worker;
        }
    }

    /// <summary>Gives a worker back; the last one to do so stops it.</summary>
    public async ValueTask ReturnAsync(TaskWorker worker)
    {
        WorkerThreads? unused = null;
        lock (_sync)
        {
            var (share, rented) = _workers.First(pair => pair.Value.Worker == worker);
            if (rented.Users > 1)
            {
                _workers[share] = rented with { Users = rented.Users - 1 };
                return;
            }

            _workers.Remove(share);
            if (_workers.Count == 0)
                (unused, _threads) = (_threads, null);
        }

        await worker.DisposeAsync();
        unused?.Dispose();
    }

    private readonly record struct Share(string Topic, int Slot, int Slots, string? QueryId);

    private readonly record struct Rented(TaskWorker Worker, int Users);
}

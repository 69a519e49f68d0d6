using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.Queries;

/// <summary>
/// Has failed queries started again by <see cref="QueryRestartOptions"/>. A restart goes on from the last commit, so a cause that has gone
/// (a full disk, a broker that was away) leaves no trace in the results; one that stays costs an
/// attempt now and then, and that query alone.
/// </summary>
internal sealed class QueryRestarts(TaskEnvironment environment, Func<PersistentQuery, CancellationToken, ValueTask> restart)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _sync = new();
    private readonly List<Task> _watches = [];

    /// <summary>Watches a query until it is stopped or has been started again; that one is watched by a call of its own.</summary>
    public void Watch(PersistentQuery query)
    {
        if (!environment.Options.Restarts.IsOn)
            return;
        lock (_sync)
        {
            _watches.RemoveAll(static watch => watch.IsCompleted);
            _watches.Add(WatchAsync(query));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] watches;
        lock (_sync)
            watches = [.. _watches];
        await Task.WhenAll(watches);
        _stop.Dispose();
    }

    private async Task WatchAsync(PersistentQuery query)
    {
        try
        {
            var started = environment.Time.GetTimestamp();
            if (!await query.WaitUntilFailedAsync(_stop.Token))
                return;
            var options = environment.Options.Restarts;
            if (environment.Time.GetElapsedTime(started) >= options.MaxBackoff)
                query.FailuresBefore = 0;
            var backoff = options.Backoff(query.FailuresBefore + 1);
            QueryLog.RestartsLater(environment.Logger, query.Definition.Id, backoff, query.FailuresBefore + 1);
            await Task.Delay(backoff, environment.Time, _stop.Token);
            await restart(query, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The engine stops.
        }
        catch (Exception error)
        {
            QueryLog.StartFailed(environment.Logger, query.Definition.Id, error);
        }
    }
}

using Microsoft.AspNetCore.Connections;

namespace StreamSQL.Server.Hosting;

/// <summary>What of the server answers by now. Clients that come before wait, in order.</summary>
internal sealed class Gates
{
    private readonly TaskCompletionSource<IReadOnlyList<ConnectionHandler>> _kafka =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource<ConnectionHandler> _standby = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Doors> _doors = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What answers SQL, when it does.</summary>
    public Task<Doors> Doors => _doors.Task;

    /// <summary>Whether clients of SQL are told where else to go.</summary>
    public bool StandsBy => _standby.Task.IsCompletedSuccessfully && !_doors.Task.IsCompletedSuccessfully;

    /// <summary>Lets Kafka clients in, with a handler for each listener in the order of the options.</summary>
    public void OpenKafka(IReadOnlyList<ConnectionHandler> handlers) => _kafka.TrySetResult(handlers);

    /// <summary>Lets Postgres clients in to a handler that tells them where else to go, until the doors open.</summary>
    public void StandBy(ConnectionHandler handler) => _standby.TrySetResult(handler);

    /// <summary>Opens the doors.</summary>
    public void Open(Doors doors) => _doors.SetResult(doors);

    /// <summary>Sends those away who wait.</summary>
    public void Close()
    {
        _kafka.TrySetCanceled();
        _standby.TrySetCanceled();
        _doors.TrySetCanceled();
    }

    /// <summary>The handler of a Kafka listener.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or the server stops.</exception>
    public async Task<ConnectionHandler> KafkaAsync(
        int listener, CancellationToken clientGone) =>
        (await _kafka.Task.WaitAsync(clientGone))[listener];

    /// <summary>What answers a Postgres client.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or the server stops.</exception>
    public async Task<ConnectionHandler> PostgresAsync(CancellationToken clientGone)
    {
        await Task.WhenAny(_doors.Task, _standby.Task).WaitAsync(clientGone);
        return StandsBy ? await _standby.Task : (await _doors.Task).Postgres;
    }
}

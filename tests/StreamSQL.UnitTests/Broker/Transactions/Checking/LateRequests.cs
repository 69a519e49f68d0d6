namespace StreamSQL.UnitTests.Broker.Transactions.Checking;

/// <summary>Requests that the network delivers a second time, much later.</summary>
internal sealed class LateRequests(CheckedBroker broker, Random random)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private readonly Lock _gate = new();
    private readonly List<Func<CheckedConnection, Task>> _waiting = [];

    public void Add(Func<CheckedConnection, Task> send)
    {
        lock (_gate)
            _waiting.Add(send);
    }

    public async Task RunAsync(CancellationToken stop)
    {
        await using var connection = new CheckedConnection(broker, random);
        while (!stop.IsCancellationRequested)
        {
            if (Take() is { } send)
                await send(connection);
            else
                await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private Func<CheckedConnection, Task>? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count < 5)
                return null;
            var at = random.Next(_waiting.Count);
            var taken = _waiting[at];
            _waiting.RemoveAt(at);
            return taken;
        }
    }
}

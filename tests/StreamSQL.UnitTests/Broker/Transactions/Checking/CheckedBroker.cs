using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Broker.Transactions.Checking;

/// <summary>A broker whose power is cut now and then; it comes back with what a disk may have kept.</summary>
internal sealed class CheckedBroker(SimulatedTime time) : IAsyncDisposable
{
    public const string Topic = "t";
    public const int Partitions = 3;
    public static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private MemoryFileSystem _disk = new();
    private TaskCompletionSource<Run> _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _generation;

    /// <summary>The broker as it runs now; waits while the power is off.</summary>
    public Task<Run> RunningAsync()
    {
        lock (_gate)
            return _running.Task;
    }

    /// <summary>Whether an answer came before the power went: what comes later never reached the client.</summary>
    public bool Accepts(Run run)
    {
        lock (_gate)
            return run.Generation == _generation;
    }

    public async Task StartAsync()
    {
        var options = new BrokerOptions
        {
            Storage = new() { Journal = new() { FileBytes = 64 * 1024, FirstFileBytes = 16 * 1024 } },
            Topics = new() { InternalPartitions = 2 },
        };
        var host = await BrokerHost.OpenAsync("data", options, _disk, time);
        if (!host.Topics.TryGet(Topic, out _))
            await host.Topics.CreateAsync(Topic, Partitions, []);
        var services = new BrokerServices(host, new KafkaListenerOptions(), TimeProvider.System);
        _running.SetResult(new Run(_generation, host, services));
    }

    public async Task CutPowerAsync(Random random)
    {
        var run = await RunningAsync();
        var off = _disk;
        lock (_gate)
        {
            _generation++;
            _running = new TaskCompletionSource<Run>(TaskCreationOptions.RunContinuationsAsynchronously);
            off.Fault = static (_, _) => new IOException("The power is off.");
            _disk = off.PowerCut(random);
        }

        await run.EndAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync() => await (await RunningAsync()).EndAsync();

    /// <summary>The broker between two power cuts.</summary>
    internal sealed class Run(int generation, BrokerHost host, BrokerServices services)
    {
        public int Generation => generation;

        public BrokerHost Host => host;

        public KafkaConnectionHandler Connections { get; } = new(services, NullLogger<KafkaConnectionHandler>.Instance);

        public async Task EndAsync()
        {
            try
            {
                await host.DisposeAsync();
            }
            catch (IOException)
            {
                // There is no power to close it in order.
            }
        }
    }
}

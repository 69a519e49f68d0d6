using System.Net;
using StreamSQL.ClusterTests.Sharing;
using StreamSQL.ClusterTests.Standby;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.ExactlyOnce;

/// <summary>How broker and engine are divided among processes.</summary>
internal enum ProcessLayout
{
    /// <summary>One server has both.</summary>
    Together,

    /// <summary>An engine beside the broker that it uses.</summary>
    Apart,

    /// <summary>Two engines that share a broker, one of which stands by. The broker is left alone.</summary>
    Pair,

    /// <summary>Two engines on one broker that share the queries. The broker is left alone.</summary>
    Shared,
}

/// <summary>What is killed and started again.</summary>
internal sealed class KilledProcesses : IDisposable
{
    /// <summary>
    /// The last rows of a run are days later, so the segments before them may be compacted: what is compared is not to go before.
    /// </summary>
    private static readonly string[] _uncompacted = ["--broker-config", "log.cleaner.backoff.ms=3600000"];

    private readonly ProcessLayout _layout;
    private readonly Random _random;
    private readonly TemporaryDirectory _brokerData;
    private readonly TemporaryDirectory _engineData = new();
    private ServerProcess _broker;
    private ServerProcess? _engine;
    private EnginePair? _pair;
    private SharingPair? _shared;

    private KilledProcesses(ProcessLayout layout, Random random, TemporaryDirectory brokerData, ServerProcess broker)
    {
        _layout = layout;
        _random = random;
        _brokerData = brokerData;
        _broker = broker;
        Kafka = broker.Kafka;
    }

    /// <summary>Where clients find the broker, over all kills.</summary>
    public IPEndPoint Kafka { get; }

    /// <summary>The process that answers SQL.</summary>
    public ServerProcess Engine => _shared?[0] ?? _pair?.Active ?? _engine ?? _broker;

    /// <summary>All processes that answer SQL.</summary>
    public IReadOnlyList<ServerProcess> Engines => _shared is null ? [Engine] : [_shared[0], _shared[1]];

    /// <summary>Kills of processes while they were starting.</summary>
    public int KillsWhileStarting { get; private set; }

    /// <summary>Kills of the broker, with its engine or beside it.</summary>
    public int BrokerKills { get; private set; }

    /// <summary>Starts them.</summary>
    public static async Task<KilledProcesses> StartAsync(ProcessLayout layout, Random random)
    {
        var data = new TemporaryDirectory();
        var broker = await (layout == ProcessLayout.Together
            ? ServerProcess.StartAsync(data.Path)
            : ServerProcess.StartBrokerAsync(data.Path, null, layout == ProcessLayout.Shared ? _uncompacted : []));
        var processes = new KilledProcesses(layout, random, data, broker);
        if (layout == ProcessLayout.Pair)
            processes._pair = await EnginePair.StartAsync(processes.Kafka);
        else if (layout == ProcessLayout.Shared)
            processes._shared = await SharingPair.StartAsync(processes.Kafka);
        else if (layout == ProcessLayout.Apart)
            processes._engine = await ServerProcess.StartOnClusterAsync(processes._engineData.Path, processes.Kafka);
        return processes;
    }

    /// <summary>
    /// Kills one of them, and starts it again. A broker that is killed takes the engine's commits with
    /// it, so then the engine is killed after a while too.
    /// </summary>
    public async Task KillAsync()
    {
        if (_layout == ProcessLayout.Together)
            await KillBrokerAsync();
        else if (_pair is not null)
            await KillOfPairAsync(_pair);
        else if (_shared is not null)
            await KillOfSharedAsync(_shared);
        else
            await KillApartAsync();
    }

    /// <summary>Starts an engine again that has ended because another one has taken over the definitions while it stood still.</summary>
    public async Task RestartEndedAsync()
    {
        for (var engine = 0; _shared is not null && engine < 2; engine++)
            await _shared.RestartIfEndedAsync(engine);
    }

    public void Dispose()
    {
        _shared?.Dispose();
        _pair?.Dispose();
        _engine?.Dispose();
        _broker.Dispose();
        _brokerData.Dispose();
        _engineData.Dispose();
    }

    private Task KillOfPairAsync(EnginePair pair) => _random.Next(4) switch
    {
        0 => pair.KillOtherAsync(),
        1 => pair.SuspendActiveAsync(),
        _ => pair.KillActiveAsync(),
    };

    /// <summary>Kills one, or has it stand still, for as long as the other needs to notice or for less.</summary>
    private async Task KillOfSharedAsync(SharingPair shared)
    {
        var index = _random.Next(2);
        var pause = TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? _random.Next(7000, 9000) : _random.Next(0, 3000));
        if (_random.Next(4) == 0)
        {
            await shared[index].SuspendAsync();
            await Task.Delay(pause);
            await shared[index].ResumeAsync();
        }
        else
        {
            shared.Kill(index);
            await Task.Delay(pause);
            await shared.StartAsync(index);
        }

        await RestartEndedAsync();
    }

    private async Task KillApartAsync()
    {
        if (_random.Next(3) == 0)
        {
            await KillBrokerAsync();
            await Task.Delay(_random.Next(500));
        }

        _engine!.Kill();
        _engine.Dispose();
        _engine = await ServerProcess.StartOnClusterAsync(_engineData.Path, Kafka);
    }

    private async Task KillBrokerAsync()
    {
        BrokerKills++;
        _broker.Kill();
        _broker.Dispose();
        while (_random.Next(6) == 0)
        {
            KillsWhileStarting++;
            var after = TimeSpan.FromMilliseconds(_random.Next(100, 1500));
            await ServerProcess.StartAndKillAsync(
                _brokerData.Path, Kafka, after, _layout == ProcessLayout.Apart ? ["--broker-only", ServerProcess.OpenEngineTopics] : []);
        }

        _broker = await (_layout == ProcessLayout.Apart
            ? ServerProcess.StartBrokerAsync(_brokerData.Path, Kafka)
            : ServerProcess.StartAsync(_brokerData.Path, Kafka));
    }
}

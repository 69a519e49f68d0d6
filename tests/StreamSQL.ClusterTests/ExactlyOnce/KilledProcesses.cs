using System.Net;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.ExactlyOnce;

/// <summary>What is killed and started again: one server with broker and engine in it, or an engine beside the server whose broker it uses.</summary>
internal sealed class KilledProcesses : IDisposable
{
    private readonly bool _isApart;
    private readonly Random _random;
    private readonly TemporaryDirectory _brokerData;
    private readonly TemporaryDirectory _engineData = new();
    private ServerProcess _broker;
    private ServerProcess? _engine;

    private KilledProcesses(bool isApart, Random random, TemporaryDirectory brokerData, ServerProcess broker)
    {
        _isApart = isApart;
        _random = random;
        _brokerData = brokerData;
        _broker = broker;
        Kafka = broker.Kafka;
    }

    /// <summary>Where clients find the broker, over all kills.</summary>
    public IPEndPoint Kafka { get; }

    /// <summary>The process that answers SQL.</summary>
    public ServerProcess Engine => _engine ?? _broker;

    /// <summary>Kills of processes while they were starting.</summary>
    public int KillsWhileStarting { get; private set; }

    /// <summary>Kills of the broker, with its engine or beside it.</summary>
    public int BrokerKills { get; private set; }

    /// <summary>Starts them.</summary>
    public static async Task<KilledProcesses> StartAsync(bool isApart, Random random)
    {
        var data = new TemporaryDirectory();
        var processes = new KilledProcesses(isApart, random, data, await (isApart ? ServerProcess.StartBrokerAsync(data.Path) : ServerProcess.StartAsync(data.Path)));
        if (isApart)
            processes._engine = await ServerProcess.StartOnClusterAsync(processes._engineData.Path, processes.Kafka);
        return processes;
    }

    /// <summary>Kills one of them, and starts it again. A broker that is killed takes the engine's commits with it, so then the engine is killed after a while too.</summary>
    public async Task KillAsync()
    {
        if (!_isApart)
        {
            await KillBrokerAsync();
            return;
        }

        if (_random.Next(3) == 0)
        {
            await KillBrokerAsync();
            await Task.Delay(_random.Next(500));
        }

        _engine!.Kill();
        _engine.Dispose();
        _engine = await ServerProcess.StartOnClusterAsync(_engineData.Path, Kafka);
    }

    public void Dispose()
    {
        _engine?.Dispose();
        _broker.Dispose();
        _brokerData.Dispose();
        _engineData.Dispose();
    }

    private async Task KillBrokerAsync()
    {
        BrokerKills++;
        _broker.Kill();
        _broker.Dispose();
        while (_random.Next(6) == 0)
        {
            KillsWhileStarting++;
            await ServerProcess.StartAndKillAsync(_brokerData.Path, Kafka, TimeSpan.FromMilliseconds(_random.Next(100, 1500)), _isApart ? [ServerProcess.OpenEngineTopics] : []);
        }

        _broker = await (_isApart ? ServerProcess.StartBrokerAsync(_brokerData.Path, Kafka) : ServerProcess.StartAsync(_brokerData.Path, Kafka));
    }
}

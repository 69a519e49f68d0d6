using System.Globalization;
using System.Net;
using StreamSQL.ClusterTests.Crashes.Checking;
using StreamSQL.ClusterTests.Crashes.Load;
using StreamSQL.ClusterTests.Support;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Client.Tcp;

namespace StreamSQL.ClusterTests.Crashes;

/// <summary>
/// A server under load from producers and readers outside it, ended again and again; queries run on the same topic. Nobody but the run's
/// checker knows what must be there afterwards.
/// </summary>
internal sealed class CrashRun(int seed, KilledServer kind)
{
    private const int IdempotentProducers = 2;
    private const int TransactionalProducers = 2;
    private const int FirstLibrdkafkaProducer = 10;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private const string Queries = """
        CREATE STREAM load (k VARCHAR KEY, v VARCHAR) WITH (KAFKA_TOPIC = 'load', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'KAFKA');
        CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM load GROUP BY k EMIT CHANGES;
        CREATE STREAM copies WITH (KAFKA_TOPIC = 'copies', PARTITIONS = 4) AS SELECT k, v FROM load EMIT CHANGES;
        """;

    private readonly Random _random = new(seed);
    private readonly History _history = new();
    private readonly List<Task> _loads = [];
    private readonly List<TransactionalLoad> _transactional = [];
    private int _endsWhileStarting;

    /// <summary>What the run did, in figures.</summary>
    public string Figures { get; private set; } = "";

    /// <summary>Runs so many cycles and then checks; what is wrong.</summary>
    public async Task<IReadOnlyList<Anomaly>> RunAsync(int cycles, Action<string> tell)
    {
        ServerProcess server = await ServerProcess.StartAsync(kind.DataDirectory);
        IPEndPoint kafka = server.Kafka;
        try
        {
            await using TcpBrokerClient client = Client(kafka);
            await CreateAsync(server, client);
            using var stop = new CancellationTokenSource();
            using var giveUp = new CancellationTokenSource();
            List<LibrdkafkaLoad> librdkafka = await LibrdkafkaLoad.StartAllAsync(kafka.ToString(), FirstLibrdkafkaProducer, _history);
            StartLoads(kafka, client, stop.Token, giveUp.Token);
            for (int cycle = 1; cycle <= cycles; cycle++)
            {
                await Task.Delay(_random.Next(50, 900));
                server = await EndAndStartAsync(server, kafka);
                if (cycle % 50 == 0)
                    tell($"{cycle} cycles, {_history.Sent.Count} records");
            }

            await StopLoadsAsync(librdkafka, stop, giveUp);
            await ReadAllAsync(client);
            await CheckQueriesAsync(server, client);
        }
        finally
        {
            server.Dispose();
        }

        Figures = Describe();
        return HistoryChecker.Check(_history);
    }

    private static TcpBrokerClient Client(IPEndPoint kafka) => new(
        new TcpClientOptions
        {
            Bootstrap = [new DnsEndPoint(kafka.Address.ToString(), kafka.Port)], RetryBackoff = TimeSpan.FromMilliseconds(20),
            RequestTimeout = TimeSpan.FromSeconds(20),
        },
        TimeProvider.System);

    private static async Task CreateAsync(ServerProcess server, TcpBrokerClient client)
    {
        var configs = new Dictionary<string, string> { ["retention.ms"] = "-1", ["segment.bytes"] = $"{1024 * 1024}" };
        await client.CreateTopicAsync(new NewTopic(LoadTopic.Name, LoadTopic.Partitions, 1, configs), default);
        await server.ExecuteAsync(Queries);
    }

    private void StartLoads(IPEndPoint kafka, TcpBrokerClient client, CancellationToken stop, CancellationToken giveUp)
    {
        for (int i = 0; i < IdempotentProducers; i++)
        {
            var load = new IdempotentLoad(i, kafka, _history, new Random(_random.Next()));
            _loads.Add(Task.Run(() => load.RunAsync(stop, giveUp)));
        }

        for (int i = 0; i < TransactionalProducers; i++)
        {
            var load = new TransactionalLoad(IdempotentProducers + i, kafka, _history, new Random(_random.Next()));
            _transactional.Add(load);
            _loads.Add(Task.Run(() => load.RunAsync(stop, giveUp)));
        }

        foreach (IsolationLevel isolation in new[] { IsolationLevel.ReadCommitted, IsolationLevel.ReadUncommitted })
        {
            for (int partition = 0; partition < LoadTopic.Partitions; partition++)
            {
                Reading reading = _history.Read($"{isolation} {partition}", isolation == IsolationLevel.ReadCommitted);
                var load = new ReadingLoad(client, partition, isolation, reading, _history);
                _loads.Add(Task.Run(() => load.RunAsync(stop)));
            }
        }
    }

    private async Task<ServerProcess> EndAndStartAsync(ServerProcess server, IPEndPoint kafka)
    {
        await kind.EndAsync(server);
        server.Dispose();
        while (_random.Next(6) == 0)
        {
            _endsWhileStarting++;
            await kind.EndWhileStartingAsync(kafka, TimeSpan.FromMilliseconds(_random.Next(100, 900)));
        }

        return await ServerProcess.StartAsync(kind.DataDirectory, kafka);
    }

    private async Task StopLoadsAsync(List<LibrdkafkaLoad> librdkafka, CancellationTokenSource stop, CancellationTokenSource giveUp)
    {
        await stop.CancelAsync();
        try
        {
            await Task.WhenAll([.. _loads, .. librdkafka.Select(static load => load.StopAsync())]).WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            _history.WrongAnswer($"a load got no answer within {_patience.TotalSeconds} s of a running server");
            await giveUp.CancelAsync();
            await Task.WhenAll(_loads);
        }
        finally
        {
            librdkafka.ForEach(static load => load.Dispose());
        }
    }

    private async Task ReadAllAsync(TcpBrokerClient client)
    {
        for (int partition = 0; partition < LoadTopic.Partitions; partition++)
        {
            await ReadingLoad.ReadToEndAsync(client, LoadTopic.Partition(partition), IsolationLevel.ReadCommitted, _history.Committed);
            await ReadingLoad.ReadToEndAsync(client, LoadTopic.Partition(partition), IsolationLevel.ReadUncommitted, _history.Log);
        }

        for (int i = 0; i < _transactional.Count; i++)
        {
            IReadOnlyDictionary<TopicPartition, long> offsets = await client.GetCommittedOffsetsAsync(_transactional[i].Group, default);
            _history.GroupOffsets[IdempotentProducers + i] = offsets.GetValueOrDefault(LoadTopic.Partition(0), -1);
        }
    }

    /// <summary>The count over the topic and its copy are exactly what readers of committed records find.</summary>
    private async Task CheckQueriesAsync(ServerProcess server, TcpBrokerClient client)
    {
        string[] counts =
        [
            .. _history.Committed.GroupBy(static r => LoadTopic.Key(r.Partition, r.Id.Number))
                .OrderBy(static g => g.Key, StringComparer.Ordinal).Select(static g => $"{g.Key}|{g.Count()}"),
        ];
        if (await server.SettlesAtAsync("SELECT k, n FROM counts ORDER BY k", counts, _patience) is { } other)
            _history.WrongAnswer($"the table of counts is {string.Join(' ', other)}, not {string.Join(' ', counts)}");
        string total = _history.Committed.Count.ToString(CultureInfo.InvariantCulture);
        if (await server.SettlesAtAsync("SELECT COUNT(*) FROM copies", [total], _patience) is { } copied)
            _history.WrongAnswer($"the stream of copies has {string.Join(' ', copied)} records, not {total}");
        var copies = new List<SeenRecord>();
        for (int partition = 0; partition < LoadTopic.Partitions; partition++)
            await ReadingLoad.ReadToEndAsync(client, new TopicPartition("copies", partition), IsolationLevel.ReadCommitted, copies);
        if (!copies.Select(static c => c.Id).ToHashSet().SetEquals(_history.Committed.Select(static c => c.Id)))
            _history.WrongAnswer("the stream of copies holds other records than its source");
    }

    private string Describe()
    {
        int Ended(Outcome outcome) => _history.Transactions.Count(t => t.Outcome == outcome);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_endsWhileStarting} more while starting, {_history.Sent.Count:N0} records sent, {_history.Committed.Count:N0} in the log and committed, "
            + $"{Ended(Outcome.Committed):N0} transactions committed, {Ended(Outcome.Aborted):N0} aborted, {Ended(Outcome.Unknown):N0} unknown, "
            + $"{_history.Readings.Sum(static r => (long)r.Seen.Count):N0} records polled");
    }
}

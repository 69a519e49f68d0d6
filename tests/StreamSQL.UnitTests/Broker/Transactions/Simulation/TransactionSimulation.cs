using System.Text;
using StreamSQL.Broker;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Broker.Transactions.Checking;

namespace StreamSQL.UnitTests.Broker.Transactions.Simulation;

/// <summary>
/// One seed: producers of both protocols take turns with a broker that ends again and again, on a network that loses requests and answers.
/// What they are told is judged at once, what readers of committed records see in the end.
/// </summary>
internal sealed class TransactionSimulation(int seed)
{
    private const int Steps = 150;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    private static readonly ProducerKind[] Kinds =
    [
        new("old", BumpsEpochs: false, HasRival: false, Long),
        new("new", BumpsEpochs: true, HasRival: false, Long),
        new("old-hasty", BumpsEpochs: false, HasRival: false, Short),
        new("new-hasty", BumpsEpochs: true, HasRival: false, Short),
        new("old-shared", BumpsEpochs: false, HasRival: true, Long),
        new("old-shared", BumpsEpochs: false, HasRival: true, Long),
        new("new-shared", BumpsEpochs: true, HasRival: true, Long),
        new("new-shared", BumpsEpochs: true, HasRival: true, Long),
    ];

    private readonly CheckedHistory _history = new();

    /// <summary>Transactions whose producers were told that they are committed.</summary>
    public int Committed => _history.Committed;

    /// <summary>How often the broker ended.</summary>
    public int Ends { get; private set; }

    /// <exception cref="ShouldAssertException">A client was told, or a reader sees, what must not be; with the story.</exception>
    public async Task RunAsync()
    {
        var random = new Random(seed);
        await using var broker = new SimulatedBroker(new Random(random.Next()));
        await broker.StartAsync();
        SimulatedProducer[] producers = [.. Kinds.Select(kind => new SimulatedProducer(kind, broker, _history, new Random(random.Next())))];
        for (var step = 0; step < Steps; step++)
        {
            await producers[random.Next(producers.Length)].StepAsync();
            await broker.PassAsync(TimeSpan.FromMilliseconds(random.Next(100)));
        }

        Ends = broker.Ends;
        await broker.PassAsync(Long);
        var places = Read(broker.Host);
        places.ShouldBeUnique();
        var seen = places.ToHashSet();
        foreach (var transaction in _history.Transactions)
            Check(transaction, seen, () => string.Join("\n", producers.Select(static p => p.Story)));
        CheckOffsets(broker.Host, seen);
    }

    private static void Check(CheckedTransaction transaction, HashSet<(int Partition, string Value)> seen, Func<string> story)
    {
        var count = transaction.Records.Count(seen.Contains);
        var isRight = transaction.Outcome switch
        {
            Outcome.Aborted => count == 0,
            Outcome.Committed => count == transaction.Records.Count,
            _ => count == 0 || count == transaction.Records.Count,
        };
        isRight.ShouldBeTrue($"{transaction}: {count} of {transaction.Records.Count} records are seen\n{story()}");
    }

    private void CheckOffsets(BrokerHost host, HashSet<(int Partition, string Value)> seen)
    {
        foreach (var id in Kinds.Select(static k => k.Id).Distinct())
        {
            var moved = _history.Transactions.Where(t => t.Id == id && t.MovesOffset && seen.Contains(t.Records[0])).ToList();
            long? last = moved.Count == 0 ? null : moved.Max(static t => t.Number);
            var committed = host.Offsets.Fetch(id, [new(SimulatedBroker.Topic, 0)], requireStable: true).Single();
            committed.Error.ShouldBe(ErrorCode.None, id);
            (committed.Committed?.Offset).ShouldBe(last, id);
        }
    }

    private static List<(int Partition, string Value)> Read(BrokerHost host)
    {
        List<(int, string)> records = [];
        using var parser = new RecordParser(withHeaders: false);
        var run = new RecordRun();
        foreach (var partition in host.Topics.All[SimulatedBroker.Topic].Partitions)
        {
            partition.LastStableOffset.ShouldBe(partition.HighWatermark, $"{partition.Name} is held back");
            for (long position = 0; position < partition.LastStableOffset;)
            {
                var read = partition.Read(position, 64 * 1024, IsolationLevel.ReadCommitted);
                using var fetched = new FetchedRecords(read.Records.Batches, read.Offsets, read.Aborted, read.Records.Release);
                parser.Begin(fetched);
                while (parser.Next(run, position))
                {
                    for (var i = 0; i < run.Count; i++)
                        records.Add((partition.Name.Partition, Encoding.UTF8.GetString(run.Values[i])));
                    position = run.NextOffset;
                }
            }
        }

        return records;
    }
}

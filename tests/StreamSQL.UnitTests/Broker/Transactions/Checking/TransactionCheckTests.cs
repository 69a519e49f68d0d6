using System.Text;
using StreamSQL.Broker.Partitions;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.UnitTests.Broker.Transactions.Checking;

/// <summary>
/// Producers of all kinds at once, lost answers, requests that come late, transactions that are overdue, and power cuts: afterwards every
/// record that a reader sees is held against what the producers were told.
/// </summary>
public class TransactionCheckTests
{
    private const int PowerCuts = 6;
    private const int CommittedPerCut = 4;
    private const int MaxTurns = 2000;
    private static readonly (string Id, bool BumpsEpochs)[] Producers =
        [("one", true), ("two", true), ("shared", true), ("shared", true), ("old", false), ("old-shared", false), ("old-shared", false)];

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly SimulatedTime _time = new();
    private readonly CheckedHistory _history = new();
    private readonly Dictionary<(int Partition, long Offset), string> _seen = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_is_lost_doubled_torn_or_seen_although_aborted(int seed)
    {
        var random = new Random(seed);
        await using var broker = new CheckedBroker(_time);
        await broker.StartAsync();
        using var stop = new CancellationTokenSource();
        var late = new LateRequests(broker, new Random(random.Next()));
        List<Task> actors = [late.RunAsync(stop.Token)];
        foreach (var (id, bumps) in Producers)
        {
            var own = new Random(random.Next());
            actors.Add(new TransactionalActor(id, bumps, new CheckedConnection(broker, own), _history, late, own).RunAsync(stop.Token));
        }

        for (var partition = 0; partition < CheckedBroker.Partitions; partition++)
        {
            var own = new Random(random.Next());
            actors.Add(new IdempotentActor($"plain{partition}", partition, new CheckedConnection(broker, own), _history,
                own).RunAsync(stop.Token));
        }

        for (var cut = 0; cut < PowerCuts; cut++)
        {
            // A busy machine gives the producers less time: then more turns pass before the next cut.
            var turns = 0;
            for (var i = random.Next(3, 8); i > 0 || (_history.Committed < CommittedPerCut * (cut + 1) && turns < MaxTurns); i--, turns++)
            {
                await Task.Delay(random.Next(5, 30), CancellationToken.None);
                _time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 1500)));
            }

            await NoteWhatIsSeenAsync(broker);
            await broker.CutPowerAsync(random);
        }

        await Task.Delay(100, CancellationToken.None);
        await stop.CancelAsync();
        await Task.WhenAll(actors);
        var run = await broker.RunningAsync();
        await WhenAllIsDecidedAsync(run);

        await CheckOffsetsAsync(run, Check(run));
    }

    /// <summary>Who reads committed records goes on within the timeout of transactions and ten seconds, whatever was left open.</summary>
    private async Task WhenAllIsDecidedAsync(CheckedBroker.Run run)
    {
        for (var passed = TimeSpan.Zero; passed < CheckedBroker.TransactionTimeout + Bound; passed += TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        foreach (var partition in run.Host.Topics.All[CheckedBroker.Topic].Partitions)
        {
            using var waiter = new DataWaiter(TimeProvider.System);
            waiter.Watch(partition);
            while (partition.LastStableOffset < partition.HighWatermark)
                (await waiter.WaitAsync(Bound, CancellationToken.None)).ShouldBeTrue($"{partition.Name} is held back: {partition.Offsets}");
        }
    }

    /// <summary>What was once seen at an offset stays there.</summary>
    private async Task NoteWhatIsSeenAsync(CheckedBroker broker)
    {
        var run = await broker.RunningAsync();
        foreach (var (partition, offset, value) in Read(run))
            _seen[(partition, offset)] = value;
    }

    private Dictionary<string, (int Partition, long Offset)> Check(CheckedBroker.Run run)
    {
        var records = Read(run);
        foreach (var (partition, offset, value) in records)
        {
            if (_seen.Remove((partition, offset), out var before))
                value.ShouldBe(before);
        }

        _seen.ShouldBeEmpty();
        records.Select(r => r.Value).ShouldBeUnique();
        var places = records.ToDictionary(r => r.Value, r => (r.Partition, r.Offset));
        foreach (var transaction in _history.Transactions)
            Check(transaction, places);
        CheckPlain(places);
        CheckOrder(places);
        _history.Committed.ShouldBeGreaterThan(20);
        return places;
    }

    private static void Check(CheckedTransaction transaction, Dictionary<string, (int Partition, long Offset)> places)
    {
        var visible = transaction.Records.Count(r => places.ContainsKey(r.Value));
        var what = $"{transaction}: {visible} of {transaction.Records.Count} records are seen";
        if (transaction.Outcome == Outcome.Aborted)
            visible.ShouldBe(0, what);
        else if (transaction.Outcome == Outcome.Committed || visible > 0)
            visible.ShouldBe(transaction.Records.Count, what);
        foreach (var (partition, value) in transaction.Records)
        {
            if (places.TryGetValue(value, out var place))
                place.Partition.ShouldBe(partition);
        }
    }

    private void CheckPlain(Dictionary<string, (int Partition, long Offset)> places)
    {
        foreach (var producer in _history.Plain.GroupBy(p => p.Partition))
        {
            producer.ShouldAllBe(p => places.ContainsKey(p.Value));
            var offsets = producer.Select(p => places[p.Value].Offset).ToList();
            offsets.ShouldBe(offsets.Order());
        }
    }

    /// <summary>Records of one transactional id stand in each partition in the order in which they were written.</summary>
    private void CheckOrder(Dictionary<string, (int Partition, long Offset)> places)
    {
        var last = new Dictionary<(string Id, int Partition), long>();
        foreach (var transaction in _history.Transactions.OrderBy(t => t.Number))
        {
            foreach (var (partition, value) in transaction.Records.Where(r => places.ContainsKey(r.Value)))
            {
                places[value].Offset.ShouldBeGreaterThan(last.GetValueOrDefault((transaction.Id, partition), -1), value);
                last[(transaction.Id, partition)] = places[value].Offset;
            }
        }
    }

    private async Task CheckOffsetsAsync(CheckedBroker.Run run, Dictionary<string, (int Partition, long Offset)> places)
    {
        foreach (var id in _history.Transactions.Select(t => t.Id).Distinct())
        {
            var moved = _history.Transactions.Where(t => t.Id == id && t.MovesOffset && places.ContainsKey(t.Records[0].Value)).ToList();
            long? last = moved.Count == 0 ? null : moved.Max(t => t.Number);
            var committed = run.Host.Offsets.Fetch(id, [new(CheckedBroker.Topic, 0)], requireStable: true).Single();
            for (var tries = 0; committed.Error == ErrorCode.UnstableOffsetCommit && tries < 500; tries++)
            {
                await Task.Delay(10, CancellationToken.None); // the last end is durable, and about to be told to the group
                committed = run.Host.Offsets.Fetch(id, [new(CheckedBroker.Topic, 0)], requireStable: true).Single();
            }

            committed.Error.ShouldBe(ErrorCode.None);
            (committed.Committed?.Offset).ShouldBe(last, id);
        }
    }

    private static List<(int Partition, long Offset, string Value)> Read(CheckedBroker.Run run)
    {
        List<(int, long, string)> records = [];
        using var parser = new RecordParser(withHeaders: false);
        var batch = new RecordRun();
        foreach (var partition in run.Host.Topics.All[CheckedBroker.Topic].Partitions)
        {
            for (long position = 0; position < partition.LastStableOffset;)
            {
                var read = partition.Read(position, 64 * 1024, IsolationLevel.ReadCommitted);
                using var fetched = new FetchedRecords(read.Records.Batches, read.Offsets, read.Aborted, read.Records.Release);
                parser.Begin(fetched);
                while (parser.Next(batch, position))
                {
                    for (var i = 0; i < batch.Count; i++)
                        records.Add((partition.Name.Partition, batch.Offsets[i], Encoding.UTF8.GetString(batch.Values[i])));
                    position = batch.NextOffset;
                }
            }
        }

        return records;
    }
}

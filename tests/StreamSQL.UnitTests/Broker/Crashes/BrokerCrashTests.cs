using System.Globalization;
using StreamSQL.Broker;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Crashes;

/// <summary>
/// Topics, configs, offsets and transactions over power cuts at the file operations of a broker: what was acknowledged is there afterwards,
/// and no transaction is torn.
/// </summary>
public sealed class BrokerCrashTests
{
    private const int Rounds = 4;
    private static readonly TopicPartition First = new("t", 0);
    private static readonly TopicPartition Second = new("t", 1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_was_acknowledged_is_there_after_a_power_cut_at_any_file_operation(int seed)
    {
        var disk = new MemoryFileSystem();
        var book = new CrashBook(disk, seed, every: 3);
        var keys = new HashSet<string>();
        await using (BrokerHost broker = await OpenAsync(disk))
        {
            await StepAsync("topic t", "2", async () => await broker.Topics.CreateAsync("t", 2, []));
            for (int round = 1; round <= Rounds; round++)
                await RunRoundAsync(broker, round);
        }

        book.Cuts.Count.ShouldBeGreaterThan(100);
        foreach (CrashCut cut in book.Cuts)
        {
            await using BrokerHost after = await OpenAsync(cut.Disk);
            cut.Check(key => Find(after, key), keys);
            await after.Topics.CreateAsync("new", 1, []); // it works on
            await after.Client.ProduceAsync(new TopicPartition("new", 0), TestBatches.Of(1, "x"), default);
        }

        async Task StepAsync(string key, string value, Func<Task> step)
        {
            keys.Add(key);
            await book.StepAsync(key, value, step);
        }

        async Task RunRoundAsync(BrokerHost broker, int round)
        {
            string name = $"u{round}";
            await StepAsync($"record {round}", "there",
                async () => await broker.Client.ProduceAsync(First, TestBatches.Of(1, $"record {round}"), default));
            await StepAsync($"topic {name}", "1", async () => await broker.Topics.CreateAsync(name, 1, []));
            await StepAsync("retention", $"{round}000",
                () => broker.Topics.SetConfigsAsync("t", _ => [new("retention.ms", $"{round}000")]));
            await StepAsync("broker", $"{round}111", () => broker.Configs.ChangeAsync(
                new ConfigResource(ConfigResourceType.Broker, ""),
                _ => new Dictionary<string, string> { ["log.retention.ms"] = $"{round}111" }));
            await StepAsync("offset", $"{round}", async () =>
                (await broker.Offsets.CommitAsync("g", [new OffsetToCommit(First, round)])).ShouldBe(ErrorCode.None));
            await StepAsync($"whole {round}", "2", () => CommitWholeAsync(broker, round));
            await StepAsync($"stepped {round}", "2", () => CommitInStepsAsync(broker, round));
            if (round % 2 == 0)
                broker.Store.Checkpoint();
            await StepAsync($"topic {name}", "3", () => broker.Topics.SetPartitionCountAsync(name, 3));
            await StepAsync($"topic {name}", "", () => broker.Topics.DeleteAsync(name));
        }
    }

    private static async Task CommitWholeAsync(BrokerHost broker, int round)
    {
        await using ITransactionalProducer producer =
            await broker.Client.OpenTransactionalProducerAsync("local", TimeSpan.FromSeconds(30), default);
        await producer.CommitAsync(
            new TransactionContent([new(First, TestBatches.Of(1, $"whole {round}")), new(Second, TestBatches.Of(1, $"whole {round}"))],
                null, []), default);
    }

    private static async Task CommitInStepsAsync(BrokerHost broker, int round)
    {
        ProducerIdentity producer = await broker.Transactions.InitializeAsync("remote", 30_000, null);
        foreach (TopicPartition name in (TopicPartition[])[First, Second])
        {
            byte[] batch = TestBatches.Produced(producer.ProducerId, producer.ProducerEpoch, 0, true, $"stepped {round}");
            (await broker.Transactions.AppendAsync("remote", broker.Topics.Find(name)!, batch, RequiredAcks.All,
                TransactionSupport.AddsPartitions))
                .Error.ShouldBe(ErrorCode.None);
        }

        (await broker.Transactions.EndAsync("remote", producer.ProducerId, producer.ProducerEpoch, commit: true, bumpEpoch: false))
            .Error.ShouldBe(ErrorCode.None);
    }

    private static string Find(BrokerHost broker, string key)
    {
        string[] words = key.Split(' ');
        return words[0] switch
        {
            "topic" => broker.Topics.TryGet(words[1], out var topic) ? $"{topic.Partitions.Count}" : "",
            "retention" => broker.Topics.TryGet("t", out var topic) ? topic.Config.Overrides.GetValueOrDefault("retention.ms", "") : "",
            "broker" => broker.Configs.Of(new ConfigResource(ConfigResourceType.Broker, "")).GetValueOrDefault("log.retention.ms", ""),
            "offset" => broker.Offsets.Fetch("g", [First], requireStable: false)[0].Committed?.Offset.ToString(CultureInfo.InvariantCulture)
                ?? "",
            "record" => Count(broker, key) == 1 ? "there" : "",
            _ => Count(broker, key) is > 0 and var count ? $"{count}" : "",
        };
    }

    /// <summary>How often readers of committed records see a value.</summary>
    private static int Count(BrokerHost broker, string value)
    {
        int count = 0;
        foreach (TopicPartition name in (TopicPartition[])[First, Second])
        {
            if (broker.Topics.Find(name) is not { } partition)
                continue;
            PartitionRead read = partition.Read(partition.StartOffset, 1 << 20, IsolationLevel.ReadCommitted);
            using var records = read.Records;
            ReadOnlySpan<byte> rest = records.Batches.Span;
            while (RecordBatchHeader.TryRead(rest, out RecordBatchHeader batch))
            {
                (long producerId, long offset) = (batch.ProducerId, batch.BaseOffset);
                if (!batch.Attributes.IsControl && !read.Aborted.Any(a => a.ProducerId == producerId && a.FirstOffset <= offset))
                    count += TestBatches.RecordsOf(batch).Count(record => record.Value == value);
                rest = rest[batch.SizeInBytes..];
            }
        }

        return count;
    }

    private static Task<BrokerHost> OpenAsync(MemoryFileSystem disk) => BrokerHost.OpenAsync("/data", new BrokerOptions
    {
        Storage = new() { Journal = new() { FileBytes = 16 * 1024, FirstFileBytes = 4096 } },
        Topics = new() { InternalPartitions = 1 },
        Cleaner = new() { Backoff = TimeSpan.FromHours(1) },
    }, disk, TimeProvider.System);
}

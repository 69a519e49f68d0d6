using System.Globalization;
using StreamSQL.Broker;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker;

/// <summary>
/// Rot in the files around the segments: each is made again from its copy, or from the log, and nothing that was acknowledged is lost.
/// </summary>
public sealed class BitRotTests
{
    private const int Step = 5;

    [Theory]
    [InlineData("checkpoint", true, true)]
    [InlineData("checkpoint", false, true)]
    [InlineData("segments", false, true)]
    [InlineData("topics", false, true)]
    [InlineData("configs", false, true)]
    [InlineData("producer-ids", false, true)]
    [InlineData("producers", true, false)]
    [InlineData("leader-epochs", false, false)]
    [InlineData(".index", true, false)]
    [InlineData(".index", false, false)]
    public async Task Whichever_bit_of_a_file_flips_everything_is_there(string kind, bool clean, bool isTold)
    {
        var (disk, expected) = await FillAsync(clean);
        var files = Files(disk, kind);
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            for (var at = 0L; at < Length(disk, file); at += Step)
            {
                var rotten = disk.PowerCut(new PowerCutRules(Survival.All, Survival.All));
                Flip(rotten, file, at);
                await using var broker = await OpenAsync(rotten);
                (await ViewAsync(broker)).ShouldBe(expected, $"{file} byte {at}");
                broker.Damage.ShouldBeEmpty($"{file} byte {at}");
                if (isTold && file == files.Max())
                    broker.Repairs.ShouldContain(message => message.Contains(file, StringComparison.Ordinal), $"{file} byte {at}");
            }
        }
    }

    [Theory]
    [InlineData("checkpoint", true, true)]
    [InlineData("checkpoint", false, true)]
    [InlineData("checkpoint", true, false)]
    [InlineData("checkpoint", false, false)]
    [InlineData("segments", true, true)]
    [InlineData("segments", false, true)]
    [InlineData("segments", true, false)]
    public async Task What_is_lost_with_all_its_copies_is_rebuilt_from_the_log(string kind, bool clean, bool isFlipped)
    {
        var (disk, expected) = await FillAsync(clean);
        Spoil(disk, kind, isFlipped);

        await using (var broker = await OpenAsync(disk))
        {
            (await ViewAsync(broker)).ShouldBe(expected);
            broker.Damage.ShouldBeEmpty();
            broker.Repairs.ShouldContain(message => message.Contains("rebuilt", StringComparison.Ordinal));
            await ProduceAsync(broker, "plain", TestBatches.Keyed(1, ("k", "behind")));
        }

        await using var again = await OpenAsync(disk.PowerCut());
        again.Repairs.ShouldBeEmpty();
        (await ViewAsync(again)).Except(expected).ShouldHaveSingleItem().ShouldEndWith("behind");
        expected.ShouldBeSubsetOf(await ViewAsync(again));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_that_does_not_know_its_topics_does_not_start_and_removes_nothing(bool isFlipped)
    {
        var (disk, expected) = await FillAsync(clean: true);
        var before = disk.PowerCut(new PowerCutRules(Survival.All, Survival.All));
        Spoil(disk, "topics", isFlipped);

        var refused = await Should.ThrowAsync<CorruptDataException>(() => OpenAsync(disk));

        refused.Message.ShouldContain("topic");
        foreach (var file in Files(before, "/topics-"))
            Copy(before, disk, file);
        await using var broker = await OpenAsync(disk);
        (await ViewAsync(broker)).ShouldBe(expected);
    }

    [Fact]
    public async Task A_cleaned_segment_that_was_cut_short_or_lost_is_quarantined()
    {
        foreach (var isLost in (bool[])[false, true])
        {
            var (disk, expected) = await FillAsync(clean: true);
            var cleaned = disk.AllFiles.Where(static f => f.EndsWith(".log", StringComparison.Ordinal)
                && Path.GetFileName(f).Contains('-', StringComparison.Ordinal))
                .MaxBy(f => Length(disk, f))!;
            if (isLost)
                disk.DeleteFile(cleaned);
            else
                Cut(disk, cleaned, 10);

            await using var broker = await OpenAsync(disk);

            var (partition, range) = broker.Damage.ShouldHaveSingleItem();
            partition.Topic.ShouldBe("compacted");
            range.File.ShouldBe(cleaned);
            var lost = expected.Except(await ViewAsync(broker)).ToList();
            lost.ShouldNotBeEmpty();
            lost.ShouldAllBe(line => line.StartsWith("compacted ", StringComparison.Ordinal) && IsIn(range, line));
        }
    }

    [Fact]
    public async Task A_damaged_journal_costs_what_it_held_there_and_the_broker_says_so()
    {
        var disk = new MemoryFileSystem();
        MemoryFileSystem left;
        await using (var broker = await OpenAsync(disk))
        {
            await broker.Topics.CreateAsync("plain", 1, []);
            await broker.Topics.CreateAsync("other", 1, []);
            foreach (var value in (string[])["a", "is-lost", "b"])
                await ProduceAsync(broker, "plain", TestBatches.Of(1, value));
            await ProduceAsync(broker, "other", TestBatches.Of(1, "c"));
            await ProduceAsync(broker, "other", TestBatches.Of(1, "d"));
            left = disk.PowerCut();
        }

        var journal = left.AllFiles.Single(file => file.EndsWith(".journal", StringComparison.Ordinal) && Find(left, file, "is-lost") >= 0);
        Flip(left, journal, Find(left, journal, "is-lost"));
        await using (var broker = await OpenAsync(left))
        {
            broker.Repairs.ShouldContain(message => message.Contains("journal is damaged", StringComparison.Ordinal));
            var (name, range) = broker.Damage.ShouldHaveSingleItem();
            (name.Topic, range.FirstOffset, range.EndOffset).ShouldBe(("plain", 1, 2));
            Values(broker, "plain", 0).ShouldBe(["a"]);
            Values(broker, "plain", 2).ShouldBe(["b"]);
            Values(broker, "other", 0).ShouldBe(["c", "d"]);
            await ProduceAsync(broker, "plain", TestBatches.Of(1, "e"));
        }

        await using var again = await OpenAsync(left.PowerCut());
        again.Repairs.ShouldNotContain(message => message.Contains("journal is damaged", StringComparison.Ordinal));
        again.Topics.Find(new("plain", 0))!.Read(1, 1 << 20, IsolationLevel.ReadUncommitted).Error.ShouldBe(ErrorCode.CorruptMessage);
        again.Damage.ShouldHaveSingleItem().Range.FirstOffset.ShouldBe(1);
        Values(again, "plain", 3).ShouldBe(["e"]);
    }

    private static List<string> Values(BrokerHost broker, string topic, long offset)
    {
        using var read = broker.Topics.Find(new(topic, 0))!.Read(offset, 1 << 20, IsolationLevel.ReadUncommitted).Records;
        return TestBatches.Values(read.Batches.Span);
    }

    private static int Find(MemoryFileSystem disk, string name, string text)
    {
        using var file = disk.Open(name, FileOpening.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>
    /// A broker whose log has every kind of file: cleaned segments, transactions, moved starts, an unclean end in its past, and records
    /// that only the journal has.
    /// </summary>
    private static async Task<(MemoryFileSystem Disk, List<string> View)> FillAsync(bool clean)
    {
        var disk = new MemoryFileSystem();
        var broker = await OpenAsync(disk);
        await broker.Topics.CreateAsync("plain", 1, [new("internal.segment.bytes", "400")]);
        await broker.Topics.CreateAsync("compacted", 1,
            [new("cleanup.policy", "compact"), new("internal.segment.bytes", "500"), new("min.cleanable.dirty.ratio", "0")]);
        await broker.Configs.ChangeAsync(
            new ConfigResource(ConfigResourceType.Broker, ""),
            static _ => new Dictionary<string, string> { ["log.retention.ms"] = "123456789" });
        await using (var producer = await broker.Client.OpenTransactionalProducerAsync("x", TimeSpan.FromSeconds(30), default))
        {
            for (var i = 0; i < 8; i++)
            {
                await producer.CommitAsync(new TransactionContent(
                    [new(new("plain", 0), TestBatches.Keyed(i, ("k", $"plain {i}"))),
                        new(new("compacted", 0), TestBatches.Keyed(i, ($"k{i % 3}", $"compacted {i}")))],
                    "group", [new(new("plain", 0), i)]), default);
            }
        }

        var remote = await broker.Transactions.InitializeAsync("y", 10_000, null);
        await broker.Transactions.AppendAsync("y", broker.Topics.Find(new("plain", 0))!,
            TestBatches.Produced(remote.ProducerId, remote.ProducerEpoch, 0, true, "aborted"), RequiredAcks.All,
            TransactionSupport.AddsPartitions);
        await broker.Transactions.EndAsync("y", remote.ProducerId, remote.ProducerEpoch, false, false);
        await broker.Client.DeleteRecordsAsync(new("plain", 0), 8, default);
        broker.Topics.Find(new("compacted", 0))!.Log.RollSegment();
        broker.Store.Checkpoint();
        while (broker.Cleaner.CleanOnce())
        {
            // as long as there is something to clean
        }

        broker.Store.Checkpoint();
        var cut = disk.PowerCut();
        await broker.DisposeAsync();
        broker = await OpenAsync(cut); // a new leader epoch
        for (var i = 0; i < 6; i++)
        {
            await ProduceAsync(broker, "plain", TestBatches.Keyed(i, ("k", $"later {i}")));
            await ProduceAsync(broker, "compacted", TestBatches.Keyed(i, ($"k{i % 3}", $"later {i}")));
        }

        var view = await ViewAsync(broker);
        view.Count.ShouldBeGreaterThan(15);
        var afterPowerCut = cut.PowerCut();
        await broker.DisposeAsync();
        return (clean ? cut.PowerCut(new PowerCutRules(Survival.All, Survival.All)) : afterPowerCut, view);
    }

    private static Task<BrokerHost> OpenAsync(MemoryFileSystem disk) => BrokerHost.OpenAsync("/data", new BrokerOptions
    {
        Storage = new() { HotTailBytes = 0, Journal = new() { FileBytes = 4096, FirstFileBytes = 4096 } },
        Topics = new() { InternalPartitions = 1 },
        Cleaner = new() { Backoff = TimeSpan.FromHours(1) },
    }, disk, TimeProvider.System);

    private static async Task ProduceAsync(BrokerHost broker, string topic, byte[] batch) =>
        await broker.Client.ProduceAsync(new(topic, 0), batch, default);

    /// <summary>All that a client sees of the data, as lines.</summary>
    private static async Task<List<string>> ViewAsync(BrokerHost broker)
    {
        var lines = new List<string>();
        foreach (var topic in (string[])["plain", "compacted"])
        {
            var partition = broker.Topics.Find(new(topic, 0))!;
            for (var offset = partition.StartOffset; offset < partition.LastStableOffset;)
                offset = Take(partition, topic, offset, lines);
        }

        var offsets = await broker.Client.GetCommittedOffsetsAsync("group", default);
        lines.Add($"offset {offsets.GetValueOrDefault(new TopicPartition("plain", 0), -1)}");
        lines.Add($"config {broker.Configs.Broker.Value("log.retention.ms")}");
        return lines;
    }

    private static bool IsIn(DamagedRange range, string line)
    {
        var offset = long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        return offset >= range.FirstOffset && offset < range.EndOffset;
    }

    private static long Take(Partition partition, string topic, long offset, List<string> lines)
    {
        if (partition.Log.Damage.FirstOrDefault(d => offset >= d.FirstOffset && offset < d.EndOffset) is { } damaged)
            return damaged.EndOffset;
        var read = partition.Read(offset, 1 << 20, IsolationLevel.ReadCommitted);
        using var leased = read.Records;
        var rest = leased.Batches.Span;
        while (RecordBatchHeader.TryRead(rest, out var batch))
        {
            var (producerId, baseOffset) = (batch.ProducerId, batch.BaseOffset);
            if (!batch.Attributes.IsControl && !read.Aborted.Any(a => a.ProducerId == producerId && a.FirstOffset <= baseOffset))
                lines.AddRange(TestBatches.RecordsOf(batch).Where(r => r.Offset >= offset).Select(r => $"{topic} {r.Offset} {r.Value}"));
            rest = rest[batch.SizeInBytes..];
        }

        return leased.IsEmpty ? partition.LastStableOffset : leased.NextOffset;
    }

    private static List<string> Files(MemoryFileSystem disk, string kind) =>
        [.. disk.AllFiles.Where(f => IsOf(f, kind)).Order(StringComparer.Ordinal)];

    private static bool IsOf(string file, string kind) => kind[0] == '.'
        ? file.EndsWith(kind, StringComparison.Ordinal)
        : file.Contains($"/{kind.TrimStart('/').TrimEnd('-')}-0", StringComparison.Ordinal);

    private static void Spoil(MemoryFileSystem disk, string kind, bool isFlipped)
    {
        foreach (var file in Files(disk, kind))
        {
            if (isFlipped)
                Flip(disk, file, 40);
            else
                disk.DeleteFile(file);
            disk.FlushDirectory(file[..file.LastIndexOf('/')]);
        }
    }

    private static void Flip(MemoryFileSystem disk, string name, long at)
    {
        using var file = disk.Open(name, FileOpening.Write);
        Span<byte> one = stackalloc byte[1];
        file.Read(one, at);
        one[0] ^= 4;
        file.Write(one, at);
        file.FlushData();
    }

    private static void Cut(MemoryFileSystem disk, string name, long length)
    {
        using var file = disk.Open(name, FileOpening.Write);
        file.SetLength(length);
        file.FlushData();
    }

    private static void Copy(MemoryFileSystem from, MemoryFileSystem to, string name)
    {
        using var source = from.Open(name, FileOpening.Read);
        var bytes = new byte[source.Length];
        source.Read(bytes, 0);
        using var target = to.Open(name, FileOpening.OpenOrCreate);
        target.Write(bytes, 0);
        target.FlushData();
    }

    private static long Length(MemoryFileSystem disk, string name)
    {
        using var file = disk.Open(name, FileOpening.Read);
        return file.Length;
    }
}

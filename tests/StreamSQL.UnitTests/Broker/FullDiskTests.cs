using System.Diagnostics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker;

/// <summary>
/// A full disk refuses what needs room, soon and by the right code; everything else goes on, and so does writing when there is room.
/// </summary>
public sealed class FullDiskTests
{
    private const string Reserve = "/data/meta/reserve";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1.5); // a second, and a busy machine
    private readonly MemoryFileSystem _disk = new();
    private volatile bool _isFull;
    private string? _journal;

    /// <summary>
    /// Only the journal in use finds the disk full, so that always the append finds it out and not,
    /// whenever it comes, the writing of a spare file.
    /// </summary>
    public FullDiskTests() => _disk.Fault = (operation, path) =>
    {
        if (operation != FileOperation.Write || !IsJournal(path))
            return null;
        _journal ??= path; // a spare file is written later than the first one
        return _isFull && path == _journal ? new IOException("no space left", 28) : null;
    };

    [Fact]
    public async Task Writes_are_refused_within_a_second_reads_go_on_and_writing_resumes()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        (await ServedBroker.ProduceAsync(client, 0, "before")).ErrorCode.ShouldBe(ErrorCode.None);
        _isFull = true;

        var watch = Stopwatch.StartNew();
        (await ServedBroker.ProduceAsync(client, 0, "in between")).ErrorCode.ShouldBe(ErrorCode.KafkaStorageError);
        watch.Elapsed.ShouldBeLessThan(Soon);
        watch.Restart();
        (await ServedBroker.ProduceAsync(client, 0, "refused")).ErrorCode.ShouldBe(ErrorCode.KafkaStorageError);
        watch.Elapsed.ShouldBeLessThan(Soon);
        KafkaException refused = await Should.ThrowAsync<KafkaException>(
            () => broker.Host.Client.ProduceAsync(new TopicPartition("t", 0), TestBatches.Of(1, "x"), default).AsTask());
        refused.InnerException.ShouldBeOfType<DiskFullException>();
        broker.Host.StorageFailure.ShouldBeNull();
        Values(broker).ShouldBe(["before"]);

        _isFull = false;
        await UntilAsync(() => !broker.Host.IsDiskFull);
        (await ServedBroker.ProduceAsync(client, 0, "after")).ErrorCode.ShouldBe(ErrorCode.None);
        Values(broker).ShouldBe(["before", "in between", "after"]); // what was queued was not lost
    }

    [Fact]
    public async Task A_topic_can_be_deleted_on_a_full_disk_but_not_made()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        _disk.FileExists(Reserve).ShouldBeTrue();
        _disk.Fault = (operation, _) => operation == FileOperation.Write
            && _disk.FileExists(Reserve) ? new IOException("no space left", 28) : null;

        CreateTopicsResponse created = await client.AskAsync(
            Apis.CreateTopics, 7, new CreateTopicsRequest
                { TimeoutMs = 1000, Topics = [new() { Name = "u", NumPartitions = 1, ReplicationFactor = 1 }] });
        created.Topics[0].ErrorCode.ShouldBe(ErrorCode.KafkaStorageError);
        broker.Host.Topics.TryGet("u", out _).ShouldBeFalse();
        DeleteTopicsResponse deleted = await client.AskAsync(
            Apis.DeleteTopics, 6, new DeleteTopicsRequest { TimeoutMs = 1000, Topics = [new() { Name = "t" }] });
        deleted.Responses[0].ErrorCode.ShouldBe(ErrorCode.None);
        broker.Host.Topics.TryGet("t", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Records_can_be_deleted_on_a_full_disk_and_stay_deleted()
    {
        await using (ServedBroker broker = await ServedBroker.OpenAsync(files: _disk))
        {
            await using InMemoryKafkaClient client = broker.Connect();
            foreach (string value in (string[])["a", "b", "c"])
                (await ServedBroker.ProduceAsync(client, 0, value)).ErrorCode.ShouldBe(ErrorCode.None);
            // The journal has no room at all, and the rest only the room that is kept.
            _disk.Fault = (operation, path) => operation == FileOperation.Write && (IsJournal(path) || _disk.FileExists(Reserve))
                ? new IOException("no space left", 28) : null;
            var watch = Stopwatch.StartNew();
            DeleteRecordsResponse deleted = await client.AskAsync(Apis.DeleteRecords, 2, new DeleteRecordsRequest
            {
                TimeoutMs = 1000, Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, Offset = 2 }] }],
            });
            watch.Elapsed.ShouldBeLessThan(Soon);
            (deleted.Topics[0].Partitions[0].ErrorCode, deleted.Topics[0].Partitions[0].LowWatermark).ShouldBe((ErrorCode.None, 2));
            await using (ServedBroker after = await ServedBroker.OpenAsync(files: _disk.PowerCut()))
            {
                after.Host.Topics.All["t"].Partitions[0].StartOffset.ShouldBe(2);
                using StreamSQL.Storage.Logs.LogRead read =
                    after.Host.Topics.All["t"].Partitions[0].Read(2, 1 << 20, IsolationLevel.ReadCommitted).Records;
                TestBatches.Values(read.Batches.Span).ShouldBe(["c"]);
            }

            _disk.Fault = null;
            await UntilAsync(() => !broker.Host.IsDiskFull);
        }
    }

    private static bool IsJournal(string path) => path.EndsWith(".journal", StringComparison.Ordinal);

    [Fact]
    public async Task A_transaction_that_cannot_be_written_is_refused_and_can_be_ended_later()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        await using ITransactionalProducer producer =
            await broker.Host.Client.OpenTransactionalProducerAsync("x", TimeSpan.FromSeconds(30), default);
        _isFull = true;
        await ServedBroker.ProduceAsync(client, 0, "finds it out");

        KafkaException refused = await Should.ThrowAsync<KafkaException>(
            () => producer.CommitAsync(new TransactionContent([new(new("t", 0), TestBatches.Of(1, "a"))], null, []), default).AsTask());

        refused.Code.ShouldBe(ErrorCode.KafkaStorageError);
        refused.InnerException.ShouldBeOfType<DiskFullException>();
        _isFull = false;
        await UntilAsync(() => !broker.Host.IsDiskFull);
        await using ITransactionalProducer again =
            await broker.Host.Client.OpenTransactionalProducerAsync("x", TimeSpan.FromSeconds(30), default);
        await again.CommitAsync(new TransactionContent([new(new("t", 0), TestBatches.Of(1, "b"))], null, []), default);
        Values(broker).ShouldBe(["finds it out", "b"]);
    }

    private static List<string> Values(ServedBroker broker)
    {
        using StreamSQL.Storage.Logs.LogRead read =
            broker.Host.Topics.All["t"].Partitions[0].Read(0, 1 << 20, IsolationLevel.ReadCommitted).Records;
        return TestBatches.Values(read.Batches.Span);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }
}

using StreamSQL.Broker;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Partitions;

public class PartitionTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly MemoryFileSystem _disk = new();
    private volatile int _flushesBegun;

    [Fact]
    public async Task A_repeated_batch_is_answered_with_its_first_offset()
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);
        for (var i = 0; i < 6; i++)
            (await ProduceAsync(partition, 7, 0, i * 2, $"{i}", "x")).BaseOffset.ShouldBe(i * 2);

        (await ProduceAsync(partition, 7, 0, 10, "5", "x")).ShouldBe(new AppendResult(ErrorCode.None, 10, -1, 0));
        (await ProduceAsync(partition, 7, 0, 2, "1", "x")).BaseOffset.ShouldBe(2); // the fifth last
        // the sixth last is forgotten
        (await ProduceAsync(partition, 7, 0, 0, "0", "x")).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        partition.HighWatermark.ShouldBe(12);
    }

    [Fact]
    public async Task A_gap_in_the_sequence_and_an_old_epoch_are_refused()
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);
        await ProduceAsync(partition, 7, 1, 0, "a");

        (await ProduceAsync(partition, 7, 1, 2, "c")).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        (await ProduceAsync(partition, 7, 0, 1, "b")).Error.ShouldBe(ErrorCode.InvalidProducerEpoch);
        (await ProduceAsync(partition, 7, 2, 1, "b")).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        (await ProduceAsync(partition, 7, 2, 0, "b")).Error.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Sequences_wrap_from_the_largest_to_zero()
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);

        (await ProduceAsync(partition, 7, 0, int.MaxValue - 1, "a", "b", "c")).Error.ShouldBe(ErrorCode.None);
        (await ProduceAsync(partition, 7, 0, 1, "d")).Error.ShouldBe(ErrorCode.None);
        (await ProduceAsync(partition, 7, 0, int.MaxValue - 1, "a", "b", "c")).BaseOffset.ShouldBe(0);
    }

    [Fact]
    public async Task Producers_are_known_again_after_a_power_cut()
    {
        await using var broker = await OpenAsync(_disk);
        await ProduceAsync(await CreateAsync(broker), 7, 0, 0, "a");

        await using var after = await OpenAsync(_disk.PowerCut());
        var partition = after.Topics.All["t"].Partitions[0];

        (await ProduceAsync(partition, 7, 0, 0, "a")).BaseOffset.ShouldBe(0);
        (await ProduceAsync(partition, 7, 0, 5, "b")).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        partition.HighWatermark.ShouldBe(1);
    }

    [Fact]
    public async Task Producers_are_known_after_a_clean_restart_even_when_their_records_are_gone()
    {
        await using (var broker = await OpenAsync(_disk))
        {
            var partition = await CreateAsync(broker);
            await ProduceAsync(partition, 7, 0, 0, "a");
            (await partition.DeleteRecordsAsync(-1)).ShouldBe(1);
        }

        await using var again = await OpenAsync(_disk);
        (await ProduceAsync(again.Topics.All["t"].Partitions[0], 7, 0, 0, "a")).BaseOffset.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_produced_after_the_producers_were_saved_is_known_after_a_power_cut()
    {
        await using (var broker = await OpenAsync(_disk))
            await ProduceAsync(await CreateAsync(broker), 7, 0, 0, "a");
        await using var killed = await OpenAsync(_disk);
        await ProduceAsync(killed.Topics.All["t"].Partitions[0], 7, 0, 1, "b");

        await using var after = await OpenAsync(_disk.PowerCut());
        var partition = after.Topics.All["t"].Partitions[0];

        (await ProduceAsync(partition, 7, 0, 1, "b")).BaseOffset.ShouldBe(1);
        partition.HighWatermark.ShouldBe(2);
    }

    [Fact]
    public async Task A_duplicate_waits_until_its_original_is_durable()
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);
        using var flushes = new SemaphoreSlim(0);
        HoldFlushes(flushes);
        var original = ProduceAsync(partition, 7, 0, 0, "a").AsTask();
        var duplicate = ProduceAsync(partition, 7, 0, 0, "a").AsTask();

        duplicate.IsCompleted.ShouldBeFalse();
        flushes.Release(1000);

        (await duplicate.WaitAsync(Soon)).BaseOffset.ShouldBe(0);
        (await original).BaseOffset.ShouldBe(0);
    }

    [Fact]
    public async Task The_last_stable_offset_waits_for_the_marker_to_be_durable()
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);
        var batch = TestBatches.Produced(7, 0, 0, transactional: true, "in a transaction");
        await partition.AppendAsync(batch, RequiredAcks.All, new Verification(0, BumpsEpochs: false));
        using var flushes = new SemaphoreSlim(0);
        HoldFlushes(flushes);
        var plain = partition.AppendAsync(TestBatches.Of(1, "plain"), RequiredAcks.All).AsTask();
        SpinWait.SpinUntil(() => _flushesBegun > 0, Soon).ShouldBeTrue();
        var marker = partition.AppendMarkerAsync(7, 0, new TransactionMarker(Commit: true, 0), raisesEpoch: false).AsTask();

        flushes.Release();
        await plain.WaitAsync(Soon);

        partition.HighWatermark.ShouldBe(2);
        partition.LastStableOffset.ShouldBe(0);
        flushes.Release(1000);
        await marker.WaitAsync(Soon);
        partition.LastStableOffset.ShouldBe(3);
    }

    [Fact]
    public async Task Bad_batches_are_refused_by_Kafkas_codes()
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);
        var good = TestBatches.Of(1, "a");
        var damaged = good.ToArray();
        damaged[^1] ^= 1;

        (await partition.AppendAsync(damaged, RequiredAcks.All)).Error.ShouldBe(ErrorCode.CorruptMessage);
        (await partition.AppendAsync(good.AsMemory(0, 40), RequiredAcks.All)).Error.ShouldBe(ErrorCode.CorruptMessage);
        (await partition.AppendAsync((byte[])[.. good, .. good], RequiredAcks.All)).Error.ShouldBe(ErrorCode.InvalidRecord);
        (await partition.AppendAsync(TestBatches.Sized(2_000_000), RequiredAcks.All)).Error.ShouldBe(ErrorCode.MessageTooLarge);
        (await partition.AppendAsync(TestBatches.Produced(7, 0, 0, transactional: true, "a"), RequiredAcks.All)).Error.ShouldBe(
            ErrorCode.InvalidTxnState);
        partition.EndOffset.ShouldBe(0);
    }

    [Theory]
    [InlineData(RequiredAcks.All)]
    [InlineData(RequiredAcks.Leader)]
    public async Task Many_writers_at_once_get_every_offset_once(RequiredAcks acks)
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);
        var writers = Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            var offsets = new List<long>();
            for (var i = 0; i < 50; i++)
                offsets.Add((await partition.AppendAsync(TestBatches.Of(1, $"{w} {i}"), acks)).BaseOffset);
            return offsets;
        }));

        var all = (await Task.WhenAll(writers)).SelectMany(o => o).Order().ToList();

        all.ShouldBe(Enumerable.Range(0, 400).Select(o => (long)o));
    }

    [Fact]
    public async Task Nothing_is_visible_before_it_is_durable_and_a_failed_sync_is_an_error()
    {
        await using var broker = await OpenAsync(_disk);
        var partition = await CreateAsync(broker);
        _disk.Fault = (operation, _) => operation == FileOperation.FlushData ? new IOException("gone") : null;

        (await partition.AppendAsync(TestBatches.Of(1, "a"), RequiredAcks.All)).Error.ShouldBe(ErrorCode.KafkaStorageError);
        partition.HighWatermark.ShouldBe(0);
        partition.Read(0, 1000, IsolationLevel.ReadUncommitted).Records.IsEmpty.ShouldBeTrue();
        (await partition.AppendAsync(TestBatches.Of(1, "b"), RequiredAcks.Leader)).Error.ShouldBe(ErrorCode.KafkaStorageError);
        broker.StorageFailure.ShouldNotBeNull();
        _disk.Fault = null;
    }

    /// <summary>Lets the thread that makes appends durable flush as often only as the semaphore is released.</summary>
    private void HoldFlushes(SemaphoreSlim flushes) => _disk.Fault = (operation, _) =>
    {
        if (operation == FileOperation.FlushData && Thread.CurrentThread.Name == "journal flusher")
        {
            Interlocked.Increment(ref _flushesBegun);
            flushes.Wait(Soon);
        }

        return null;
    };

    internal static Task<BrokerHost> OpenAsync(MemoryFileSystem disk, TimeProvider? time = null) => BrokerHost.OpenAsync(
        "data",
        new BrokerOptions
        {
            Storage = new() { Journal = new() { FileBytes = 64 * 1024, FirstFileBytes = 16 * 1024 } },
            Topics = new() { InternalPartitions = 2 },
        },
        disk,
        time ?? TimeProvider.System);

    internal static async Task<Partition> CreateAsync(BrokerHost broker) => (await broker.Topics.CreateAsync("t", 1, [])).Partitions[0];

    private static ValueTask<AppendResult> ProduceAsync(Partition partition, long producer, short epoch, int sequence,
        params string[] values) =>
        partition.AppendAsync(TestBatches.Produced(producer, epoch, sequence, false, values), RequiredAcks.All);
}

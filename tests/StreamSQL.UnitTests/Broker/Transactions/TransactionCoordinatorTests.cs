using StreamSQL.Broker;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Partitions;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Transactions;

/// <summary>Transactions as a remote client drives them, call by call.</summary>
public class TransactionCoordinatorTests
{
    private static readonly TopicPartition T0 = new("t", 0);
    private readonly MemoryFileSystem _disk = new();

    [Fact]
    public async Task What_a_transaction_wrote_is_seen_when_it_commits()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        var producer = await InitializeAsync(broker);
        (await AddAsync(broker, producer)).ShouldBe(ErrorCode.None);
        (await AppendAsync(broker, partition, producer, 0, "a")).Error.ShouldBe(ErrorCode.None);
        (await AppendAsync(broker, partition, producer, 1, "b")).Error.ShouldBe(ErrorCode.None);

        partition.Offsets.ShouldBe(new PartitionOffsets(0, 0, 2));
        Read(partition, IsolationLevel.ReadCommitted).ShouldBeEmpty();
        Read(partition, IsolationLevel.ReadUncommitted).ShouldBe(["a", "b"]);

        (await EndAsync(broker, producer, commit: true)).Error.ShouldBe(ErrorCode.None);
        partition.Offsets.ShouldBe(new PartitionOffsets(0, 3, 3));
        Read(partition, IsolationLevel.ReadCommitted).ShouldBe(["a", "b"]);
        (await EndAsync(broker, producer, commit: true)).Error.ShouldBe(ErrorCode.None); // said again
        (await EndAsync(broker, producer, commit: false)).Error.ShouldBe(ErrorCode.InvalidTxnState);
    }

    [Fact]
    public async Task An_aborted_transaction_is_listed_with_the_records_that_it_left()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        await partition.AppendAsync(TestBatches.Of(1, "before"), RequiredAcks.All);
        var producer = await InitializeAsync(broker);
        await AppendAsync(broker, partition, producer, 0, "a", addPartition: true);
        await EndAsync(broker, producer, commit: false);

        var read = partition.Read(0, 1 << 20, IsolationLevel.ReadCommitted);
        read.Aborted.ShouldBe([new AbortedTransaction(producer.ProducerId, 1)]);
        read.Records.Dispose();
        await using var after = await PartitionTests.OpenAsync(_disk.PowerCut());
        after.Topics.All["t"].Partitions[0].Read(2, 1 << 20, IsolationLevel.ReadCommitted).Aborted
            .ShouldBe([new AbortedTransaction(producer.ProducerId, 1)]);
    }

    [Fact]
    public async Task A_partition_must_belong_to_the_transaction()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        var producer = await InitializeAsync(broker);

        (await AppendAsync(broker, partition, producer, 0, "a")).Error.ShouldBe(ErrorCode.TransactionAbortable);
        (await AppendAsync(broker, partition, producer, 0, "a", addPartition: true)).Error.ShouldBe(ErrorCode.None);
        partition.LastStableOffset.ShouldBe(0);
    }

    [Fact]
    public async Task An_append_or_an_end_that_comes_late_does_not_touch_the_next_transaction()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        var first = await InitializeAsync(broker);
        await AppendAsync(broker, partition, first, 0, "a", addPartition: true);
        var second = await EndAsync(broker, first, commit: true, bumpEpoch: true);
        second.ShouldBe(first with { ProducerEpoch = 1 });
        (await AppendAsync(broker, partition, second, 0, "b", addPartition: true)).Error.ShouldBe(ErrorCode.None);

        (await EndAsync(broker, first, commit: true, bumpEpoch: true)).ShouldBe(ProducerIdentity.Refused(ErrorCode.ProducerFenced));
        (await AppendAsync(broker, partition, first, 1, "late", addPartition: true)).Error.ShouldBe(ErrorCode.InvalidProducerEpoch);
        Read(partition, IsolationLevel.ReadCommitted).ShouldBe(["a"]);

        (await EndAsync(broker, second, commit: true, bumpEpoch: true)).Error.ShouldBe(ErrorCode.None);
        (await EndAsync(broker, second, commit: true, bumpEpoch: true)).ProducerEpoch.ShouldBe((short)2); // the answer was lost
        partition.Offsets.ShouldBe(new PartitionOffsets(0, 4, 4));
        Read(partition, IsolationLevel.ReadCommitted).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_verification_from_before_a_marker_is_void()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        var producer = await InitializeAsync(broker);
        await AddAsync(broker, producer);
        var verifiedAt = partition.MarkersOf(producer.ProducerId);
        await EndAsync(broker, producer, commit: false);

        var batch = TestBatches.Produced(producer.ProducerId, producer.ProducerEpoch, 0, true, "late");
        (await partition.AppendAsync(batch, RequiredAcks.All, new Verification(verifiedAt, false))).Error.ShouldBe(
            ErrorCode.InvalidTxnState);
        partition.LastStableOffset.ShouldBe(partition.HighWatermark);
    }

    [Fact]
    public async Task Offsets_of_a_transaction_are_unstable_until_it_ends()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        await PartitionTests.CreateAsync(broker);
        await broker.Offsets.CommitAsync("g", [new OffsetToCommit(T0, 1)]);
        var producer = await InitializeAsync(broker);
        var error = await broker.Transactions.CommitOffsetsAsync(
            "x", producer.ProducerId, producer.ProducerEpoch, "g", [new OffsetToCommit(T0, 5)], TransactionSupport.AddsPartitions,
            static write => write());

        error.ShouldBe(ErrorCode.None);
        broker.Offsets.Fetch("g", [T0], requireStable: true)[0].Error.ShouldBe(ErrorCode.UnstableOffsetCommit);
        broker.Offsets.Fetch("g", [T0], requireStable: false)[0].Committed!.Offset.ShouldBe(1);
        await using (var during = await PartitionTests.OpenAsync(_disk.PowerCut()))
            during.Offsets.Fetch("g", [T0], requireStable: true)[0].Error.ShouldBe(ErrorCode.UnstableOffsetCommit);

        await EndAsync(broker, producer, commit: true);
        broker.Offsets.Fetch("g", [T0], requireStable: true)[0].Committed!.Offset.ShouldBe(5);
        await using var after = await PartitionTests.OpenAsync(_disk.PowerCut());
        after.Offsets.Fetch("g", [T0], requireStable: true)[0].Committed!.Offset.ShouldBe(5);
    }

    [Fact]
    public async Task A_transaction_left_open_is_aborted_when_its_time_is_up()
    {
        var time = new SteppedTime();
        await using var broker = await PartitionTests.OpenAsync(_disk, time);
        var partition = await PartitionTests.CreateAsync(broker);
        var producer = await InitializeAsync(broker);
        await AppendAsync(broker, partition, producer, 0, "a", addPartition: true);

        time.Advance(TimeSpan.FromSeconds(9));
        await broker.Transactions.ExpireAsync();
        partition.LastStableOffset.ShouldBe(0);
        time.Advance(TimeSpan.FromSeconds(2));
        await broker.Transactions.ExpireAsync();

        partition.LastStableOffset.ShouldBe(2);
        Read(partition, IsolationLevel.ReadCommitted).ShouldBe(["a"]); // with its aborted range beside it
        (await AppendAsync(broker, partition, producer, 1, "late")).Error.ShouldNotBe(ErrorCode.None);
        (await EndAsync(broker, producer, commit: true)).Error.ShouldBe(ErrorCode.ProducerFenced);
    }

    [Fact]
    public async Task An_open_transaction_that_nobody_claims_is_aborted_at_start()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        var orphan = TestBatches.Produced(77, 0, 0, transactional: true, "a");
        (await partition.AppendAsync(orphan, RequiredAcks.All, new Verification(0, false))).Error.ShouldBe(ErrorCode.None);
        partition.LastStableOffset.ShouldBe(0);

        await using var after = await PartitionTests.OpenAsync(_disk.PowerCut());

        after.Topics.All["t"].Partitions[0].LastStableOffset.ShouldBe(2);
    }

    [Fact]
    public async Task An_id_without_transactions_is_forgotten_with_a_tombstone_but_not_one_in_use_here()
    {
        var time = new SteppedTime();
        await using var broker = await PartitionTests.OpenAsync(_disk, time);
        await PartitionTests.CreateAsync(broker);
        var producer = await InitializeAsync(broker);
        await using var local = await broker.Client.OpenTransactionalProducerAsync("local", TimeSpan.FromSeconds(10), default);
        await (await broker.Client.OpenTransactionalProducerAsync("closed", TimeSpan.FromSeconds(10), default)).DisposeAsync();

        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await broker.Transactions.ForgetIdsAsync();
        broker.Transactions.List().Count.ShouldBe(3);
        time.Advance(TimeSpan.FromSeconds(2));
        await broker.Transactions.ForgetIdsAsync();

        broker.Transactions.List().Select(s => s.TransactionalId).ShouldBe(["local"]);
        (await AddAsync(broker, producer)).ShouldBe(ErrorCode.InvalidProducerIdMapping);
        await local.CommitAsync(new TransactionContent([new(T0, TestBatches.Of(1, "a"))], null, []), default);
        var again = await broker.Transactions.InitializeAsync("x", 10_000, (producer.ProducerId, producer.ProducerEpoch));
        again.ProducerId.ShouldNotBe(producer.ProducerId);
        await using var after = await PartitionTests.OpenAsync(_disk.PowerCut());
        after.Transactions.List().Select(s => s.TransactionalId).Order().ShouldBe(["local", "x"]);
    }

    [Fact]
    public async Task A_write_that_expects_another_end_of_a_partition_writes_nothing_and_the_producer_goes_on()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        await using var local = await broker.Client.OpenTransactionalProducerAsync("local", TimeSpan.FromSeconds(10), default);
        TransactionContent Write(string value, long end) =>
            new([new(T0, TestBatches.Of(1, value))], null, []) { ExpectedEnds = [new(T0, end)] };

        await local.CommitAsync(Write("a", 0), default); // and its marker
        var conflict = await Should.ThrowAsync<AppendConflictException>(async () => await local.CommitAsync(Write("b", 1), default));
        conflict.Partition.ShouldBe(T0);
        partition.EndOffset.ShouldBe(2);
        await local.CommitAsync(Write("c", 2), default);

        partition.EndOffset.ShouldBe(4);
        partition.LastStableOffset.ShouldBe(4);
    }

    [Fact]
    public async Task A_marker_from_outside_ends_a_hanging_transaction_and_its_offsets()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        var partition = await PartitionTests.CreateAsync(broker);
        var orphan = TestBatches.Produced(77, 3, 0, transactional: true, "a");
        await partition.AppendAsync(orphan, RequiredAcks.All, new Verification(0, false));
        var abort = new TransactionMarker(Commit: false, 0);

        (await broker.Transactions.WriteMarkerAsync(partition, 77, 2, abort, raisesEpoch: false)).ShouldBe(ErrorCode.InvalidProducerEpoch);
        partition.LastStableOffset.ShouldBe(0);
        (await broker.Transactions.WriteMarkerAsync(partition, 77, 3, abort, raisesEpoch: false)).ShouldBe(ErrorCode.None);
        (await broker.Transactions.WriteMarkerAsync(partition, 77, 3, abort, raisesEpoch: false)).ShouldBe(ErrorCode.None); // said again

        partition.LastStableOffset.ShouldBe(partition.HighWatermark);
        var read = partition.Read(0, 1 << 20, IsolationLevel.ReadCommitted);
        read.Aborted.ShouldBe([new AbortedTransaction(77, 0)]);
        read.Records.Dispose();
    }

    [Fact]
    public async Task Who_asks_for_stable_offsets_waits_for_a_commit_that_is_not_durable_yet()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        await PartitionTests.CreateAsync(broker);
        var producer = await InitializeAsync(broker);
        ErrorCode seenInStep = ErrorCode.None;
        await broker.Transactions.CommitOffsetsAsync(
            "x", producer.ProducerId, producer.ProducerEpoch, "g", [new OffsetToCommit(T0, 5)], TransactionSupport.AddsPartitions, write =>
            {
                var writing = write();
                seenInStep = broker.Offsets.Fetch("g", [T0], requireStable: true)[0].Error;
                return writing;
            });

        seenInStep.ShouldBe(ErrorCode.UnstableOffsetCommit);
    }

    [Fact]
    public async Task A_member_that_is_refused_writes_no_offsets()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        await PartitionTests.CreateAsync(broker);
        var producer = await InitializeAsync(broker);
        var refused = await broker.Transactions.CommitOffsetsAsync(
            "x", producer.ProducerId, producer.ProducerEpoch, "g", [new OffsetToCommit(T0, 5)], TransactionSupport.AddsPartitions,
            static _ => Task.FromResult(ErrorCode.IllegalGeneration));
        refused.ShouldBe(ErrorCode.IllegalGeneration);

        await EndAsync(broker, producer, commit: true);
        broker.Offsets.Fetch("g", [T0], requireStable: true)[0].Committed.ShouldBeNull();
    }

    [Fact]
    public async Task Coordinator_topics_are_compacted_to_what_counts()
    {
        await using var broker = await PartitionTests.OpenAsync(_disk);
        await broker.Topics.CreateAsync("t", 5, []);
        for (var i = 0; i < 100; i++)
            await broker.Offsets.CommitAsync("g", [new OffsetToCommit(new("t", i % 5), i)]);
        await broker.Groups.DeleteOffsetsAsync("g", [new("t", 4)]);
        var partition = await broker.Offsets.PartitionOfAsync("g");
        var sizeBefore = partition.SizeInBytes;

        partition.Log.RollSegment();
        broker.Store.Checkpoint();
        broker.Cleaner.CleanOnce().ShouldBeTrue();

        partition.SizeInBytes.ShouldBeLessThan(sizeBefore / 10);
        partition.EndOffset.ShouldBe(101);
        await using var after = await PartitionTests.OpenAsync(_disk.PowerCut());
        after.Offsets.Fetch("g", null, requireStable: true).OrderBy(f => f.Partition.Partition).Select(f => f.Committed!.Offset)
            .ShouldBe([95, 96, 97, 98]);
    }

    private static async Task<ProducerIdentity> EndAsync(BrokerHost broker, ProducerIdentity producer, bool commit,
        bool bumpEpoch = false) =>
        await broker.Transactions.EndAsync("x", producer.ProducerId, producer.ProducerEpoch, commit, bumpEpoch);

    private static List<string> Read(Partition partition, IsolationLevel isolation)
    {
        using var records = partition.Read(0, 1 << 20, isolation).Records;
        return TestBatches.Values(records.Batches.Span);
    }

    private static async Task<ProducerIdentity> InitializeAsync(BrokerHost broker) =>
        await broker.Transactions.InitializeAsync("x", 10_000, null);

    private static async Task<ErrorCode> AddAsync(BrokerHost broker, ProducerIdentity producer) =>
        await broker.Transactions.AddPartitionsAsync("x", producer.ProducerId, producer.ProducerEpoch, [T0]);

    private static async Task<AppendResult> AppendAsync(
        BrokerHost broker, Partition partition, ProducerIdentity producer, int sequence, string value, bool addPartition = false) =>
        await broker.Transactions.AppendAsync(
            "x", partition, TestBatches.Produced(producer.ProducerId, producer.ProducerEpoch, sequence, true, value), RequiredAcks.All,
            addPartition ? TransactionSupport.AddsPartitions : TransactionSupport.KnowsAbortable);

    /// <summary>A clock that moves when told; its timers are real and far apart.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.UtcTicks;
    }
}

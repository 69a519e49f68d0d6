using StreamSQL.Broker;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Client;

public class InProcessBrokerClientTests
{
    private static readonly TopicPartition A0 = new("a", 0);
    private static readonly TopicPartition A1 = new("a", 1);
    private static readonly TopicPartition B0 = new("b", 0);
    private readonly MemoryFileSystem _disk = new();

    [Fact]
    public async Task What_is_produced_is_fetched_and_survives_a_power_cut()
    {
        await using (var broker = await OpenAsync(_disk))
        {
            await CreateTopicsAsync(broker);
            (await broker.Client.ProduceAsync(A0, TestBatches.Of(1, "x", "y"), default)).ShouldBe(0);
            (await broker.Client.ProduceAsync(A0, TestBatches.Of(1, "z"), default)).ShouldBe(2);
            (await FetchAsync(broker, A0)).ShouldBe(["x", "y", "z"]);

            await using var after = await OpenAsync(_disk.PowerCut());
            (await FetchAsync(after, A0)).ShouldBe(["x", "y", "z"]);
        }
    }

    [Fact]
    public async Task A_transaction_writes_batches_and_offsets_together()
    {
        await using var broker = await OpenAsync(_disk);
        await CreateTopicsAsync(broker);
        await using var producer = await broker.Client.OpenTransactionalProducerAsync("t", TimeSpan.FromSeconds(10), default);

        var first = await producer.CommitAsync(Content("one", 10), default);
        var second = await producer.CommitAsync(Content("two", 20), default);

        first.ShouldBe([0, 0, 0]);
        second.ShouldBe([2, 2, 2]); // a marker follows each batch
        (await FetchAsync(broker, A1)).ShouldBe(["one", "two"]);
        (await broker.Client.GetCommittedOffsetsAsync("g", default)).ShouldBe(new Dictionary<TopicPartition, long> { [B0] = 20 });
        (await broker.Client.GetOffsetsAsync(A0, default)).ShouldBe(new PartitionOffsets(0, 4, 4));

        await using var after = await OpenAsync(_disk.PowerCut());
        (await FetchAsync(after, B0)).ShouldBe(["one", "two"]);
        (await after.Client.GetCommittedOffsetsAsync("g", default)).ShouldBe(new Dictionary<TopicPartition, long> { [B0] = 20 });

        await after.Client.DeleteGroupAsync("g", default);
        (await after.Client.GetCommittedOffsetsAsync("g", default)).ShouldBeEmpty();
        (await CodeOf(() => after.Client.DeleteGroupAsync("g", default).AsTask())).ShouldBe(ErrorCode.GroupIdNotFound);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task After_any_power_cut_a_transaction_is_there_whole_or_not_at_all(int seed)
    {
        var random = new Random(seed);
        await using var broker = await OpenAsync(_disk);
        await CreateTopicsAsync(broker);
        await using var producer = await broker.Client.OpenTransactionalProducerAsync("t", TimeSpan.FromSeconds(10), default);
        for (var i = 1; i <= 20; i++)
        {
            await producer.CommitAsync(Content($"{i}", i), default);
            var open = producer.CommitAsync(Content($"open {i}", 1000 + i), default).AsTask();
            await using var after = await OpenAsync(_disk.PowerCut(random));
            await open;

            var (a0, a1, b0) = (await FetchAsync(after, A0), await FetchAsync(after, A1), await FetchAsync(after, B0));
            a1.ShouldBe(a0);
            b0.ShouldBe(a0);
            a0.Count.ShouldBeGreaterThanOrEqualTo((2 * i) - 1);
            var offset = (await after.Client.GetCommittedOffsetsAsync("g", default))[B0];
            offset.ShouldBe(a0.Count % 2 == 0 ? 1000 + (a0.Count / 2) : (a0.Count + 1) / 2);
        }
    }

    [Fact]
    public async Task A_transaction_too_large_for_one_write_is_committed_in_steps()
    {
        var options = new BrokerOptions { Storage = new() { MaxAtomicGroupBytes = 1000 } };
        await using var broker = await OpenAsync(_disk, options);
        await CreateTopicsAsync(broker);
        await using var producer = await broker.Client.OpenTransactionalProducerAsync("t", TimeSpan.FromSeconds(10), default);

        await producer.CommitAsync(Content(new string('x', 2000), 7), default);
        await producer.CommitAsync(Content("small", 8), default);

        (await FetchAsync(broker, A0)).ShouldBe([new string('x', 2000), "small"]);
        (await broker.Client.GetCommittedOffsetsAsync("g", default))[B0].ShouldBe(8);
    }

    [Fact]
    public async Task A_second_producer_fences_the_first()
    {
        await using var broker = await OpenAsync(_disk);
        await CreateTopicsAsync(broker);
        await using var first = await broker.Client.OpenTransactionalProducerAsync("t", TimeSpan.FromSeconds(10), default);
        await first.CommitAsync(Content("one", 1), default);
        await using var second = await broker.Client.OpenTransactionalProducerAsync("t", TimeSpan.FromSeconds(10), default);

        var fenced = await Should.ThrowAsync<KafkaException>(async () => await first.CommitAsync(Content("two", 2), default));
        await second.CommitAsync(Content("three", 3), default);

        fenced.Code.ShouldBe(ErrorCode.ProducerFenced);
        (await FetchAsync(broker, A0)).ShouldBe(["one", "three"]);
    }

    [Fact]
    public async Task A_fetch_waits_for_data_and_is_answered_when_it_comes()
    {
        await using var broker = await OpenAsync(_disk);
        await CreateTopicsAsync(broker);
        var waiting = broker.Client.FetchAsync(A0, 0, 1 << 20, TimeSpan.FromSeconds(30), IsolationLevel.ReadCommitted, default).AsTask();
        waiting.IsCompleted.ShouldBeFalse();

        await broker.Client.ProduceAsync(A0, TestBatches.Of(1, "x"), default);

        using var fetched = await waiting;
        TestBatches.Values(fetched.Batches.Span).ShouldBe(["x"]);
        var ready = broker.Client.FetchAsync(A0, 0, 1 << 20, TimeSpan.FromSeconds(30), IsolationLevel.ReadCommitted, default);
        ready.IsCompletedSuccessfully.ShouldBeTrue();
        (await ready).Dispose();
    }

    [Fact]
    public async Task Refusals_carry_Kafkas_codes()
    {
        await using var broker = await OpenAsync(_disk);
        await CreateTopicsAsync(broker);

        (await CodeOf(() => broker.Client.ProduceAsync(new("none", 0), TestBatches.Of(1, "x"), default).AsTask())).ShouldBe(
            ErrorCode.UnknownTopicOrPartition);
        (await CodeOf(() => broker.Client.FetchAsync(A0, 5, 1, TimeSpan.Zero, IsolationLevel.ReadCommitted, default).AsTask())).ShouldBe(
            ErrorCode.OffsetOutOfRange);
        (await CodeOf(() => broker.Client.CreateTopicAsync(new NewTopic("a", 1, 1, new Dictionary<string, string>()), default)
            .AsTask())).ShouldBe(ErrorCode.TopicAlreadyExists);
        (await CodeOf(() => broker.Client.CreateTopicAsync(new NewTopic("x/y", 1, 1, new Dictionary<string, string>()), default)
            .AsTask())).ShouldBe(ErrorCode.InvalidTopic);
        (await CodeOf(() => broker.Client.CreateTopicAsync(new NewTopic("c", 1, 3, new Dictionary<string, string>()), default)
            .AsTask())).ShouldBe(ErrorCode.InvalidReplicationFactor);
        (await CodeOf(() => broker.Client.DeleteRecordsAsync(A0, 1, default).AsTask())).ShouldBe(ErrorCode.OffsetOutOfRange);
    }

    [Fact]
    public async Task Offsets_are_found_by_time()
    {
        await using var broker = await OpenAsync(_disk);
        await CreateTopicsAsync(broker);
        for (var i = 0; i < 50; i++)
            await broker.Client.ProduceAsync(A0, TestBatches.Of(i * 10, "x", "y"), default);

        (await broker.Client.GetOffsetForTimestampAsync(A0, 0, default)).ShouldBe(0);
        (await broker.Client.GetOffsetForTimestampAsync(A0, 101, default)).ShouldBe(21);
        (await broker.Client.GetOffsetForTimestampAsync(A0, 102, default)).ShouldBe(22);
        (await broker.Client.GetOffsetForTimestampAsync(A0, 5000, default)).ShouldBe(-1);
    }

    [Fact]
    public async Task A_deleted_topic_stays_deleted_and_its_name_can_be_used_again()
    {
        await using var broker = await OpenAsync(_disk);
        await CreateTopicsAsync(broker);
        await broker.Client.ProduceAsync(A0, TestBatches.Of(1, "old"), default);
        await broker.Client.DeleteTopicAsync("a", default);
        await broker.Client.CreateTopicAsync(new NewTopic("a", 1, 1, new Dictionary<string, string>()), default);
        await broker.Client.ProduceAsync(A0, TestBatches.Of(1, "new"), default);

        await using var after = await OpenAsync(_disk.PowerCut());

        (await FetchAsync(after, A0)).ShouldBe(["new"]);
    }

    private static async Task<ErrorCode> CodeOf(Func<Task> call) => (await Should.ThrowAsync<KafkaException>(call)).Code;

    private static Task<BrokerHost> OpenAsync(MemoryFileSystem disk, BrokerOptions? options = null)
    {
        options ??= new BrokerOptions();
        var journal = new StreamSQL.Storage.Journal.JournalOptions { FileBytes = 64 * 1024, FirstFileBytes = 16 * 1024 };
        var storage = options.Storage with { Journal = journal };
        options = options with { Storage = storage, Topics = new TopicDefaults { InternalPartitions = 3 } };
        return BrokerHost.OpenAsync("data", options, disk, TimeProvider.System);
    }

    private static async Task CreateTopicsAsync(BrokerHost broker)
    {
        await broker.Client.CreateTopicAsync(new NewTopic("a", 2, 1, new Dictionary<string, string>()), default);
        await broker.Client.CreateTopicAsync(new NewTopic("b", 1, 1, new Dictionary<string, string>()), default);
    }

    private static TransactionContent Content(string value, long offset) => new(
        [new(A0, TestBatches.Of(1, value)), new(A1, TestBatches.Of(1, value)), new(B0, TestBatches.Of(1, value))],
        "g", [new(B0, offset)]);

    private static async Task<List<string>> FetchAsync(BrokerHost broker, TopicPartition partition)
    {
        var values = new List<string>();
        for (var offset = 0L; ;)
        {
            using var fetched = await broker.Client.FetchAsync(partition, offset, 4096, TimeSpan.Zero,
                IsolationLevel.ReadCommitted, default);
            if (fetched.Batches.IsEmpty)
                return values;
            values.AddRange(TestBatches.Values(fetched.Batches.Span));
            StreamSQL.Kafka.Records.RecordBatchHeader.TryRead(fetched.Batches.Span, out var header);
            var rest = fetched.Batches.Span;
            while (StreamSQL.Kafka.Records.RecordBatchHeader.TryRead(rest, out header))
            {
                offset = header.NextOffset;
                rest = rest[header.SizeInBytes..];
            }
        }
    }
}

using System.Net;
using System.Text;
using StreamSQL.Broker;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>The engine's TCP client against the broker's Kafka listener.</summary>
public sealed class TcpBrokerClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TopicPartition A0 = new("a", 0);
    private static readonly TopicPartition A1 = new("a", 1);

    private TestBroker _broker = null!;
    private TcpBrokerClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        _client = Client();
        await _client.CreateTopicAsync(new NewTopic("a", 2, 1, new Dictionary<string, string> { ["retention.ms"] = "-1" }), default);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Topics_are_made_listed_and_deleted()
    {
        TopicMetadata topic = (await _client.GetTopicsAsync(["a", "missing"], default)).Single();
        topic.PartitionCount.ShouldBe(2);
        topic.Id.ShouldNotBe(Guid.Empty);
        var again = new NewTopic("a", 1, 1, new Dictionary<string, string>());
        (await RefusalAsync(_client.CreateTopicAsync(again, default).AsTask())).ShouldBe(ErrorCode.TopicAlreadyExists);

        await _client.DeleteTopicAsync("a", default);
        (await _client.GetTopicsAsync(null, default)).ShouldNotContain(t => t.Name == "a");
        (await RefusalAsync(_client.ProduceAsync(A0, Batch(1, "x"), default).AsTask())).ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public async Task What_is_produced_is_fetched()
    {
        (await _client.ProduceAsync(A0, Batch(1000, "x", "y"), default)).ShouldBe(0);
        (await _client.ProduceAsync(A0, Batch(2000, "z"), default)).ShouldBe(2);

        (await FetchAsync(A0, 0)).ShouldBe(["x", "y", "z"]);
        (await FetchAsync(A0, 2)).ShouldBe(["z"]);
        (await _client.GetOffsetsAsync(A0, default)).ShouldBe(new PartitionOffsets(0, 3, 3));
        (await _client.GetOffsetForTimestampAsync(A0, 1500, default)).ShouldBe(2);
        (await _client.GetOffsetForTimestampAsync(A0, 9000, default)).ShouldBe(-1);
        await _client.DeleteRecordsAsync(A0, 2, default);
        (await _client.GetOffsetsAsync(A0, default)).LogStart.ShouldBe(2);
        (await RefusalAsync(FetchAsync(A0, 0))).ShouldBe(ErrorCode.OffsetOutOfRange);
    }

    [Fact]
    public async Task Many_fetches_wait_at_once_and_each_gets_its_own_records()
    {
        await _client.CreateTopicAsync(new NewTopic("many", 40, 1, new Dictionary<string, string>()), default);
        List<Task<List<string>>> waiting = [.. Enumerable.Range(0, 40).Select(i => FetchAsync(new TopicPartition("many", i), 0))];
        foreach (int i in Enumerable.Range(0, 40).Reverse())
            await _client.ProduceAsync(new TopicPartition("many", i), Batch(1, $"for {i}"), default);

        for (int i = 0; i < 40; i++)
            (await waiting[i].WaitAsync(Minute)).ShouldBe([$"for {i}"]);
    }

    [Fact]
    public async Task A_fetch_of_nothing_ends_when_its_time_is_up()
    {
        using FetchedRecords none = await _client.FetchAsync(
            A0, 0, 1000, TimeSpan.FromMilliseconds(50), IsolationLevel.ReadCommitted, default);

        none.Batches.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_transaction_writes_batches_and_offsets_together()
    {
        await using ITransactionalProducer producer = await _client.OpenTransactionalProducerAsync("t", Minute, default);
        var content = new TransactionContent(
            [new(A0, Batch(1, "one")), new(A1, Batch(1, "two", "three")), new(A0, Batch(1, "four"))], "g", [new(A1, 7)]);
        (await producer.CommitAsync(content, default)).ShouldBe([0, 0, 1]);
        (await producer.CommitAsync(new TransactionContent([new(A0, Batch(1, "five"))], null, []), default)).ShouldBe([3]);

        (await _client.GetOffsetsAsync(A0, default)).ShouldBe(new PartitionOffsets(0, 5, 5));
        (await FetchAsync(A0, 0)).ShouldBe(["one", "four", "five"]);
        (await FetchAsync(A1, 0)).ShouldBe(["two", "three"]);
        (await _client.GetCommittedOffsetsAsync("g", default)).ShouldBe(new Dictionary<TopicPartition, long> { [A1] = 7 });

        await _client.DeleteGroupAsync("g", default);
        (await _client.GetCommittedOffsetsAsync("g", default)).ShouldBeEmpty();
        (await RefusalAsync(_client.DeleteGroupAsync("g", default).AsTask())).ShouldBe(ErrorCode.GroupIdNotFound);
    }

    [Fact]
    public async Task On_a_cluster_of_old_transactions_keep_their_epoch()
    {
        await using TestBroker old = await TestBroker.StartAsync(new BrokerOptions { TransactionVersion = 0 });
        await using var client = new TcpBrokerClient(
            new TcpClientOptions { Bootstrap = [new DnsEndPoint("127.0.0.1", old.Port)] }, TimeProvider.System);
        await client.CreateTopicAsync(new NewTopic("a", 2, 1, new Dictionary<string, string>()), default);
        await using ITransactionalProducer producer = await client.OpenTransactionalProducerAsync("t", Minute, default);
        for (int i = 0; i < 3; i++)
        {
            var content = new TransactionContent([new(A0, Batch(1, $"{i}")), new(A1, Batch(1, "x", "y"))], "g", [new(A1, i)]);
            (await producer.CommitAsync(content, default)).ShouldBe([i * 2, i * 3]);
        }

        old.Host.Transactions.Describe("t")!.ProducerEpoch.ShouldBe((short)0);
        (await client.GetCommittedOffsetsAsync("g", default)).ShouldBe(new Dictionary<TopicPartition, long> { [A1] = 2 });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_commit_that_fails_half_way_leaves_nothing_and_the_next_goes_through(short transactionVersion)
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions { TransactionVersion = transactionVersion });
        var options = new TcpClientOptions { Bootstrap = [new DnsEndPoint("127.0.0.1", broker.Port)],
            RetryTimeout = TimeSpan.FromMilliseconds(200) };
        await using var client = new TcpBrokerClient(options, TimeProvider.System);
        await client.CreateTopicAsync(new NewTopic("a", 2, 1, new Dictionary<string, string>()), default);
        await using ITransactionalProducer producer = await client.OpenTransactionalProducerAsync("t", Minute, default);

        for (int i = 0; i < 2; i++)
        {
            // The second batch of the transaction is too large, after the first one has been appended.
            var failing = new TransactionContent([new(A0, Batch(1, "lost")), new(A0, Batch(1, new string('x', 2_000_000)))], null, []);
            (await RefusalAsync(producer.CommitAsync(failing, default).AsTask())).ShouldBe(ErrorCode.MessageTooLarge);
            await producer.CommitAsync(new TransactionContent([new(A0, Batch(1, $"kept {i}"))], null, []), default);
        }

        PartitionOffsets offsets = await client.GetOffsetsAsync(A0, default);
        offsets.LastStable.ShouldBe(offsets.HighWatermark);
        using FetchedRecords fetched = await client.FetchAsync(A0, 0, 1 << 20, Minute, IsolationLevel.ReadCommitted, default);
        fetched.Aborted.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_producer_whose_idle_id_was_forgotten_begins_anew()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions { TransactionalIdExpiry = TimeSpan.Zero });
        await using var client = new TcpBrokerClient(
            new TcpClientOptions { Bootstrap = [new DnsEndPoint("127.0.0.1", broker.Port)] }, TimeProvider.System);
        await client.CreateTopicAsync(new NewTopic("a", 2, 1, new Dictionary<string, string>()), default);
        await using ITransactionalProducer producer = await client.OpenTransactionalProducerAsync("t", Minute, default);
        await producer.CommitAsync(new TransactionContent([new(A0, Batch(1, "one"))], null, []), default);
        await broker.Host.Transactions.ForgetIdsAsync();
        broker.Host.Transactions.Describe("t").ShouldBeNull();

        await producer.CommitAsync(new TransactionContent([new(A0, Batch(1, "two"))], null, []), default);
        (await client.GetOffsetsAsync(A0, default)).ShouldBe(new PartitionOffsets(0, 4, 4));
    }

    [Fact]
    public async Task A_second_producer_fences_the_first()
    {
        await using TcpBrokerClient other = Client();
        await using ITransactionalProducer first = await _client.OpenTransactionalProducerAsync("t", Minute, default);
        await first.CommitAsync(new TransactionContent([new(A0, Batch(1, "before"))], null, []), default);
        await using ITransactionalProducer second = await other.OpenTransactionalProducerAsync("t", Minute, default);

        ErrorCode refusal = await RefusalAsync(
            first.CommitAsync(new TransactionContent([new(A0, Batch(1, "late"))], null, []), default).AsTask());
        refusal.ShouldBeOneOf(ErrorCode.ProducerFenced, ErrorCode.InvalidProducerEpoch);
        await second.CommitAsync(new TransactionContent([new(A0, Batch(1, "after"))], null, []), default);
        (await FetchAsync(A0, 0)).ShouldBe(["before", "after"]);
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_is_named()
    {
        var options = new TcpClientOptions { Bootstrap = [new DnsEndPoint("127.0.0.1", 1)], RetryTimeout = TimeSpan.Zero };
        await using var client = new TcpBrokerClient(options, TimeProvider.System);

        KafkaException error = await Should.ThrowAsync<KafkaException>(client.GetTopicsAsync(null, default).AsTask());
        error.Code.ShouldBe(ErrorCode.NetworkException);
        error.Message.ShouldContain("127.0.0.1:1");
    }

    private TcpBrokerClient Client() =>
        new(new TcpClientOptions { Bootstrap = [new DnsEndPoint("127.0.0.1", _broker.Port)] }, TimeProvider.System);

    /// <summary>Waits for records and reads up to the end; one fetch need not return all.</summary>
    private async Task<List<string>> FetchAsync(TopicPartition partition, long offset)
    {
        List<string> values = [];
        while (true)
        {
            using FetchedRecords fetched = await _client.FetchAsync(partition, offset, 1 << 20, Minute,
                IsolationLevel.ReadCommitted, default);
            offset = Read(fetched.Batches.Span, offset, values);
            if (offset >= fetched.Offsets.LastStable)
                return values;
        }
    }

    private static long Read(ReadOnlySpan<byte> batches, long offset, List<string> values)
    {
        long from = offset;
        while (RecordBatchHeader.TryRead(batches, out RecordBatchHeader batch))
        {
            batches = batches[batch.SizeInBytes..];
            offset = batch.NextOffset;
            if (batch.Attributes.IsControl)
                continue;
            var reader = new RecordBatchReader(batch);
            while (reader.MoveNext())
            {
                if (batch.BaseOffset + reader.OffsetDelta >= from)
                    values.Add(Encoding.UTF8.GetString(reader.Value));
            }
        }
        return offset;
    }

    private static Memory<byte> Batch(long timestampMs, params string[] values)
    {
        using var builder = new RecordBatchBuilder();
        foreach (string value in values)
            builder.Append("key"u8, true, Encoding.UTF8.GetBytes(value), true, timestampMs);
        return builder.Build().ToArray();
    }

    private static async Task<ErrorCode> RefusalAsync(Task refused) => (await Should.ThrowAsync<KafkaException>(refused)).Code;
}

using System.Buffers.Binary;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Logs;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Handlers;

public sealed class ProduceHandlerTests : IAsyncLifetime
{
    private ServedBroker _broker = null!;
    private InMemoryKafkaClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await ServedBroker.OpenAsync();
        _client = _broker.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Batches_that_no_client_may_send_are_refused_with_Kafkas_codes()
    {
        byte[] good = ServedBroker.Batch("a", "b");
        var expected = new (string Case, byte[] Records, ErrorCode Error)[]
        {
            ("nothing", [], ErrorCode.InvalidRecord),
            ("cut short", good[..^1], ErrorCode.InvalidRecord),
            ("two batches", [.. good, .. good], ErrorCode.InvalidRecord),
            ("no offset 0", Changed(good, b => b[7] = 1), ErrorCode.InvalidRecord),
            ("magic 1", Changed(good, b => b[16] = 1), ErrorCode.InvalidRecord),
            ("magic 3", Changed(good, b => b[16] = 3), ErrorCode.CorruptMessage),
            ("tiny length", Changed(good, b => BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(8), 3)), ErrorCode.CorruptMessage),
            ("bad checksum", Changed(good, b => b[^1] ^= 1), ErrorCode.CorruptMessage),
            ("gap in offsets", Sealed(good, b => b[26] = 5), ErrorCode.InvalidRecord),
            ("no records", Sealed(good, b => b[60] = 0), ErrorCode.InvalidRecord),
            ("negative range", Sealed(good, b => b[23] = 0x80), ErrorCode.InvalidRecord),
            ("control batch", Sealed(good, b => b[22] = 0x20), ErrorCode.InvalidRecord),
            ("producer id without sequence", Sealed(good, b => b.AsSpan(43, 10).Clear()), ErrorCode.InvalidRecord),
            ("unknown compression", Sealed(good, b => b[22] = 0x07), ErrorCode.UnsupportedCompressionType),
        };
        foreach ((string name, byte[] records, ErrorCode error) in expected)
        {
            ProduceResponse.Partition answer = await AskAsync(9, ServedBroker.Produce(0, records));
            answer.ErrorCode.ShouldBe(error, name);
            answer.BaseOffset.ShouldBe(-1, name);
        }
        (await AskAsync(9, ServedBroker.Produce(0, [.. good, 1, 2, 3]))).ErrorCode.ShouldBe(ErrorCode.None); // a piece behind is dropped
        _broker.Host.Topics.All["t"].Partitions[0].EndOffset.ShouldBe(2);
    }

    [Fact]
    public async Task Zstd_needs_a_version_that_knows_it()
    {
        byte[] zstd = Sealed(ServedBroker.Batch("a"), b => b[22] = 0x04);
        (await AskAsync(6, ServedBroker.Produce(0, zstd))).ErrorCode.ShouldBe(ErrorCode.UnsupportedCompressionType);
        (await AskAsync(7, ServedBroker.Produce(0, zstd))).ErrorCode.ShouldBe(ErrorCode.CorruptMessage); // it is none
    }

    [Fact]
    public async Task Topics_are_named_by_id_from_version_13()
    {
        ProduceRequest request = ServedBroker.Produce(0, ServedBroker.Batch("a"));
        request.TopicData[0].TopicId = _broker.Host.Topics.All["t"].Id;
        ProduceResponse response = await _client.AskAsync(Apis.Produce, 13, request);
        response.Responses[0].TopicId.ShouldBe(request.TopicData[0].TopicId);
        response.Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(ErrorCode.None);

        request.TopicData[0].TopicId = Guid.NewGuid();
        (await AskAsync(13, request)).ErrorCode.ShouldBe(ErrorCode.UnknownTopicId);
        (await AskAsync(12, ServedBroker.Produce(3, ServedBroker.Batch("a")))).ErrorCode.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public async Task Other_acks_and_writes_to_the_brokers_own_topics_are_refused()
    {
        ProduceRequest request = ServedBroker.Produce(0, ServedBroker.Batch("a"));
        request.Acks = 2;
        (await AskAsync(9, request)).ErrorCode.ShouldBe(ErrorCode.InvalidRequiredAcks);
        await _broker.Host.Topics.GetOrCreateAsync("__consumer_offsets");
        (await AskAsync(9, ServedBroker.Produce(0, ServedBroker.Batch("a"), "__consumer_offsets"))).ErrorCode.ShouldBe(
            ErrorCode.InvalidTopic);
    }

    [Fact]
    public async Task More_in_sync_replicas_than_the_partition_has_are_not_asked_for()
    {
        await _broker.Host.Topics.CreateAsync("two", 1, [new("min.insync.replicas", "2")]);
        (await AskAsync(9, ServedBroker.Produce(0, ServedBroker.Batch("a"), "two"))).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Theory]
    [InlineData(1_000, 61_000, ErrorCode.None)]
    [InlineData(1_001, 0, ErrorCode.InvalidTimestamp)]
    [InlineData(0, 61_001, ErrorCode.InvalidTimestamp)]
    public async Task Records_whose_time_is_out_of_bounds_are_refused_and_named(long before, long after, ErrorCode expected)
    {
        var time = new ManualTime();
        await using ServedBroker broker = await ServedBroker.OpenAsync(time: time);
        await using InMemoryKafkaClient client = broker.Connect();
        await broker.Host.Topics.CreateAsync(
            "bounded", 1, [new("message.timestamp.before.max.ms", "1000"), new("message.timestamp.after.max.ms", "61000")]);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        using var builder = new RecordBatchBuilder();
        builder.Append("k"u8, true, "v"u8, true, now);
        builder.Append("k"u8, true, "v"u8, true, now - before);
        builder.Append("k"u8, true, "v"u8, true, now + after);
        ProduceResponse response = await client.AskAsync(Apis.Produce, 9, ServedBroker.Produce(0, builder.Build().ToArray(), "bounded"));

        ProduceResponse.Partition answer = response.Responses[0].PartitionResponses[0];
        answer.ErrorCode.ShouldBe(expected);
        if (expected != ErrorCode.None)
            answer.RecordErrors.Single().BatchIndex.ShouldBe(before > 1000 ? 1 : 2);
    }

    [Fact]
    public async Task A_topic_with_append_time_does_not_look_at_the_producers_time()
    {
        await _broker.Host.Topics.CreateAsync(
            "stamped", 1, [new("message.timestamp.type", "LogAppendTime"), new("message.timestamp.before.max.ms", "1000")]);
        (await AskAsync(9, ServedBroker.Produce(0, ServedBroker.Batch("a"), "stamped"))).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Theory]
    [InlineData("uncompressed", CompressionType.None)]
    [InlineData("gzip", CompressionType.Gzip)]
    [InlineData("snappy", CompressionType.Snappy)]
    [InlineData("lz4", CompressionType.Lz4)]
    [InlineData("zstd", CompressionType.Zstd)]
    [InlineData("producer", CompressionType.Lz4)]
    public async Task A_batch_is_kept_in_the_compression_that_the_topic_asks_for(string name, CompressionType expected)
    {
        await _broker.Host.Topics.CreateAsync("kept", 1, [new("compression.type", name)]);
        using var builder = new RecordBatchBuilder();
        for (int i = 0; i < 100; i++)
            builder.Append("key"u8, true, "a value that repeats"u8, true, 1_000 + i);
        byte[] produced = TestBatches.Compressed(builder.Build().ToArray(), CompressionType.Lz4);
        (await AskAsync(9, ServedBroker.Produce(0, produced, "kept"))).ErrorCode.ShouldBe(ErrorCode.None);

        using LogRead read = _broker.Host.Topics.All["kept"].Partitions[0].Read(0, 1 << 20, IsolationLevel.ReadUncommitted).Records;
        RecordBatchValidator.CheckIntact(read.Batches.Span, out RecordBatchHeader batch).ShouldBe(ErrorCode.None);
        batch.Attributes.Compression.ShouldBe(expected);
        batch.MaxTimestamp.ShouldBe(1_099);
        RecordBatchValidator.CheckRecords(batch, requireKeys: true, 1 << 20).ShouldBe(ErrorCode.None);
        batch.Count.ShouldBe(100);
    }

    [Fact]
    public async Task Records_without_keys_are_named_when_a_compacted_topic_refuses_them()
    {
        await _broker.Host.Topics.CreateAsync("compacted", 1, [new("cleanup.policy", "compact")]);
        using var builder = new RecordBatchBuilder();
        builder.Append("k"u8, true, "v"u8, true, 1);
        builder.Append(default, false, "v"u8, true, 1);
        ProduceResponse.Partition answer = await AskAsync(9, ServedBroker.Produce(0, builder.Build().ToArray(), "compacted"));

        answer.ErrorCode.ShouldBe(ErrorCode.InvalidRecord);
        answer.RecordErrors.Single().BatchIndex.ShouldBe(1);
        answer.ErrorMessage.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Transactional_batches_need_a_transactional_id_and_are_of_one_producer()
    {
        byte[] first = Sealed(ServedBroker.Batch("a"), b => Transactional(b, 7));
        byte[] second = Sealed(ServedBroker.Batch("a"), b => Transactional(b, 8));
        (await AskAsync(9, ServedBroker.Produce(0, first))).ErrorCode.ShouldBe(ErrorCode.TransactionalIdAuthorizationFailed);

        ProduceRequest request = ServedBroker.Produce(0, first);
        request.TransactionalId = "id";
        request.TopicData[0].PartitionData.Add(new() { Index = 0, Records = second });
        (await AskAsync(9, request)).ErrorCode.ShouldBe(ErrorCode.InvalidProducerIdMapping);
    }

    private static void Transactional(byte[] batch, byte producerId)
    {
        batch[22] = 0x10;
        batch.AsSpan(43, 14).Clear();
        batch[50] = producerId;
    }

    private static byte[] Changed(byte[] batch, Action<byte[]> change)
    {
        byte[] changed = [.. batch];
        change(changed);
        return changed;
    }

    /// <summary>Changed, with a checksum that is right.</summary>
    private static byte[] Sealed(byte[] batch, Action<byte[]> change)
    {
        byte[] changed = Changed(batch, change);
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(17), Crc32C.Compute(changed.AsSpan(21)));
        return changed;
    }

    private async Task<ProduceResponse.Partition> AskAsync(short version, ProduceRequest request) =>
        (await _client.AskAsync(Apis.Produce, version, request)).Responses[0].PartitionResponses[0];
}

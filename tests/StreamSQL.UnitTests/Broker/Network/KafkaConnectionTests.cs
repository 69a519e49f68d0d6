using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Network;

public sealed class KafkaConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private BrokerHost _host = null!;
    private BrokerServices _services = null!;
    private KafkaConnectionHandler _handler = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BrokerHost.OpenAsync("/data", new BrokerOptions(), new MemoryFileSystem(), TimeProvider.System);
        await _host.Topics.CreateAsync("t", 1, []);
        var listener = new KafkaListenerOptions { MaxRequestBytes = 1_000_000 };
        _services = new BrokerServices(_host, listener, TimeProvider.System);
        _handler = new KafkaConnectionHandler(_services, new KafkaListener("PLAINTEXT", "broker", 9092),
            NullLogger<KafkaConnectionHandler>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task ApiVersions_lists_what_is_served_with_the_traps_of_librdkafka_avoided()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        ApiVersionsResponse response = await client.AskAsync(
            Apis.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "librdkafka", ClientSoftwareVersion = "2.0.2-1" });

        response.ErrorCode.ShouldBe(ErrorCode.None);
        response.ApiKeys.Select(a => a.ApiKey).ShouldBeUnique();
        foreach (ApiVersionsResponse.ApiVersion advertised in response.ApiKeys)
        {
            Api api = Apis.All.Single(a => (short)a.Key == advertised.ApiKey);
            advertised.MinVersion.ShouldBe(api.Key == ApiKey.Produce ? (short)0 : api.MinVersion); // KAFKA-18659
            advertised.MaxVersion.ShouldBeInRange(api.MinVersion, api.MaxVersion);
        }
        short[] neededByAllClients = [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 32, 37, 42, 60];
        neededByAllClients.ShouldBeSubsetOf(response.ApiKeys.Select(a => a.ApiKey));
        short[] fromZero = [10, 11, 12, 13, 14, 22]; // the exact overlaps that its feature map asks for
        response.ApiKeys.Where(a => fromZero.Contains(a.ApiKey)).ShouldAllBe(a => a.MinVersion == 0);
    }

    [Fact]
    public async Task ApiVersions_that_is_too_new_gets_the_oldest_answer()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        await client.SendRawAsync(Convert.FromHexString("0000000D" + "0012" + "0063" + "00000007" + "FFFF" + "000000"));

        Convert.ToHexString(await client.ReceiveAsync()).ShouldBe("00000007" + "0023" + "00000001" + "0012" + "0000" + "0004");
        (await client.AskAsync(Apis.ApiVersions, 0, new ApiVersionsRequest())).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Theory]
    [InlineData("7FFFFFFF")]
    [InlineData("FFFFFFFF")]
    [InlineData("00000000")]
    [InlineData("00010001")] // one more than 64 KiB, before ApiVersions
    [InlineData("0000000C0012000300000001")] // announces 12 bytes; what comes is cut off
    [InlineData("0000000A00FF0000000000010000")] // no such API
    [InlineData("0000000A00000002000000010000")] // Produce 2 is advertised but not served
    [InlineData("0000000B0003000400000001FFFF00")] // malformed Metadata
    public async Task Absurd_or_malformed_requests_close_the_connection(string hex)
    {
        var client = new InMemoryKafkaClient(_handler);
        await client.SendRawAsync(Convert.FromHexString(hex));
        if (hex.Length == 24)
            await client.DisposeAsync();

        await client.Serving.WaitAsync(Soon);
        await using var other = new InMemoryKafkaClient(_handler);
        (await other.AskAsync(Apis.ApiVersions, 0, new ApiVersionsRequest())).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Larger_requests_are_taken_once_the_client_has_said_ApiVersions()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        await client.AskAsync(Apis.ApiVersions, 0, new ApiVersionsRequest());
        ProduceResponse response = await client.AskAsync(Apis.Produce, 9, Produce(new byte[500_000]));

        response.Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Requests_sent_together_are_answered_in_order()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        for (int i = 0; i < 50; i++)
        {
            if (i % 10 == 9)
                await client.SendAsync(Apis.Metadata, 4, new MetadataRequest());
            else
                await client.SendAsync(Apis.Produce, 3, Produce(new byte[100]));
        }
        for (int i = 1; i <= 50; i++)
            BinaryPrimitives.ReadInt32BigEndian(await client.ReceiveAsync()).ShouldBe(i);
        _host.Topics.All["t"].Partitions[0].EndOffset.ShouldBe(45);
    }

    [Fact]
    public async Task A_request_in_many_pieces_is_put_together()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        byte[] request = Convert.FromHexString("0000000A" + "0012" + "0000" + "00000007" + "FFFF");
        foreach (byte b in request)
            await client.SendRawAsync([b]);

        BinaryPrimitives.ReadInt32BigEndian(await client.ReceiveAsync()).ShouldBe(7);
    }

    [Fact]
    public async Task A_fetch_waits_for_records_and_then_gets_them_at_once()
    {
        await using var reader = new InMemoryKafkaClient(_handler);
        await using var writer = new InMemoryKafkaClient(_handler);
        Task<FetchResponse> fetch = reader.AskAsync(Apis.Fetch, 11, Fetch(waitMs: 600_000));
        fetch.IsCompleted.ShouldBeFalse();
        await writer.AskAsync(Apis.Produce, 3, Produce("x"u8.ToArray()));

        FetchResponse.Partition partition = (await fetch.WaitAsync(Soon)).Responses[0].Partitions[0];
        partition.HighWatermark.ShouldBe(1);
        RecordBatchValidator.CheckIntact(partition.Records.Span, out _).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task A_server_that_stops_answers_waiting_fetches_and_closes()
    {
        var client = new InMemoryKafkaClient(_handler, waitsUntilTaken: true);
        int sent = await client.SendAsync(Apis.Fetch, 11, Fetch(waitMs: 600_000));
        client.RequestStop();

        BinaryPrimitives.ReadInt32BigEndian(await client.ReceiveAsync().WaitAsync(Soon)).ShouldBe(sent);
        await client.Serving.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_client_that_goes_ends_its_waiting_fetch()
    {
        var client = new InMemoryKafkaClient(_handler, waitsUntilTaken: true);
        await client.SendAsync(Apis.Fetch, 11, Fetch(waitMs: 600_000));

        await client.DisposeAsync().AsTask().WaitAsync(Soon);
    }

    [Fact]
    public async Task Produce_requests_are_started_while_those_before_them_wait_for_the_disk()
    {
        var files = new MemoryFileSystem();
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: files);
        await using InMemoryKafkaClient client = broker.Connect();
        using var disk = new ManualResetEventSlim();
        files.Fault = (operation, _) =>
        {
            if (operation == FileOperation.FlushData)
                disk.Wait();
            return null;
        };
        for (int i = 0; i < 4; i++)
        {
            await client.SendAsync(Apis.Produce, 9, Produce("x"u8.ToArray()));
            await UntilAsync(() => broker.Host.Topics.All["t"].Partitions[0].EndOffset == i + 1);
        }

        files.Fault = null;
        disk.Set();
        for (int i = 1; i <= 4; i++)
            BinaryPrimitives.ReadInt32BigEndian(await client.ReceiveAsync()).ShouldBe(i);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_when_the_server_stops()
    {
        var client = new InMemoryKafkaClient(_handler);
        client.RequestStop();

        await client.Serving.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_client_that_sends_nothing_or_too_slowly_is_closed()
    {
        var listener = new KafkaListenerOptions
            { FirstRequestTimeout = TimeSpan.FromMilliseconds(1), IdleTimeout = TimeSpan.FromMilliseconds(1) };
        var services = new BrokerServices(_host, listener, TimeProvider.System);
        var handler = new KafkaConnectionHandler(services, NullLogger<KafkaConnectionHandler>.Instance);
        await new InMemoryKafkaClient(handler).Serving.WaitAsync(Soon);
        var slow = new InMemoryKafkaClient(handler);
        await slow.SendRawAsync([0, 0]);

        await slow.Serving.WaitAsync(Soon);
    }

    [Fact]
    public async Task Acks_0_gets_no_answer_and_an_error_closes_the_connection()
    {
        var client = new InMemoryKafkaClient(_handler);
        ProduceRequest good = Produce("x"u8.ToArray());
        good.Acks = 0;
        await client.SendAsync(Apis.Produce, 3, good);
        (await client.AskAsync(Apis.Metadata, 4, new MetadataRequest())).Topics.Count.ShouldBe(1);
        ProduceRequest bad = Produce("x"u8.ToArray());
        bad.Acks = 0;
        bad.TopicData[0].Name = "missing";
        await client.SendAsync(Apis.Produce, 3, bad);

        await client.Serving.WaitAsync(Soon);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var timeout = new CancellationTokenSource(Soon);
        while (!isSo())
            await Task.Delay(1, timeout.Token);
    }

    private static ProduceRequest Produce(byte[] value)
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(default, false, value, true, 1);
        return new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 1000,
            TopicData = [new() { Name = "t", PartitionData = [new() { Records = builder.Build().ToArray() }] }],
        };
    }

    private static FetchRequest Fetch(int waitMs) => new()
    {
        MaxWaitMs = waitMs,
        MinBytes = 1,
        Topics = [new() { Name = "t", Partitions = [new() { PartitionMaxBytes = 1_000_000 }] }],
    };
}

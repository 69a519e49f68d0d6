using System.Diagnostics;
using System.Net;
using Npgsql;
using StreamSQL.ClusterTests.Support;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests.Resources;

/// <summary>
/// A server whose disk is full refuses writes at once and by the right codes, serves reads and deletions, and writes again when there is
/// room, without being started again. What it had acknowledged is there.
/// </summary>
public sealed class FullDiskTests
{
    private const int ValueBytes = 600_000; // beyond what goes to the journal, which has room of its own
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2); // a second, and a busy machine
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Writes_are_refused_reads_and_deletions_go_on_and_writing_resumes_by_itself()
    {
        using SmallVolume volume = SmallVolume.Mount(mebibytes: 120);
        using ServerProcess server = await ServerProcess.StartAsync(Path.Combine(volume.Path, "data"));
        await server.ExecuteAsync("CREATE STREAM s (k INT KEY, v VARCHAR) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");
        await server.ExecuteAsync("INSERT INTO s VALUES (0, 'before')");
        await using BrokerConnection kafka = await ConnectAsync(server);
        Guid id = await CreateAsync(kafka, "t");
        await CreateAsync(kafka, "room");
        volume.Fill();

        int acknowledged = 0;
        ErrorCode refusal = ErrorCode.None;
        TimeSpan slowest = TimeSpan.Zero;
        for (int i = 0; refusal == ErrorCode.None && i < 1000; i++)
        {
            long started = Stopwatch.GetTimestamp();
            refusal = await ProduceAsync(kafka, "t");
            slowest = Stopwatch.GetElapsedTime(started);
            acknowledged += refusal == ErrorCode.None ? 1 : 0;
        }

        refusal.ShouldBe(ErrorCode.KafkaStorageError);
        slowest.ShouldBeLessThan(Soon);
        (await ProduceAsync(kafka, "t")).ShouldBe(ErrorCode.KafkaStorageError);
        await RefusedAsync(server, $"INSERT INTO s VALUES (1, '{new string('x', ValueBytes)}')");
        await RefusedAsync(server,
            "CREATE STREAM u (k INT KEY, v VARCHAR) WITH (KAFKA_TOPIC = 'u', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");

        (await server.ReadAsync("SELECT v FROM s WHERE k = 0")).ShouldBe(["before"]);
        (await CountAsync(kafka, id)).ShouldBeGreaterThanOrEqualTo(acknowledged);
        (await DeleteAsync(kafka, "room")).ShouldBe(ErrorCode.None);

        volume.Free();
        long freed = Stopwatch.GetTimestamp();
        while (await ProduceAsync(kafka, "t") != ErrorCode.None)
        {
            Stopwatch.GetElapsedTime(freed).ShouldBeLessThan(Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        await server.ExecuteAsync("INSERT INTO s VALUES (2, 'after')");
        (await server.ReadAsync("SELECT v FROM s WHERE k = 2")).ShouldBe(["after"]);
        (await CountAsync(kafka, id)).ShouldBeGreaterThan(acknowledged);
        (await server.StopAsync()).ShouldBe(0);
    }

    private static async Task RefusedAsync(ServerProcess server, string statement)
    {
        long started = Stopwatch.GetTimestamp();
        PostgresException refused = await Should.ThrowAsync<PostgresException>(() => server.ExecuteAsync(statement));
        refused.SqlState.ShouldBe(PostgresErrorCodes.DiskFull, refused.MessageText);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Soon);
    }

    private static ValueTask<BrokerConnection> ConnectAsync(ServerProcess server)
    {
        var bootstrap = new DnsEndPoint(server.Kafka.Address.ToString(), server.Kafka.Port);
        var options = new TcpClientOptions { Bootstrap = [bootstrap], ClientId = "full disk", RequestTimeout = TimeSpan.FromSeconds(30) };
        return BrokerConnection.OpenAsync(bootstrap, options, TimeProvider.System, CancellationToken.None);
    }

    private static async Task<Guid> CreateAsync(BrokerConnection kafka, string topic)
    {
        CreateTopicsResponse response = await kafka.SendAsync(
            Apis.CreateTopics, new CreateTopicsRequest
                { TimeoutMs = 5000, Topics = [new() { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }] }, default);
        response.Topics[0].ErrorCode.ShouldBe(ErrorCode.None);
        return response.Topics[0].TopicId;
    }

    private static async Task<ErrorCode> DeleteAsync(BrokerConnection kafka, string topic)
    {
        DeleteTopicsResponse response = await kafka.SendAsync(
            Apis.DeleteTopics, new DeleteTopicsRequest { TimeoutMs = 5000, TopicNames = [topic], Topics = [new() { Name = topic }] },
            default);
        return response.Responses[0].ErrorCode;
    }

    private static async Task<ErrorCode> ProduceAsync(BrokerConnection kafka, string topic)
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(default, false, new byte[ValueBytes], true, 1);
        byte[] batch = builder.Build().ToArray();
        var request = new ProduceRequest
        {
            Acks = -1, TimeoutMs = 10_000, TopicData = [new() { Name = topic, PartitionData = [new() { Index = 0, Records = batch }] }],
        };
        return (await kafka.SendAsync(Apis.Produce, request, default)).Responses[0].PartitionResponses[0].ErrorCode;
    }

    /// <summary>Where the partition ends, read to there.</summary>
    private static async Task<long> CountAsync(BrokerConnection kafka, Guid topic)
    {
        long offset = 0;
        while (true)
        {
            FetchResponse.Partition answer = (await kafka.SendAsync(Apis.Fetch, new FetchRequest
            {
                ReplicaId = -1, MaxBytes = 8 << 20, MinBytes = 1, MaxWaitMs = 10, SessionEpoch = -1,
                Topics = [new() { TopicId = topic,
                    Partitions = [new() { PartitionIndex = 0, FetchOffset = offset, PartitionMaxBytes = 8 << 20 }] }],
            }, default)).Responses[0].Partitions[0];
            answer.ErrorCode.ShouldBe(ErrorCode.None);
            ReadOnlyMemory<byte> rest = answer.Records;
            if (rest.IsEmpty)
                return offset;
            while (RecordBatchHeader.TryRead(rest.Span, out RecordBatchHeader batch))
            {
                offset = batch.NextOffset;
                rest = rest[batch.SizeInBytes..];
            }
        }
    }
}

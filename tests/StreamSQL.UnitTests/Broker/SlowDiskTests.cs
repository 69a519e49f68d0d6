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

/// <summary>A disk that does not answer: who produces is told in the time that the request gives it, and loses nothing.</summary>
public sealed class SlowDiskTests
{
    private const int TimeoutMs = 300;
    private readonly MemoryFileSystem _disk = new();

    [Fact]
    public async Task Who_waits_for_a_sync_that_hangs_is_told_in_time_and_may_send_again()
    {
        using var answers = new ManualResetEventSlim(initialState: true);
        _disk.Fault = (operation, _) =>
        {
            if (operation == FileOperation.FlushData)
                answers.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        (await ProduceAsync(client, 0, "before")).ErrorCode.ShouldBe(ErrorCode.None);

        answers.Reset();
        var watch = Stopwatch.StartNew();
        (await ProduceAsync(client, 1, "first")).ErrorCode.ShouldBe(ErrorCode.RequestTimedOut); // being synced
        (await ProduceAsync(client, 2, "second")).ErrorCode.ShouldBe(ErrorCode.RequestTimedOut); // waits for the next sync
        (await ProduceAsync(client, 1, "first")).ErrorCode.ShouldBe(ErrorCode.RequestTimedOut); // a duplicate waits like its original
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(3 * TimeoutMs - 50));
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        broker.Host.Topics.All["t"].Partitions[0].HighWatermark.ShouldBe(1);

        answers.Set();
        ProduceResponse.Partition again = await ProduceAsync(client, 1, "first");
        (again.ErrorCode, again.BaseOffset).ShouldBe((ErrorCode.None, 1));
        (await ProduceAsync(client, 3, "third")).ErrorCode.ShouldBe(ErrorCode.None);
        using StreamSQL.Storage.Logs.LogRead read = broker.Host.Topics.All["t"].Partitions[0].Read(0, 1 << 20, IsolationLevel.ReadCommitted).Records;
        TestBatches.Values(read.Batches.Span).ShouldBe(["before", "first", "second", "third"]);
    }

    private static async Task<ProduceResponse.Partition> ProduceAsync(InMemoryKafkaClient client, int sequence, string value)
    {
        ProduceRequest request = ServedBroker.Produce(0, TestBatches.Produced(7, 0, sequence, transactional: false, value));
        request.TimeoutMs = TimeoutMs;
        return (await client.AskAsync(Apis.Produce, 9, request)).Responses[0].PartitionResponses[0];
    }
}

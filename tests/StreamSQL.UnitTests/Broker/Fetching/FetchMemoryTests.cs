using StreamSQL.Broker.Fetching;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Fetching;

/// <summary>
/// The records in the answers of all connections are bounded: beyond that, fetches wait and their clients are slowed down.
/// </summary>
public sealed class FetchMemoryTests
{
    private const int Limit = 1000;

    [Fact]
    public async Task Without_memory_a_fetch_waits_and_is_told_to_come_more_slowly()
    {
        await using ServedBroker broker = await OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        FetchMemory memory = broker.Services.FetchMemory;
        memory.Take(Limit).ShouldBe(Limit);

        FetchResponse starved = await FetchAsync(client, maxWaitMs: 50);
        starved.ThrottleTimeMs.ShouldBeGreaterThan(0);
        starved.Responses[0].Partitions[0].Records.Length.ShouldBe(0);
        starved.Responses[0].Partitions[0].HighWatermark.ShouldBe(3);

        Task<FetchResponse> waiting = FetchAsync(client, maxWaitMs: 60_000);
        await Task.Delay(TimeSpan.FromMilliseconds(50));
        waiting.IsCompleted.ShouldBeFalse();
        memory.Return(Limit);
        FetchResponse served = await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        served.ThrottleTimeMs.ShouldBe(0);
        served.Responses[0].Partitions[0].Records.Length.ShouldBeGreaterThan(0);
        memory.Taken.ShouldBe(0); // given back when the answer was written
    }

    [Fact]
    public async Task What_is_left_is_given_out_and_a_first_batch_may_be_larger()
    {
        await using ServedBroker broker = await OpenAsync();
        await using InMemoryKafkaClient client = broker.Connect();
        FetchMemory memory = broker.Services.FetchMemory;
        memory.Take(Limit - 1);

        FetchResponse served = await FetchAsync(client, maxWaitMs: 50);

        served.Responses[0].Partitions[0].Records.Length.ShouldBeInRange(1, 150); // one batch of the three
        memory.Taken.ShouldBe(Limit - 1);
    }

    private static async Task<ServedBroker> OpenAsync()
    {
        ServedBroker broker = await ServedBroker.OpenAsync(listener: new KafkaListenerOptions { MaxFetchMemoryBytes = Limit });
        await using InMemoryKafkaClient client = broker.Connect();
        foreach (string value in (string[])["a", "b", "c"])
            await ServedBroker.ProduceAsync(client, 0, value);
        return broker;
    }

    private static Task<FetchResponse> FetchAsync(InMemoryKafkaClient client, int maxWaitMs) =>
        client.AskAsync(Apis.Fetch, 12, new FetchRequest
        {
            ReplicaId = -1, MaxBytes = 1 << 20, MinBytes = 1, MaxWaitMs = maxWaitMs, SessionEpoch = -1,
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, PartitionMaxBytes = 1 << 20 }] }],
        });
}

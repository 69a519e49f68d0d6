using StreamSQL.Broker;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Partitions;

/// <summary>What a client sees of damaged records.</summary>
public class DamagedPartitionTests
{
    [Fact]
    public async Task A_fetch_inside_a_damaged_range_is_refused_and_the_rest_is_served()
    {
        var disk = new MemoryFileSystem();
        var options = new BrokerOptions { Storage = new StorageOptions { HotTailBytes = 0 } };
        await using (ServedBroker before = await ServedBroker.OpenAsync(files: disk, options: options))
        {
            await using InMemoryKafkaClient client = before.Connect();
            foreach (string value in (string[])["a", "b", "c", "d"])
                await ServedBroker.ProduceAsync(client, 0, value);
        }

        Damage(disk, position: 200);
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: disk, options: options);
        await using InMemoryKafkaClient again = broker.Connect();

        (await FetchAsync(again, 0)).Records.Length.ShouldBeGreaterThan(0);
        (await FetchAsync(again, 2)).ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
        (await FetchAsync(again, 3)).ErrorCode.ShouldBe(ErrorCode.None);
        (await FetchAsync(again, 3)).Records.Length.ShouldBeGreaterThan(0);
        broker.Host.Damage.Select(static d => (d.Partition.Topic, d.Range.FirstOffset, d.Range.EndOffset)).ShouldBe([("t", 2, 3)]);
        (await ServedBroker.ProduceAsync(again, 0, "e")).BaseOffset.ShouldBe(4);
    }

    private static async Task<FetchResponse.Partition> FetchAsync(InMemoryKafkaClient client, long offset)
    {
        FetchResponse response = await client.AskAsync(Apis.Fetch, 12, new FetchRequest
        {
            ReplicaId = -1, MaxBytes = 1 << 20, SessionEpoch = -1,
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, FetchOffset = offset, PartitionMaxBytes = 1 << 20 }] }],
        });
        return response.Responses[0].Partitions[0];
    }

    private static void Damage(MemoryFileSystem disk, long position)
    {
        string topic = disk.ListDirectories("/data/logs").Single();
        using IStorageFile file = disk.Open($"/data/logs/{topic}/0/00000000000000000000.log", FileOpening.Write);
        file.Write([0xFF], position);
        file.FlushData();
    }
}

using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Engine.Tasks;

/// <summary>Reads of a partition up to an end that is known to be there.</summary>
public class PartitionReaderTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task Who_does_not_wait_comes_to_an_end_behind_a_marker()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.Broker.CreateTopicAsync(new NewTopic("t", 1, 1, new Dictionary<string, string>()), default);
        await using var producer = await engine.Broker.OpenTransactionalProducerAsync("x", TimeSpan.FromMinutes(1), default);
        await producer.CommitAsync(new TransactionContent([new(Partition, TestBatches.Of(1, "one", "two"))], null, []), default);
        var end = (await engine.Broker.GetOffsetsAsync(Partition, default)).LastStable;
        await using var reader = new PartitionReader(engine.Broker, Partition, 0, withHeaders: false, static () => { })
            { MaxWait = TimeSpan.Zero };

        // On a thread of its own: where it fails it does not come back.
        var rows = await Task.Run(() => CountAsync(reader, end)).WaitAsync(TimeSpan.FromMinutes(1));

        rows.ShouldBe(2);
        (reader.Position, end).ShouldBe((3, 3));
    }

    private static async Task<int> CountAsync(PartitionReader reader, long end)
    {
        var rows = 0;
        while (reader.Position < end)
            rows += (await reader.ReadAsync(default, end)).Count;
        return rows;
    }
}

using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Engine.Queries.Sharing;

/// <summary>The bound of what lies between two stages, where another engine may run the later one.</summary>
public class SharedFlowTests
{
    [Fact]
    public async Task Producers_pause_until_the_broker_says_that_the_reader_wherever_it_is_has_come_up()
    {
        await using var engine = await EngineHarness.StartAsync();
        var broker = engine.Broker;
        var partition = new TopicPartition("between", 0);
        await broker.CreateTopicAsync(new NewTopic("between", 1, 1, new Dictionary<string, string>()), default);
        var flow = new RepartitionFlow(100, new UnreadRecords(broker, TimeProvider.System, "g", "between", 1));
        var woken = new SemaphoreSlim(0);
        void Wake() => woken.Release();

        await broker.ProduceAsync(partition, TestBatches.Of(1, "one", "two"), default);
        flow.Produced(120, records: 2);
        flow.Consumed(120); // what is read here may be another engine's
        flow.MustPause(Wake).ShouldBeTrue();
        await woken.WaitAsync();
        flow.MustPause(Wake).ShouldBeTrue(); // still there
        await using var reader = await broker.OpenTransactionalProducerAsync("t", TimeSpan.FromMinutes(1), default);
        await reader.CommitAsync(new TransactionContent([], "g", [new(partition, 2)]), default);
        while (flow.MustPause(Wake))
            await woken.WaitAsync();
    }
}

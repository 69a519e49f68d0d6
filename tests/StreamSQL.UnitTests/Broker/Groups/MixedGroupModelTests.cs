using StreamSQL.Broker.Groups;

namespace StreamSQL.UnitTests.Broker.Groups;

/// <summary>
/// Random consumers of both protocols in one group, over restarts of the broker: no partition has two readers, a commit of an old
/// generation or epoch is refused, and when all behave for a while each partition is read.
/// </summary>
public class MixedGroupModelTests
{
    private const int Partitions = 6;

    // Longer than a session of either protocol and a rebalance after it.
    private const int QuietSeconds = 180;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 40)]
    [InlineData(5, 40)]
    [InlineData(6, 40)]
    [InlineData(7, 70)]
    [InlineData(8, 70)]
    public async Task Whatever_happens_no_partition_has_two_readers_and_no_rebalance_is_stuck(int seed, int consumerProtocolPercent)
    {
        await using var model = new Model(seed, consumerProtocolPercent);
        await model.BeginAsync();
        for (int round = 0; round < 4; round++)
        {
            for (int i = 0; i < 60; i++)
            {
                await model.DisturbAsync();
                await model.PassSecondAsync();
            }
            await model.SettleAsync();
        }
    }

    private sealed class Model(int seed, int consumerProtocolPercent) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly List<ModelConsumer> _consumers = [];
        private GroupTestBroker _broker = null!;
        private int _lastName;

        private GroupCoordinator Groups => _broker.Host.Groups;

        public async Task BeginAsync()
        {
            _broker = await GroupTestBroker.OpenAsync();
            await _broker.Host.Topics.CreateAsync("t", Partitions, []);
        }

        public ValueTask DisposeAsync() => _broker.DisposeAsync();

        public async Task DisturbAsync()
        {
            int dice = _random.Next(100);
            ModelConsumer? one = _consumers.Count == 0 ? null : _consumers[_random.Next(_consumers.Count)];
            if (dice < 10 && _consumers.Count < 6)
                Start(_random.Next(3) == 0 ? $"i{++_lastName}" : null);
            else if (dice < 13 && one is not null)
                await LeaveAsync(one);
            else if (dice < 17 && one is not null)
                Crash(one);
            else if (dice < 19)
                await RestartBrokerAsync();
            else if (dice < 40 && one is not null)
                await one.CommitAsync(Groups);
        }

        public async Task PassSecondAsync()
        {
            foreach (ModelConsumer consumer in _consumers.ToList())
                await consumer.ActAsync(Groups);
            await AnswersAsync();
            CheckReaders();
            _broker.Time.Advance(TimeSpan.FromSeconds(1));
            await AnswersAsync();
        }

        public async Task SettleAsync()
        {
            for (int i = 0; i < QuietSeconds; i++)
                await PassSecondAsync();
            if (_consumers.Count == 0)
                return;
            (await _broker.StateAsync()).ShouldBeOneOf("Stable", "Dead"); // the classic view of a group under the consumer protocol is Dead
            _consumers.SelectMany(c => c.Reads).Order().ShouldBe(Enumerable.Range(0, Partitions));
        }

        private void Start(string? instanceId) => _consumers.Add(
            _random.Next(100) < consumerProtocolPercent
                ? new ConsumerProtocolConsumer($"c{++_lastName}", instanceId, _broker.Host.Topics)
                : new ClassicConsumer(instanceId));

        private async Task LeaveAsync(ModelConsumer consumer)
        {
            _consumers.Remove(consumer);
            await consumer.LeaveAsync(Groups);
        }

        // It reads no more and says nothing. An instance may come back, with whichever protocol.
        private void Crash(ModelConsumer consumer)
        {
            _consumers.Remove(consumer);
            if (consumer is { InstanceId: { } instance } and not ConsumerProtocolConsumer && _random.Next(2) == 0)
                Start(instance);
        }

        private async Task RestartBrokerAsync()
        {
            GroupTestBroker old = _broker;
            _broker = await old.AfterPowerCutAsync();
            await old.DisposeAsync();
            foreach (ModelConsumer consumer in _consumers)
                consumer.LoseConnection(_broker.Host.Topics);
        }

        private void CheckReaders()
        {
            List<int> read = [.. _consumers.SelectMany(c => c.Reads)];
            read.Distinct().Count().ShouldBe(read.Count, "a partition has two readers");
        }

        // All answers that the group has given are on their way; only those that it holds back may stay out.
        private async Task AnswersAsync()
        {
            while (true)
            {
                List<Task> waiting = [.. _consumers.Select(c => c.Waiting).OfType<Task>().Where(t => !t.IsCompleted)];
                if (waiting.Count <= HeldBack())
                    return;
                await Task.WhenAny(waiting).WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        private int HeldBack()
        {
            if (Groups.Shards.Find("g") is not { } shard)
                return 0;
            lock (shard.Gate)
                return shard.Find("g")?.Classic?.Members.Count(m => m.IsWaiting) ?? 0;
        }
    }
}

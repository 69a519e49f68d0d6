using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Groups;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker;

/// <summary>
/// The time of day is set a day forward or back: no session ends by that, no transaction is overdue, no wait is longer or shorter.
/// </summary>
public sealed class ClockJumpTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Members_stay_and_go_as_time_passes_and_not_as_the_clock_says(int days)
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        JoinGroupResponse joined = await broker.JoinDynamicAsync();
        await broker.SyncAsync(joined);
        (await broker.CommitAsync(5, joined.MemberId, joined.GenerationId)).ShouldBe(ErrorCode.None);

        broker.Time.Set(TimeSpan.FromDays(days));
        broker.Time.Advance(TimeSpan.FromMilliseconds(GroupTestBroker.SessionMs - 100));
        (await broker.HeartbeatAsync(joined)).ShouldBe(ErrorCode.None);
        (await broker.CommittedAsync()).ShouldBe(5);
        broker.Time.Set(TimeSpan.FromDays(-2 * days));
        broker.Time.Advance(TimeSpan.FromMilliseconds(GroupTestBroker.SessionMs + 100));
        (await broker.HeartbeatAsync(joined)).ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_transaction_is_overdue_when_its_time_has_passed(int days)
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        Partition partition = broker.Host.Topics.All["t"].Partitions[0];
        ProducerIdentity producer = await broker.Host.Transactions.InitializeAsync("x", 10_000, null);
        await broker.Host.Transactions.AppendAsync(
            "x", partition, TestBatches.Produced(producer.ProducerId, producer.ProducerEpoch, 0, true, "a"), RequiredAcks.All,
            TransactionSupport.AddsPartitions);

        broker.Time.Set(TimeSpan.FromDays(days));
        await broker.Host.Transactions.ExpireAsync();
        partition.LastStableOffset.ShouldBe(0);
        broker.Time.Advance(TimeSpan.FromSeconds(11));
        await broker.Host.Transactions.ExpireAsync();
        partition.LastStableOffset.ShouldBe(2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_fetch_waits_as_long_as_it_was_asked_to(int days)
    {
        await using GroupTestBroker broker = await GroupTestBroker.OpenAsync();
        await broker.Host.Topics.CreateAsync("t", 1, []);
        Task<FetchResponse> fetch = broker.Client.AskAsync(Apis.Fetch, 12, new FetchRequest
        {
            ReplicaId = -1, MaxBytes = 1 << 20, MinBytes = 1, MaxWaitMs = 500, SessionEpoch = -1,
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, PartitionMaxBytes = 1 << 20 }] }],
        });

        await Task.Delay(TimeSpan.FromMilliseconds(200)); // it has come meanwhile, or does not see the jump
        broker.Time.Set(TimeSpan.FromDays(days));
        (await Task.WhenAny(fetch, Task.Delay(TimeSpan.FromMilliseconds(200)))).ShouldNotBe(fetch);
        for (int waitedMs = 0; !fetch.IsCompleted; waitedMs += 100)
        {
            waitedMs.ShouldBeLessThan(10_000);
            broker.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(fetch, Task.Delay(TimeSpan.FromMilliseconds(20)));
        }

        (await fetch).Responses[0].Partitions[0].Records.Length.ShouldBe(0);
    }
}

using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>ListOffsets, OffsetForLeaderEpoch and DeleteRecords.</summary>
public sealed class OffsetHandlersTests : IAsyncLifetime
{
    private ServedBroker _broker = null!;
    private InMemoryKafkaClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await ServedBroker.OpenAsync();
        _client = _broker.Connect();
        await ServedBroker.ProduceAsync(_client, 0, "a", "b", "c");
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(-1, 1, 3)]
    [InlineData(-2, 1, 0)]
    [InlineData(-3, 7, 0)]
    [InlineData(-4, 8, 0)]
    [InlineData(-5, 9, -1)]
    [InlineData(-6, 11, -1)]
    public async Task Places_have_names_from_some_version_on(long timestamp, short version, long offset)
    {
        (await ListAsync(11, timestamp)).ShouldBe((ErrorCode.None, offset));
        (await ListAsync(version, timestamp)).ShouldBe((ErrorCode.None, offset));
        if (version > 1)
            (await ListAsync((short)(version - 1), timestamp)).Error.ShouldBe(ErrorCode.UnsupportedVersion);
    }

    [Fact]
    public async Task Times_are_looked_up_and_nonsense_is_refused()
    {
        (await ListAsync(5, 0)).ShouldBe((ErrorCode.None, 0));
        (await ListAsync(5, 1)).ShouldBe((ErrorCode.None, 0));
        (await ListAsync(5, 2)).ShouldBe((ErrorCode.None, -1));
        (await ListAsync(11, -7)).Error.ShouldBe(ErrorCode.UnsupportedVersion);
        (await ListAsync(5, -1, epoch: 4)).Error.ShouldBe(ErrorCode.UnknownLeaderEpoch);
        (await ListAsync(5, -1, epoch: -3)).Error.ShouldBe(ErrorCode.FencedLeaderEpoch);

        ListOffsetsResponse twice = await _client.AskAsync(
            Apis.ListOffsets, 5, new ListOffsetsRequest
                { Topics = [new() { Name = "t", Partitions = [new() { Timestamp = -1 }, new() { Timestamp = -1 }] }] });
        twice.Topics[0].Partitions.Select(p => p.ErrorCode).ShouldBe([ErrorCode.InvalidRequest, ErrorCode.InvalidRequest]);
    }

    [Fact]
    public async Task An_epoch_ends_where_the_log_ends_and_an_unknown_one_nowhere()
    {
        (await EndAsync(0)).ShouldBe((ErrorCode.None, 0, 3));
        (await EndAsync(2)).ShouldBe((ErrorCode.None, -1, -1));
        (await EndAsync(0, current: 3)).Error.ShouldBe(ErrorCode.UnknownLeaderEpoch);
    }

    [Fact]
    public async Task After_an_unclean_end_the_epoch_rises_and_the_old_one_ends_where_the_log_did()
    {
        var disk = new MemoryFileSystem();
        await using (ServedBroker before = await ServedBroker.OpenAsync(files: disk))
        {
            await using InMemoryKafkaClient client = before.Connect();
            await ServedBroker.ProduceAsync(client, 0, "a", "b", "c");
            disk = disk.PowerCut();
        }

        await using ServedBroker after = await ServedBroker.OpenAsync(files: disk);
        await using InMemoryKafkaClient again = after.Connect();
        await ServedBroker.ProduceAsync(again, 0, "d");
        await _client.DisposeAsync();
        _client = after.Connect();

        (await EndAsync(0)).ShouldBe((ErrorCode.None, 0, 3));
        (await EndAsync(1)).ShouldBe((ErrorCode.None, 1, 4));
        (await EndAsync(1, current: 0)).Error.ShouldBe(ErrorCode.FencedLeaderEpoch);
        (await ListAsync(5, -1, epoch: 0)).Error.ShouldBe(ErrorCode.FencedLeaderEpoch);
        (await ListAsync(5, -1, epoch: 1)).ShouldBe((ErrorCode.None, 4));
        MetadataResponse metadata = await _client.AskAsync(Apis.Metadata, 9, new MetadataRequest { Topics = [new() { Name = "t" }] });
        metadata.Topics[0].Partitions[0].LeaderEpoch.ShouldBe(1);
    }

    [Fact]
    public async Task Records_are_deleted_up_to_an_offset_where_the_policy_lets_them()
    {
        await _broker.Host.Topics.CreateAsync("compacted", 1, [new("cleanup.policy", "compact")]);
        await _broker.Host.Topics.GetOrCreateAsync("__consumer_offsets");
        (await DeleteAsync("t", 2)).ShouldBe((ErrorCode.None, 2));
        (await DeleteAsync("t", 1)).ShouldBe((ErrorCode.None, 2));
        (await DeleteAsync("t", 4)).ShouldBe((ErrorCode.OffsetOutOfRange, -1));
        (await DeleteAsync("t", -2)).ShouldBe((ErrorCode.OffsetOutOfRange, -1));
        (await DeleteAsync("t", -1)).ShouldBe((ErrorCode.None, 3));
        (await DeleteAsync("missing", 1)).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        (await DeleteAsync("compacted", 0)).Error.ShouldBe(ErrorCode.PolicyViolation);
        (await DeleteAsync("__consumer_offsets", 0)).Error.ShouldBe(ErrorCode.InvalidTopic);
    }

    private async Task<(ErrorCode Error, long Offset)> ListAsync(short version, long timestamp, int epoch = -1)
    {
        ListOffsetsResponse response = await _client.AskAsync(
            Apis.ListOffsets,
            version,
            new ListOffsetsRequest { ReplicaId = -1,
                Topics = [new() { Name = "t", Partitions = [new() { Timestamp = timestamp, CurrentLeaderEpoch = epoch }] }] });
        return (response.Topics[0].Partitions[0].ErrorCode, response.Topics[0].Partitions[0].Offset);
    }

    private async Task<(ErrorCode Error, int Epoch, long Offset)> EndAsync(int epoch, int current = -1)
    {
        OffsetForLeaderEpochResponse response = await _client.AskAsync(
            Apis.OffsetForLeaderEpoch,
            4,
            new OffsetForLeaderEpochRequest { ReplicaId = -1,
                Topics = [new() { Name = "t", Partitions = [new() { LeaderEpoch = epoch, CurrentLeaderEpoch = current }] }] });
        OffsetForLeaderEpochResponse.EpochEndOffset answer = response.Topics[0].Partitions[0];
        return (answer.ErrorCode, answer.LeaderEpoch, answer.EndOffset);
    }

    private async Task<(ErrorCode Error, long LowWatermark)> DeleteAsync(string topic, long offset)
    {
        DeleteRecordsResponse response = await _client.AskAsync(
            Apis.DeleteRecords, 2, new DeleteRecordsRequest
                { TimeoutMs = 1000, Topics = [new() { Name = topic, Partitions = [new() { Offset = offset }] }] });
        return (response.Topics[0].Partitions[0].ErrorCode, response.Topics[0].Partitions[0].LowWatermark);
    }
}

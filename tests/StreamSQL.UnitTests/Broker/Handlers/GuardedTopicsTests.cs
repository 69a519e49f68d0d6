using StreamSQL.Broker;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>
/// Topics of the engine: one that clients do not see, and one that they may read only. The client in the process does as it likes.
/// </summary>
public sealed class GuardedTopicsTests : IAsyncLifetime
{
    private const string Hidden = "_engine-catalog";
    private const string ReadOnly = "_engine-changelog";
    private static readonly ErrorCode s_refused = ErrorCode.TopicAuthorizationFailed;

    private ServedBroker _broker = null!;
    private InMemoryKafkaClient _client = null!;
    private Guid _hiddenId;
    private Guid _readOnlyId;

    public async ValueTask InitializeAsync()
    {
        var guard = new TopicGuard(new HashSet<string> { Hidden }, "_engine-");
        _broker = await ServedBroker.OpenAsync(options: new BrokerOptions { Guard = guard });
        _hiddenId = (await _broker.Host.Topics.CreateAsync(Hidden, 1, [])).Id;
        _readOnlyId = (await _broker.Host.Topics.CreateAsync(ReadOnly, 1, [])).Id;
        foreach (string topic in new[] { Hidden, ReadOnly })
            await _broker.Host.Client.ProduceAsync(new TopicPartition(topic, 0), ServedBroker.Batch("secret"), CancellationToken.None);
        _client = _broker.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Lists_leave_the_hidden_topic_out()
    {
        MetadataResponse all = await _client.AskAsync(Apis.Metadata, 12, new MetadataRequest { Topics = null });
        all.Topics.Select(t => t.Name).ShouldBe([ReadOnly, "t"], ignoreOrder: true);
        (await _client.AskAsync(Apis.DescribeTopicPartitions, 0, new DescribeTopicPartitionsRequest { ResponsePartitionLimit = 100 }))
            .Topics.Select(t => t.Name).ShouldBe([ReadOnly, "t"]);
        (await _client.AskAsync(Apis.ListConfigResources, 1, new ListConfigResourcesRequest { ResourceTypes = [2] }))
            .ConfigResources.Select(r => r.ResourceName).ShouldBe([ReadOnly, "t"], ignoreOrder: true);
        (await _client.AskAsync(Apis.DescribeLogDirs, 4, new DescribeLogDirsRequest()))
            .Results[0].Topics.Select(t => t.Name).ShouldBe([ReadOnly, "t"], ignoreOrder: true);
    }

    [Fact]
    public async Task Asked_for_by_name_the_hidden_topic_is_refused_and_by_id_unknown()
    {
        var named = new MetadataRequest { Topics = [new() { Name = Hidden }, new() { Name = ReadOnly }], AllowAutoTopicCreation = true };
        (await _client.AskAsync(Apis.Metadata, 12, named)).Topics.Select(t => t.ErrorCode).ShouldBe([s_refused, ErrorCode.None]);
        var byId = new MetadataRequest { Topics = [new() { TopicId = _hiddenId }, new() { TopicId = _readOnlyId }] };
        (await _client.AskAsync(Apis.Metadata, 12, byId)).Topics.Select(t => t.ErrorCode)
            .ShouldBe([ErrorCode.UnknownTopicId, ErrorCode.None]);
        (await _client.AskAsync(Apis.DescribeTopicPartitions, 0,
            new DescribeTopicPartitionsRequest { Topics = [new() { Name = Hidden }], ResponsePartitionLimit = 9 }))
            .Topics.Single().ErrorCode.ShouldBe(s_refused);
    }

    [Fact]
    public async Task The_hidden_topic_is_not_read()
    {
        (await FetchAsync(11, new() { Name = Hidden })).ErrorCode.ShouldBe(s_refused);
        (await FetchAsync(13, new() { TopicId = _hiddenId })).ErrorCode.ShouldBe(ErrorCode.UnknownTopicId);
        FetchResponse.Partition read = await FetchAsync(13, new() { TopicId = _readOnlyId });
        (read.ErrorCode, read.Records.Length > 0).ShouldBe((ErrorCode.None, true));
        (await _client.AskAsync(Apis.ListOffsets, 7,
            new ListOffsetsRequest { Topics = [new() { Name = Hidden, Partitions = [new() { Timestamp = -1 }] }] }))
            .Topics[0].Partitions[0].ErrorCode.ShouldBe(s_refused);
        (await _client.AskAsync(Apis.OffsetForLeaderEpoch, 4,
            new OffsetForLeaderEpochRequest { Topics = [new() { Name = Hidden, Partitions = [new()] }] }))
            .Topics[0].Partitions[0].ErrorCode.ShouldBe(s_refused);
        (await _client.AskAsync(Apis.DescribeProducers, 0,
            new DescribeProducersRequest { Topics = [new() { Name = Hidden, PartitionIndexes = [0] }] }))
            .Topics[0].Partitions[0].ErrorCode.ShouldBe(s_refused);
    }

    [Theory]
    [InlineData(Hidden)]
    [InlineData(ReadOnly)]
    public async Task Neither_is_written_to(string topic)
    {
        ProduceRequest request = ServedBroker.Produce(0, ServedBroker.Batch("forged"), topic);
        (await _client.AskAsync(Apis.Produce, 9, request)).Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(s_refused);
        bool isHidden = topic == Hidden;
        request.TopicData[0].TopicId = isHidden ? _hiddenId : _readOnlyId;
        (await _client.AskAsync(Apis.Produce, 13, request)).Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(
            isHidden ? ErrorCode.UnknownTopicId : s_refused);
        var transaction = new AddPartitionsToTxnRequest { TransactionalId = "x", Topics = [new() { Name = topic, Partitions = [0] }] };
        (await _client.AskAsync(Apis.AddPartitionsToTxn, 3, transaction)).ResultsByTopic[0].ResultsByPartition[0].ErrorCode.ShouldBe(
            s_refused);
        _broker.Host.Topics.Find(new TopicPartition(topic, 0))!.HighWatermark.ShouldBe(1);
    }

    [Theory]
    [InlineData(Hidden)]
    [InlineData(ReadOnly)]
    public async Task Neither_is_changed_or_deleted(string topic)
    {
        (await _client.AskAsync(Apis.DeleteRecords, 2,
            new DeleteRecordsRequest { Topics = [new() { Name = topic, Partitions = [new() { Offset = 1 }] }] }))
            .Topics[0].Partitions[0].ErrorCode.ShouldBe(s_refused);
        (await _client.AskAsync(Apis.DeleteTopics, 5, new DeleteTopicsRequest { TopicNames = [topic] })).Responses[0].ErrorCode.ShouldBe(
            s_refused);
        (await _client.AskAsync(Apis.CreatePartitions, 3, new CreatePartitionsRequest { Topics = [new() { Name = topic, Count = 2 }] }))
            .Results[0].ErrorCode.ShouldBe(s_refused);
        (await _client.AskAsync(Apis.CreateTopics, 7,
            new CreateTopicsRequest { Topics = [new() { Name = "_engine-new", NumPartitions = 1, ReplicationFactor = 1 }] }))
            .Topics[0].ErrorCode.ShouldBe(s_refused);
        var set = new IncrementalAlterConfigsRequest
        {
            Resources = [new() { ResourceType = 2, ResourceName = topic, Configs = [new() { Name = "retention.ms", Value = "1" }] }],
        };
        (await _client.AskAsync(Apis.IncrementalAlterConfigs, 1, set)).Responses[0].ErrorCode.ShouldBe(s_refused);
        (await _client.AskAsync(Apis.AlterConfigs, 2,
            new AlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = topic }] }))
            .Responses[0].ErrorCode.ShouldBe(s_refused);
        _broker.Host.Topics.Find(new TopicPartition(topic, 0))!.StartOffset.ShouldBe(0);
    }

    [Fact]
    public async Task Deleting_the_hidden_topic_by_its_id_finds_none()
    {
        (await _client.AskAsync(Apis.DeleteTopics, 6,
            new DeleteTopicsRequest { Topics = [new() { TopicId = _hiddenId }, new() { TopicId = _readOnlyId }] }))
            .Responses.Select(t => t.ErrorCode).ShouldBe([ErrorCode.UnknownTopicId, s_refused]);
        _broker.Host.Topics.TryGet(Hidden, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Configs_of_the_hidden_topic_are_not_told()
    {
        var request = new DescribeConfigsRequest
            { Resources = [new() { ResourceType = 2, ResourceName = Hidden }, new() { ResourceType = 2, ResourceName = ReadOnly }] };
        (await _client.AskAsync(Apis.DescribeConfigs, 4, request)).Results.Select(r => r.ErrorCode).ShouldBe([s_refused, ErrorCode.None]);
    }

    private async Task<FetchResponse.Partition> FetchAsync(short version, FetchRequest.Topic topic)
    {
        topic.Partitions = [new() { PartitionMaxBytes = 1000 }];
        var request = new FetchRequest { MaxWaitMs = 0, MinBytes = 1, MaxBytes = 1000, SessionEpoch = -1, Topics = [topic] };
        return (await _client.AskAsync(Apis.Fetch, version, request)).Responses[0].Partitions[0];
    }
}

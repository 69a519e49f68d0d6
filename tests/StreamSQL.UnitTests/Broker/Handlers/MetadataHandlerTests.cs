using StreamSQL.Broker;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>Metadata, FindCoordinator and ApiVersions.</summary>
public sealed class MetadataHandlerTests : IAsyncLifetime
{
    private ServedBroker _broker = null!;
    private InMemoryKafkaClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await ServedBroker.OpenAsync(options: new BrokerOptions { NodeId = 5, Rack = "r1" });
        _client = _broker.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task No_list_means_all_topics_an_empty_one_none_but_in_version_0()
    {
        (await AskAsync(0, [])).Topics.Count.ShouldBe(1);
        (await AskAsync(1, [])).Topics.ShouldBeEmpty();
        (await AskAsync(13, [])).Topics.ShouldBeEmpty();
        MetadataResponse all = await AskAsync(13, null);
        all.Topics.Single().Name.ShouldBe("t");
        all.ControllerId.ShouldBe(5);
        (all.Brokers.Single().Host, all.Brokers.Single().Port, all.Brokers.Single().Rack).ShouldBe(("broker", 9092, "r1"));
    }

    [Fact]
    public async Task Topics_are_made_only_where_the_client_lets_them()
    {
        (await AskAsync(9, [new() { Name = "new" }], create: false)).Topics[0].ErrorCode.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        (await AskAsync(9, [new() { Name = "new" }])).Topics[0].ErrorCode.ShouldBe(ErrorCode.None);
        (await AskAsync(9, [new() { Name = "n w" }])).Topics[0].ErrorCode.ShouldBe(ErrorCode.InvalidTopic);
        (await AskAsync(9, [new() { Name = "new" }], create: false)).Topics[0].Partitions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Topics_are_found_by_id_from_version_12()
    {
        Guid id = _broker.Host.Topics.All["t"].Id;
        var unknown = Guid.NewGuid();
        MetadataResponse response = await AskAsync(12, [new() { TopicId = id }, new() { TopicId = unknown }]);
        response.Topics.Select(t => (t.ErrorCode, t.Name, t.TopicId))
            .ShouldBe([(ErrorCode.None, "t", id), (ErrorCode.UnknownTopicId, null, unknown)]);
        (await AskAsync(11, [new() { TopicId = id, Name = "t" }])).Topics.Single().ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
    }

    [Fact]
    public async Task A_topic_named_often_is_answered_once() =>
        (await AskAsync(9, [.. Enumerable.Repeat(new MetadataRequest.Topic { Name = "t" }, 100)])).Topics.Count.ShouldBe(1);

    [Fact]
    public async Task What_a_client_may_do_is_told_when_asked()
    {
        var request = new MetadataRequest { Topics = [new() { Name = "t" }], IncludeTopicAuthorizedOperations = true,
            IncludeClusterAuthorizedOperations = true };
        MetadataResponse response = await _client.AskAsync(Apis.Metadata, 8, request);
        (response.Topics[0].TopicAuthorizedOperations, response.ClusterAuthorizedOperations).ShouldBe((3576, 8096));
        response = await AskAsync(8, [new() { Name = "t" }]);
        (response.Topics[0].TopicAuthorizedOperations, response.ClusterAuthorizedOperations).ShouldBe((int.MinValue, int.MinValue));
    }

    [Fact]
    public async Task Coordinators_are_found_for_groups_and_transactions_only()
    {
        foreach (sbyte type in (sbyte[])[0, 1])
        {
            FindCoordinatorResponse found = await _client.AskAsync(
                Apis.FindCoordinator, 4, new FindCoordinatorRequest { KeyType = type, CoordinatorKeys = ["a", "b"] });
            found.Coordinators.Select(c => (c.Key, c.ErrorCode, c.NodeId, c.Host))
                .ShouldBe([("a", ErrorCode.None, 5, "broker"), ("b", ErrorCode.None, 5, "broker")]);
        }
        FindCoordinatorResponse share = await _client.AskAsync(Apis.FindCoordinator, 6,
            new FindCoordinatorRequest { KeyType = 2, CoordinatorKeys = ["g:t:0"] });
        share.Coordinators[0].ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
        (await _client.AskAsync(Apis.FindCoordinator, 3, new FindCoordinatorRequest { KeyType = 9, Key = "a" })).ErrorCode.ShouldBe(
            ErrorCode.InvalidRequest);
    }

    [Theory]
    [InlineData("apache-kafka-java", "4.0.0", ErrorCode.None)]
    [InlineData("", "4.0.0", ErrorCode.InvalidRequest)]
    [InlineData("java", "-4", ErrorCode.InvalidRequest)]
    [InlineData("ja va", "4", ErrorCode.InvalidRequest)]
    public async Task Clients_say_what_software_they_are(string name, string version, ErrorCode error)
    {
        ApiVersionsResponse response = await _client.AskAsync(
            Apis.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = version });
        response.ErrorCode.ShouldBe(error);
        (response.ApiKeys.Count > 0).ShouldBe(error == ErrorCode.None);
    }

    private async Task<MetadataResponse> AskAsync(short version, List<MetadataRequest.Topic>? topics, bool create = true) =>
        await _client.AskAsync(Apis.Metadata, version, new MetadataRequest { Topics = topics, AllowAutoTopicCreation = create });
}

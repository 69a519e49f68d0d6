using System.Net;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

public sealed class ConfigHandlersTests : IAsyncLifetime
{
    private const ConfigResourceType Topic = ConfigResourceType.Topic;
    private const ConfigResourceType Broker = ConfigResourceType.Broker;
    private const ConfigResourceType Group = ConfigResourceType.Group;
    private const ConfigResourceType ClientMetrics = ConfigResourceType.ClientMetrics;

    private readonly MemoryFileSystem _files = new();
    private ServedBroker _broker = null!;
    private InMemoryKafkaClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await ServedBroker.OpenAsync(files: _files);
        _client = _broker.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_topic_tells_every_config_with_its_default_and_its_synonyms()
    {
        List<DescribeConfigsResponse.Config> configs = await DescribeAsync(Topic, "t");

        configs.Select(c => c.Name).ShouldBe(TopicConfigs.All.Values.Where(c => !c.IsInternal).Select(c => c.Name), ignoreOrder: true);
        DescribeConfigsResponse.Config policy = configs.Single(c => c.Name == "cleanup.policy");
        (policy.Value, policy.ConfigSource, policy.ConfigType, policy.ReadOnly).ShouldBe(("delete", (sbyte)5, (sbyte)7, false));
        policy.Documentation.ShouldNotBeNullOrEmpty();
        Shown(policy.Synonyms).ShouldBe(["log.cleanup.policy=delete 5"]);
        // log.retention.ms has no default, and what stands before it is left out
        Shown(configs.Single(c => c.Name == "retention.ms").Synonyms).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_broker_tells_every_config_and_what_it_was_started_with()
    {
        List<DescribeConfigsResponse.Config> configs = await DescribeAsync(Broker, "1");

        configs.Select(c => c.Name).ShouldBe(BrokerConfigs.All.Keys, ignoreOrder: true);
        DescribeConfigsResponse.Config node = configs.Single(c => c.Name == "node.id");
        (node.Value, node.ConfigSource, node.ReadOnly).ShouldBe(("1", (sbyte)4, true));
        Shown(node.Synonyms).ShouldBe(["node.id=1 4"]);
        configs.Single(c => c.Name == "ssl.key.password").IsSensitive.ShouldBeTrue();
        configs.Single(c => c.Name == "log.retention.ms").ReadOnly.ShouldBeFalse();
        (await DescribeAsync(Broker, "")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_broker_tells_its_listeners_by_name()
    {
        _broker.Services.DescribeListeners(
        [
            (new KafkaListener("IN"), new IPEndPoint(IPAddress.Loopback, 9092)),
            (new KafkaListener("OUT", "broker.example", 19094), new IPEndPoint(IPAddress.Any, 9094)),
        ]);
        List<DescribeConfigsResponse.Config> configs = await DescribeAsync(Broker, "1");

        configs.Single(c => c.Name == "listeners").Value.ShouldBe("IN://127.0.0.1:9092,OUT://0.0.0.0:9094");
        configs.Single(c => c.Name == "advertised.listeners").Value.ShouldBe("IN://127.0.0.1:9092,OUT://broker.example:19094");
    }

    [Fact]
    public async Task Only_the_wanted_configs_are_told()
    {
        DescribeConfigsResponse response = await _client.AskAsync(Apis.DescribeConfigs, 1, new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = (sbyte)Topic, ResourceName = "t", ConfigurationKeys = ["retention.ms", "no.such"] }],
        });

        response.Results[0].Configs.Select(c => c.Name).ShouldBe(["retention.ms"]);
        response.Results[0].Configs[0].Synonyms.ShouldBeEmpty();
        response.Results[0].Configs[0].Documentation.ShouldBeNull();
    }

    [Theory]
    [InlineData(Topic, "none", ErrorCode.UnknownTopicOrPartition)]
    [InlineData(Topic, "a b", ErrorCode.InvalidTopic)]
    [InlineData(Broker, "2", ErrorCode.InvalidRequest)]
    [InlineData(ConfigResourceType.BrokerLogger, "", ErrorCode.InvalidRequest)]
    [InlineData(Group, "", ErrorCode.InvalidRequest)]
    [InlineData(ClientMetrics, "", ErrorCode.InvalidRequest)]
    [InlineData((ConfigResourceType)3, "x", ErrorCode.InvalidRequest)]
    public async Task What_is_not_there_cannot_be_described(ConfigResourceType type, string name, ErrorCode error) =>
        (await AskDescribeAsync(type, name)).ErrorCode.ShouldBe(error);

    [Fact]
    public async Task A_change_of_a_topic_takes_effect_at_once_and_outlives_a_restart()
    {
        (await AlterAsync(Topic, "t", ("max.message.bytes", ConfigOperation.Set, "80"))).ErrorCode.ShouldBe(ErrorCode.None);

        (await ServedBroker.ProduceAsync(_client, 0, new string('x', 100))).ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
        await RestartAsync();
        DescribeConfigsResponse.Config config = await DescribeOneAsync(Topic, "t", "max.message.bytes");
        (config.Value, config.ConfigSource).ShouldBe(("80", (sbyte)1));
        Shown(config.Synonyms).ShouldBe(["max.message.bytes=80 1", "message.max.bytes=1048588 5"]);
        (await AlterAsync(Topic, "t", ("max.message.bytes", ConfigOperation.Delete, null))).ErrorCode.ShouldBe(ErrorCode.None);
        (await ServedBroker.ProduceAsync(_client, 0, new string('x', 100))).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Topics_inherit_what_is_set_for_the_broker_and_for_all_brokers()
    {
        await AlterAsync(Broker, "", ("message.max.bytes", ConfigOperation.Set, "80"));
        await AlterAsync(Broker, "", ("log.retention.ms", ConfigOperation.Set, "1000"));
        await AlterAsync(Broker, "1", ("log.retention.ms", ConfigOperation.Set, "2000"));

        (await ServedBroker.ProduceAsync(_client, 0, new string('x', 100))).ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
        await RestartAsync();
        (await ServedBroker.ProduceAsync(_client, 0, new string('x', 100))).ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
        DescribeConfigsResponse.Config retention = await DescribeOneAsync(Topic, "t", "retention.ms");
        (retention.Value, retention.ConfigSource).ShouldBe(("2000", (sbyte)2));
        Shown(retention.Synonyms).ShouldBe(["log.retention.ms=2000 2", "log.retention.ms=1000 3", "log.retention.hours=168 5"]);
        (await DescribeOneAsync(Topic, "t", "max.message.bytes")).ConfigSource.ShouldBe((sbyte)3);
        Shown((await DescribeAsync(Broker, "")).SelectMany(c => c.Synonyms)).Order()
            .ShouldBe(["log.retention.ms=1000 3", "message.max.bytes=80 3"]);

        await AlterAsync(Broker, "", ("message.max.bytes", ConfigOperation.Delete, null));
        (await ServedBroker.ProduceAsync(_client, 0, new string('x', 100))).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Lists_are_appended_to_and_subtracted_from()
    {
        (await AlterAsync(Topic, "t", ("cleanup.policy", ConfigOperation.Append, "compact,delete"))).ErrorCode.ShouldBe(ErrorCode.None);
        (await DescribeOneAsync(Topic, "t", "cleanup.policy")).Value.ShouldBe("delete,compact");
        (await AlterAsync(Topic, "t", ("cleanup.policy", ConfigOperation.Subtract, "delete"))).ErrorCode.ShouldBe(ErrorCode.None);
        (await DescribeOneAsync(Topic, "t", "cleanup.policy")).Value.ShouldBe("compact");
    }

    [Fact]
    public async Task Validation_alone_changes_nothing()
    {
        (await AlterAsync(Topic, "t", true, ("retention.ms", ConfigOperation.Set, "5"))).ErrorCode.ShouldBe(ErrorCode.None);
        (await AlterAsync(Topic, "t", true, ("retention.ms", ConfigOperation.Set, "x"))).ErrorCode.ShouldBe(ErrorCode.InvalidConfig);
        (await AlterAsync(Group, "g", true, ("consumer.session.timeout.ms", ConfigOperation.Set, "50000"))).ErrorCode.ShouldBe(
            ErrorCode.None);

        (await DescribeOneAsync(Topic, "t", "retention.ms")).ConfigSource.ShouldBe((sbyte)5);
        (await DescribeOneAsync(Group, "g", "consumer.session.timeout.ms")).ConfigSource.ShouldBe((sbyte)5);
    }

    [Theory]
    [InlineData(Topic, "t", "no.such.config", 0, "1", ErrorCode.InvalidConfig)]
    [InlineData(Topic, "t", "retention.ms", 0, "soon", ErrorCode.InvalidConfig)]
    [InlineData(Topic, "t", "retention.ms", 2, "1", ErrorCode.InvalidConfig)]
    [InlineData(Topic, "t", "retention.ms", 0, null, ErrorCode.InvalidRequest)]
    [InlineData(Topic, "t", "retention.ms", 7, "1", ErrorCode.InvalidRequest)]
    [InlineData(Topic, "t", "remote.storage.enable", 0, "true", ErrorCode.InvalidConfig)]
    [InlineData(Topic, "none", "retention.ms", 0, "1", ErrorCode.UnknownTopicOrPartition)]
    [InlineData(Topic, "", "retention.ms", 0, "1", ErrorCode.InvalidRequest)]
    [InlineData(Topic, "a b", "retention.ms", 0, "1", ErrorCode.InvalidTopic)]
    [InlineData(Broker, "1", "auto.create.topics.enable", 0, "false", ErrorCode.InvalidRequest)]
    [InlineData(Broker, "1", "no.such.config", 0, "1", ErrorCode.InvalidRequest)]
    [InlineData(Broker, "1", "message.max.bytes", 0, "-1", ErrorCode.InvalidRequest)]
    [InlineData(Broker, "", "leader.replication.throttled.rate", 0, "1", ErrorCode.InvalidRequest)]
    [InlineData(Broker, "2", "message.max.bytes", 0, "1", ErrorCode.InvalidRequest)]
    [InlineData(Broker, "me", "message.max.bytes", 0, "1", ErrorCode.InvalidRequest)]
    [InlineData(ConfigResourceType.BrokerLogger, "1", "root", 0, "DEBUG", ErrorCode.InvalidRequest)]
    [InlineData(Group, "g", "no.such.config", 0, "1", ErrorCode.InvalidConfig)]
    [InlineData(Group, "g", "consumer.session.timeout.ms", 0, "1", ErrorCode.InvalidConfig)] // below group.consumer.min.session.timeout.ms
    [InlineData(Group, "", "consumer.session.timeout.ms", 0, "45000", ErrorCode.InvalidRequest)]
    [InlineData(ClientMetrics, "m", "interval.ms", 0, "99", ErrorCode.InvalidConfig)]
    [InlineData((ConfigResourceType)3, "x", "y", 0, "1", ErrorCode.InvalidRequest)]
    public async Task Refusals_have_the_error_codes_of_Kafka(
        ConfigResourceType type, string resource, string name, sbyte operation, string? value, ErrorCode error)
    {
        IncrementalAlterConfigsResponse.Resource answer = await AlterAsync(type, resource, (name, (ConfigOperation)operation, value));

        answer.ErrorCode.ShouldBe(error);
        answer.ErrorMessage.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_config_or_a_resource_named_twice_is_refused()
    {
        (await AlterAsync(Topic, "t", ("retention.ms", ConfigOperation.Set, "5"), ("retention.ms", ConfigOperation.Set, "6")))
            .ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
        IncrementalAlterConfigsRequest.Resource once = Resource(Topic, "t", ("retention.ms", ConfigOperation.Set, "5"));
        IncrementalAlterConfigsResponse response = await _client.AskAsync(
            Apis.IncrementalAlterConfigs, 1, new IncrementalAlterConfigsRequest { Resources = [once, once] });

        response.Responses.ShouldAllBe(r => r.ErrorCode == ErrorCode.InvalidRequest);
        (await DescribeOneAsync(Topic, "t", "retention.ms")).ConfigSource.ShouldBe((sbyte)5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task AlterConfigs_replaces_all_that_was_set(short version)
    {
        await AlterAsync(Topic, "t", ("retention.ms", ConfigOperation.Set, "5"), ("segment.ms", ConfigOperation.Set, "7"));
        AlterConfigsResponse response = await _client.AskAsync(Apis.AlterConfigs, version, new AlterConfigsRequest
        {
            Resources = [new() { ResourceType = (sbyte)Topic, ResourceName = "t",
                Configs = [new() { Name = "retention.ms", Value = "6" }] }],
        });

        response.Responses.Single().ErrorCode.ShouldBe(ErrorCode.None);
        (await DescribeAsync(Topic, "t")).Where(c => c.ConfigSource == 1).Select(c => (c.Name, c.Value)).ShouldBe([("retention.ms", "6")]);
    }

    [Fact]
    public async Task Groups_and_client_metrics_are_listed_once_something_is_set()
    {
        await AlterAsync(Group, "g", ("consumer.session.timeout.ms", ConfigOperation.Set, "50000"));
        await AlterAsync(ClientMetrics, "m", ("interval.ms", ConfigOperation.Set, "1000"));
        await RestartAsync();

        DescribeConfigsResponse.Config timeout = await DescribeOneAsync(Group, "g", "consumer.session.timeout.ms");
        (timeout.Value, timeout.ConfigSource).ShouldBe(("50000", (sbyte)8));
        Shown(timeout.Synonyms).ShouldBe(["consumer.session.timeout.ms=50000 8", "group.consumer.session.timeout.ms=45000 5"]);
        _broker.Host.Configs.OfGroup("g", "consumer.session.timeout.ms").ShouldBe("50000");
        _broker.Host.Configs.OfGroup("other", "consumer.session.timeout.ms").ShouldBe("45000");
        (await ListAsync(0)).ShouldBe(["16 m"]);
        (await ListAsync(1)).ShouldBe(["2 t", "4 1", "8 1", "16 m", "32 g"]);
        (await ListAsync(1, (sbyte)Group)).ShouldBe(["32 g"]);
    }

    [Fact]
    public async Task A_new_topic_tells_its_configs()
    {
        CreateTopicsResponse response = await _client.AskAsync(Apis.CreateTopics, 7, new CreateTopicsRequest
        {
            Topics =
            [
                new()
                {
                    Name = "new", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.ms", Value = "5" }],
                },
            ],
        });

        CreateTopicsResponse.Config retention = response.Topics[0].Configs!.Single(c => c.Name == "retention.ms");
        (retention.Value, retention.ConfigSource).ShouldBe(("5", (sbyte)1));
        response.Topics[0].Configs!.Count.ShouldBe(TopicConfigs.All.Values.Count(static d => !d.IsInternal));
    }

    private static IEnumerable<string> Shown(IEnumerable<DescribeConfigsResponse.Synonym> synonyms) =>
        synonyms.Select(s => $"{s.Name}={s.Value} {s.Source}");

    private static IncrementalAlterConfigsRequest.Resource Resource(
        ConfigResourceType type, string name, params (string Name, ConfigOperation Operation, string? Value)[] changes) => new()
    {
        ResourceType = (sbyte)type,
        ResourceName = name,
        Configs =
        [
            .. changes.Select(c => new IncrementalAlterConfigsRequest.Config
            {
                Name = c.Name, ConfigOperation = (sbyte)c.Operation, Value = c.Value,
            }),
        ],
    };

    private Task<IncrementalAlterConfigsResponse.Resource> AlterAsync(
        ConfigResourceType type, string name, params (string Name, ConfigOperation Operation, string? Value)[] changes) =>
        AlterAsync(type, name, validateOnly: false, changes);

    private async Task<IncrementalAlterConfigsResponse.Resource> AlterAsync(
        ConfigResourceType type, string name, bool validateOnly, params (string Name, ConfigOperation Operation, string? Value)[] changes)
    {
        IncrementalAlterConfigsResponse response = await _client.AskAsync(
            Apis.IncrementalAlterConfigs, 1,
            new IncrementalAlterConfigsRequest { Resources = [Resource(type, name, changes)], ValidateOnly = validateOnly });
        return response.Responses.Single();
    }

    private async Task<DescribeConfigsResponse.Resource> AskDescribeAsync(ConfigResourceType type, string name)
    {
        DescribeConfigsResponse response = await _client.AskAsync(Apis.DescribeConfigs, 4, new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = (sbyte)type, ResourceName = name }],
            IncludeSynonyms = true,
            IncludeDocumentation = true,
        });
        return response.Results.Single();
    }

    private async Task<List<DescribeConfigsResponse.Config>> DescribeAsync(ConfigResourceType type, string name)
    {
        DescribeConfigsResponse.Resource answer = await AskDescribeAsync(type, name);
        answer.ErrorCode.ShouldBe(ErrorCode.None);
        return answer.Configs;
    }

    private async Task<DescribeConfigsResponse.Config> DescribeOneAsync(ConfigResourceType type, string name, string config) =>
        (await DescribeAsync(type, name)).Single(c => c.Name == config);

    private async Task<IEnumerable<string>> ListAsync(short version, params sbyte[] types)
    {
        ListConfigResourcesResponse response = await _client.AskAsync(
            Apis.ListConfigResources, version, new ListConfigResourcesRequest { ResourceTypes = [.. types] });
        response.ErrorCode.ShouldBe(ErrorCode.None);
        return response.ConfigResources.Select(r => $"{r.ResourceType} {r.ResourceName}");
    }

    private async Task RestartAsync()
    {
        await DisposeAsync();
        await InitializeAsync();
    }
}

using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

public sealed class AdminHandlersTests : IAsyncLifetime
{
    private ServedBroker _broker = null!;
    private InMemoryKafkaClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await ServedBroker.OpenAsync(partitions: 3);
        await _broker.Host.Topics.CreateAsync("a", 2, []);
        _client = _broker.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task The_cluster_is_one_broker(short version)
    {
        DescribeClusterResponse response = await _client.AskAsync(
            Apis.DescribeCluster, version,
            new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true, IncludeFencedBrokers = true });

        response.Brokers.Select(b => (b.BrokerId, b.Host, b.Port, b.IsFenced)).ShouldBe([(1, "broker", 9092, false)]);
        (response.ControllerId, response.ClusterAuthorizedOperations).ShouldBe((1, 8096));
    }

    [Fact]
    public async Task Groups_tell_what_may_be_done_with_them_when_asked()
    {
        DescribeGroupsResponse asked = await _client.AskAsync(
            Apis.DescribeGroups, 5, new DescribeGroupsRequest { Groups = ["g"], IncludeAuthorizedOperations = true });
        DescribeGroupsResponse notAsked = await _client.AskAsync(Apis.DescribeGroups, 5, new DescribeGroupsRequest { Groups = ["g"] });

        asked.Groups[0].AuthorizedOperations.ShouldBe(3400);
        notAsked.Groups[0].AuthorizedOperations.ShouldBe(int.MinValue);
    }

    [Fact]
    public async Task Topics_that_are_asked_for_together_are_written_to_disk_once_and_refused_one_by_one()
    {
        var disk = new MemoryFileSystem();
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: disk,
            options: new() { Topics = new() { MaxTotalPartitions = 60 } });
        await using InMemoryKafkaClient client = broker.Connect();
        int writes = 0;
        disk.Fault = (operation, path) =>
        {
            if (operation == FileOperation.Write && path.Contains("topics-", StringComparison.Ordinal))
                Interlocked.Increment(ref writes);
            return null;
        };
        (string Name, int Partitions, ErrorCode Error)[] wanted =
        [
            .. Enumerable.Range(0, 40).Select(static i => ($"many-{i}", 1, ErrorCode.None)), ("t", 1, ErrorCode.TopicAlreadyExists),
            ("some.name", 4, ErrorCode.None), ("some_name", 1, ErrorCode.InvalidTopic), ("b/d", 1, ErrorCode.InvalidTopic),
            ("none", 0, ErrorCode.InvalidPartitions), ("large", 16, ErrorCode.PolicyViolation), ("last", 15, ErrorCode.None),
        ];

        CreateTopicsResponse response = await client.AskAsync(Apis.CreateTopics, 7, new CreateTopicsRequest
        {
            TimeoutMs = 60_000,
            Topics = [.. wanted.Select(static w => new CreateTopicsRequest.Topic
                { Name = w.Name, NumPartitions = w.Partitions, ReplicationFactor = 1 })],
        });

        response.Topics.Select(static t => (t.Name, t.ErrorCode)).ShouldBe(wanted.Select(static w => (w.Name, w.Error)));
        response.Topics.ShouldAllBe(static t => t.ErrorCode != ErrorCode.None || t.TopicId != Guid.Empty);
        writes.ShouldBe(2); // both copies
        broker.Host.Topics.All.Keys.Order()
            .ShouldBe(wanted.Where(static w => w.Error == ErrorCode.None).Select(static w => w.Name).Append("t").Order());
        (await ServedBroker.ProduceAsync(client, 0, "a")).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task A_topic_is_deleted_by_one_name_once()
    {
        Guid id = _broker.Host.Topics.All["a"].Id;
        DeleteTopicsResponse response = await _client.AskAsync(Apis.DeleteTopics, 6, new DeleteTopicsRequest
        {
            TimeoutMs = 1000, Topics = [new() { Name = "t" }, new() { Name = "t" }, new() { Name = "a", TopicId = id }, new(),
                new() { TopicId = id }],
        });

        response.Responses.Select(static t => t.ErrorCode).ShouldBe(
            [ErrorCode.InvalidRequest, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest, ErrorCode.None]);
        _broker.Host.Topics.All.Keys.ShouldBe(["t"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Log_directories_tell_what_partitions_take(short version)
    {
        await ServedBroker.ProduceAsync(_client, 1, "some value");
        DescribeLogDirsResponse all = await _client.AskAsync(Apis.DescribeLogDirs, version, new DescribeLogDirsRequest());
        DescribeLogDirsResponse some = await _client.AskAsync(Apis.DescribeLogDirs, version, new DescribeLogDirsRequest
        {
            Topics = [new() { Name = "t", Partitions = [1, 7] }, new() { Name = "none", Partitions = [0] }],
        });

        DescribeLogDirsResponse.LogDirectory directory = all.Results.Single();
        directory.LogDir.ShouldBe("/data");
        directory.Topics.Select(t => (t.Name, t.Partitions.Count)).ShouldBe([("a", 2), ("t", 3)], ignoreOrder: true);
        DescribeLogDirsResponse.Topic topic = some.Results.Single().Topics.Single();
        topic.Partitions.Select(p => (p.PartitionIndex, p.PartitionSize))
            .ShouldBe([(1, (long)ServedBroker.Batch("some value").Length)]);
    }

    [Fact]
    public async Task Replicas_stay_in_the_only_log_directory()
    {
        AlterReplicaLogDirsResponse response = await _client.AskAsync(Apis.AlterReplicaLogDirs, 2, new AlterReplicaLogDirsRequest
        {
            Dirs =
            [
                new() { Path = "/data", Topics = [new() { Name = "t", Partitions = [0, 9] }] },
                new() { Path = "/elsewhere", Topics = [new() { Name = "t", Partitions = [1] }] },
            ],
        });

        response.Results.SelectMany(t => t.Partitions).Select(p => (p.PartitionIndex, p.ErrorCode)).ShouldBe(
            [(0, ErrorCode.None), (9, ErrorCode.ReplicaNotAvailable), (1, ErrorCode.LogDirNotFound)]);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 1)]
    public async Task No_election_is_ever_needed(short version, sbyte type)
    {
        ElectLeadersResponse named = await _client.AskAsync(Apis.ElectLeaders, version, new ElectLeadersRequest
        {
            ElectionType = type,
            TopicPartitions = [new() { Name = "t", Partitions = [0, 9] }],
        });
        ElectLeadersResponse all = await _client.AskAsync(Apis.ElectLeaders, version, new ElectLeadersRequest { ElectionType = type });

        named.ReplicaElectionResults.Single().PartitionResult.Select(p => p.ErrorCode).ShouldBe(
            [ErrorCode.ElectionNotNeeded, ErrorCode.UnknownTopicOrPartition]);
        (all.ErrorCode, all.ReplicaElectionResults.Count).ShouldBe((ErrorCode.None, 0));
    }

    [Fact]
    public async Task An_unknown_kind_of_election_is_refused()
    {
        ElectLeadersResponse response = await _client.AskAsync(Apis.ElectLeaders, 2, new ElectLeadersRequest { ElectionType = 2 });

        response.ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
    }

    [Theory]
    [InlineData("t", new[] { 1 }, ErrorCode.None)]
    [InlineData("t", new[] { 2 }, ErrorCode.InvalidReplicaAssignment)]
    [InlineData("t", new[] { 1, 1 }, ErrorCode.InvalidReplicaAssignment)]
    [InlineData("t", new int[0], ErrorCode.InvalidReplicaAssignment)]
    [InlineData("t", null, ErrorCode.NoReassignmentInProgress)]
    [InlineData("none", new[] { 1 }, ErrorCode.UnknownTopicOrPartition)]
    public async Task Partitions_are_reassigned_to_this_broker_only(string topic, int[]? replicas, ErrorCode error)
    {
        AlterPartitionReassignmentsRequest.Partition partition = new() { PartitionIndex = 0, Replicas = replicas?.ToList() };
        AlterPartitionReassignmentsResponse response = await _client.AskAsync(
            Apis.AlterPartitionReassignments, 1,
            new AlterPartitionReassignmentsRequest { Topics = [new() { Name = topic, Partitions = [partition] }] });

        response.ErrorCode.ShouldBe(ErrorCode.None);
        response.Responses.Single().Partitions.Single().ErrorCode.ShouldBe(error);
        (await _client.AskAsync(Apis.ListPartitionReassignments, 0, new ListPartitionReassignmentsRequest())).Topics.ShouldBeEmpty();
    }

    [Fact]
    public async Task Partitions_of_topics_are_told_page_by_page()
    {
        List<string> pages = [];
        DescribeTopicPartitionsCursor? cursor = null;
        do
        {
            DescribeTopicPartitionsResponse page = await _client.AskAsync(
                Apis.DescribeTopicPartitions, 0, new DescribeTopicPartitionsRequest { ResponsePartitionLimit = 2, Cursor = cursor });
            pages.Add(string.Join(' ', page.Topics.SelectMany(t => t.Partitions.Select(p => $"{t.Name}-{p.PartitionIndex}"))));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        pages.ShouldBe(["a-0 a-1", "t-0 t-1", "t-2"]);
    }

    [Fact]
    public async Task Named_topics_are_told_in_order_with_their_errors()
    {
        DescribeTopicPartitionsResponse response = await _client.AskAsync(
            Apis.DescribeTopicPartitions, 0, new DescribeTopicPartitionsRequest
            {
                Topics = [new() { Name = "t" }, new() { Name = "none" }, new() { Name = "a b" }, new() { Name = "t" }],
            });

        response.Topics.Select(t => (t.Name, t.ErrorCode)).ShouldBe(
            [("a b", ErrorCode.InvalidTopic), ("none", ErrorCode.UnknownTopicOrPartition), ("t", ErrorCode.None)]);
        DescribeTopicPartitionsResponse.Topic topic = response.Topics[2];
        topic.TopicId.ShouldNotBe(Guid.Empty);
        topic.TopicAuthorizedOperations.ShouldBe(3576);
        topic.Partitions.ShouldAllBe(p => p.LeaderId == 1 && p.ReplicaNodes.Single() == 1 && p.IsrNodes.Single() == 1);
        response.NextCursor.ShouldBeNull();
    }

    [Theory]
    [InlineData(2, ErrorCode.InvalidReplicationFactor)]
    [InlineData(0, ErrorCode.InvalidReplicationFactor)]
    [InlineData(-2, ErrorCode.InvalidReplicationFactor)]
    [InlineData(-1, ErrorCode.None)]
    [InlineData(1, ErrorCode.None)]
    public async Task A_topic_has_one_replica(short factor, ErrorCode error)
    {
        CreateTopicsResponse response = await _client.AskAsync(Apis.CreateTopics, 5, new CreateTopicsRequest
        {
            Topics = [new() { Name = "new", NumPartitions = 1, ReplicationFactor = factor }],
            ValidateOnly = true,
        });

        response.Topics.Single().ErrorCode.ShouldBe(error);
        _broker.Host.Topics.TryGet("new", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(new[] { 0, 1 }, 1, -1, ErrorCode.None)]
    [InlineData(new[] { 0, 2 }, 1, -1, ErrorCode.InvalidReplicaAssignment)]
    [InlineData(new[] { 0, 1 }, 2, -1, ErrorCode.InvalidReplicaAssignment)]
    [InlineData(new[] { 0, 1 }, 1, 2, ErrorCode.InvalidRequest)]
    public async Task Manual_assignments_are_checked(int[] partitions, int broker, int count, ErrorCode error)
    {
        CreateTopicsResponse response = await _client.AskAsync(Apis.CreateTopics, 5, new CreateTopicsRequest
        {
            Topics =
            [
                new()
                {
                    Name = "new", NumPartitions = count, ReplicationFactor = -1,
                    Assignments =
                        [.. partitions.Select(p => new CreateTopicsRequest.Assignment { PartitionIndex = p, BrokerIds = [broker] })],
                },
            ],
        });

        response.Topics.Single().ErrorCode.ShouldBe(error);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("../t")]
    public async Task Names_follow_the_grammar_of_Kafka(string name)
    {
        CreateTopicsResponse response = await _client.AskAsync(
            Apis.CreateTopics, 5, new CreateTopicsRequest { Topics = [new() { Name = name, NumPartitions = 1, ReplicationFactor = 1 }] });

        response.Topics.Single().ErrorCode.ShouldBe(ErrorCode.InvalidTopic);
    }

    [Fact]
    public async Task A_topic_named_twice_is_refused_both_times()
    {
        CreateTopicsRequest.Topic wanted = new() { Name = "new", NumPartitions = 1, ReplicationFactor = 1 };
        CreateTopicsResponse created = await _client.AskAsync(Apis.CreateTopics, 5, new CreateTopicsRequest { Topics = [wanted, wanted] });
        CreatePartitionsRequest.Topic more = new() { Name = "t", Count = 4 };
        CreatePartitionsResponse raised = await _client.AskAsync(
            Apis.CreatePartitions, 3, new CreatePartitionsRequest { Topics = [more, more] });

        created.Topics.ShouldAllBe(t => t.ErrorCode == ErrorCode.InvalidRequest);
        raised.Results.ShouldAllBe(t => t.ErrorCode == ErrorCode.InvalidRequest);
        _broker.Host.Topics.All["t"].Partitions.Count.ShouldBe(3);
    }
}

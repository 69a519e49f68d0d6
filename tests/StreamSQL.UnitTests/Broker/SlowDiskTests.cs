using System.Diagnostics;
using StreamSQL.Broker;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker;

/// <summary>
/// A disk that does not answer: who waits for it is told in the time that the request or a config gives it, and loses nothing.
/// </summary>
public sealed class SlowDiskTests : IDisposable
{
    private const int TimeoutMs = 300;
    private const string Id = "x";
    private static readonly BrokerOptions Impatient = new()
    {
        Topics = new() { InternalPartitions = 1 },
        Groups = new() { WriteTimeout = TimeSpan.FromMilliseconds(TimeoutMs) },
    };

    private readonly MemoryFileSystem _disk = new();
    private readonly ManualResetEventSlim _answers = new(initialState: true);

    public SlowDiskTests() => _disk.Fault = (operation, _) =>
    {
        if (operation == FileOperation.FlushData)
            _answers.Wait(TimeSpan.FromSeconds(30));
        return null;
    };

    public void Dispose() => _answers.Dispose();

    [Fact]
    public async Task Who_waits_for_a_sync_that_hangs_is_told_in_time_and_may_send_again()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        (await ProduceAsync(client, 0, "before")).ErrorCode.ShouldBe(ErrorCode.None);

        _answers.Reset();
        var watch = Stopwatch.StartNew();
        (await ProduceAsync(client, 1, "first")).ErrorCode.ShouldBe(ErrorCode.RequestTimedOut); // being synced
        (await ProduceAsync(client, 2, "second")).ErrorCode.ShouldBe(ErrorCode.RequestTimedOut); // waits for the next sync
        (await ProduceAsync(client, 1, "first")).ErrorCode.ShouldBe(ErrorCode.RequestTimedOut); // a duplicate waits like its original
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(3 * TimeoutMs - 50));
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        broker.Host.Topics.All["t"].Partitions[0].HighWatermark.ShouldBe(1);

        _answers.Set();
        ProduceResponse.Partition again = await ProduceAsync(client, 1, "first");
        (again.ErrorCode, again.BaseOffset).ShouldBe((ErrorCode.None, 1));
        (await ProduceAsync(client, 3, "third")).ErrorCode.ShouldBe(ErrorCode.None);
        using StreamSQL.Storage.Logs.LogRead read =
            broker.Host.Topics.All["t"].Partitions[0].Read(0, 1 << 20, IsolationLevel.ReadCommitted).Records;
        TestBatches.Values(read.Batches.Span).ShouldBe(["before", "first", "second", "third"]);
    }

    [Fact]
    public async Task Who_ends_a_transaction_is_told_that_the_coordinator_is_not_available_and_may_ask_again()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(options: Impatient, files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        var init = new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 60_000 };
        InitProducerIdResponse producer = await client.AskAsync(Apis.InitProducerId, 4, init);
        producer.ErrorCode.ShouldBe(ErrorCode.None);
        ProduceRequest produce = ServedBroker.Produce(0, TestBatches.Produced(producer.ProducerId, 0, 0, transactional: true, "a"));
        produce.TransactionalId = Id;
        (await client.AskAsync(Apis.Produce, 12, produce)).Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(ErrorCode.None);

        _answers.Reset();
        var end = new EndTxnRequest { TransactionalId = Id, ProducerId = producer.ProducerId, Committed = true };
        (await client.AskAsync(Apis.EndTxn, 5, end)).ErrorCode.ShouldBe(ErrorCode.CoordinatorNotAvailable);
        (await client.AskAsync(Apis.EndTxn, 5, end)).ErrorCode.ShouldBe(ErrorCode.ConcurrentTransactions); // the first has the turn still
        (await client.AskAsync(Apis.InitProducerId, 4, init)).ErrorCode.ShouldBe(ErrorCode.ConcurrentTransactions);
        broker.Host.Topics.All["t"].Partitions[0].Offsets.LastStable.ShouldBe(0);

        _answers.Set();
        (await AskUntilServedAsync(client, Apis.EndTxn, 5, end, static r => r.ErrorCode)).ErrorCode.ShouldBe(ErrorCode.None);
        broker.Host.Topics.All["t"].Partitions[0].Offsets.LastStable.ShouldBe(2);
    }

    [Fact]
    public async Task Who_commits_offsets_is_told_that_the_coordinator_is_not_available_and_the_commit_may_come_about()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(options: Impatient, files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        (await CommitAsync(client, 1)).ShouldBe(ErrorCode.None);

        _answers.Reset();
        (await CommitAsync(client, 2)).ShouldBe(ErrorCode.CoordinatorNotAvailable);
        broker.Host.Offsets.Fetch("g", null, requireStable: false).Single().Committed!.Offset.ShouldBe(1);

        _answers.Set();
        (await CommitAsync(client, 3)).ShouldBe(ErrorCode.None);
        broker.Host.Offsets.Fetch("g", null, requireStable: false).Single().Committed!.Offset.ShouldBe(3);
    }

    [Fact]
    public async Task Who_changes_topics_is_told_that_it_takes_too_long()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(options: Impatient, files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();

        _answers.Reset();
        var create = new CreateTopicsRequest
        {
            TimeoutMs = TimeoutMs,
            Topics = [new() { Name = "a", NumPartitions = 1, ReplicationFactor = 1 },
                new() { Name = "b", NumPartitions = 1, ReplicationFactor = 1 }],
        };
        var watch = Stopwatch.StartNew();
        CreateTopicsResponse created = await client.AskAsync(Apis.CreateTopics, 7, create);
        created.Topics.ShouldAllBe(static t => t.ErrorCode == ErrorCode.RequestTimedOut);
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(TimeoutMs - 50));
        var delete = new DeleteTopicsRequest { TimeoutMs = TimeoutMs, Topics = [new() { Name = "t" }] };
        (await client.AskAsync(Apis.DeleteTopics, 6, delete)).Responses[0].ErrorCode.ShouldBe(ErrorCode.RequestTimedOut);

        _answers.Set();
        create.TimeoutMs = 60_000;
        created = await client.AskAsync(Apis.CreateTopics, 7, create);
        created.Topics.ShouldAllBe(static t => t.ErrorCode == ErrorCode.TopicAlreadyExists);
        broker.Host.Topics.TryGet("t", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_changes_configs_is_told_that_it_takes_too_long()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(options: Impatient, files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();

        _answers.Reset();
        (await AlterAsync(client, "t", "1000")).ShouldBe(ErrorCode.RequestTimedOut);
        var increment = new IncrementalAlterConfigsRequest
        {
            Resources = [new() { ResourceType = 2, ResourceName = "t", Configs = [new() { Name = "retention.bytes", Value = "5" }] }],
        };
        IncrementalAlterConfigsResponse incremented = await client.AskAsync(Apis.IncrementalAlterConfigs, 1, increment);
        incremented.Responses[0].ErrorCode.ShouldBe(ErrorCode.RequestTimedOut);
        (await AlterAsync(client, "no-topic", "1000")).ShouldBe(ErrorCode.UnknownTopicOrPartition); // needs no disk

        _answers.Set();
        (await AlterAsync(client, "t", "3000", validateOnly: true)).ShouldBe(ErrorCode.None);
        await UntilAsync(() => broker.Host.Topics.All["t"].Config.Overrides.GetValueOrDefault("retention.bytes") == "5");
        broker.Host.Topics.All["t"].Config.Overrides["retention.ms"].ShouldBe("1000"); // the changes came about, in their order
    }

    [Fact]
    public async Task Who_asks_for_a_topic_that_is_made_by_that_is_told_to_ask_again()
    {
        await using ServedBroker broker = await ServedBroker.OpenAsync(options: Impatient with { AutoCreateTopics = true }, files: _disk);
        await using InMemoryKafkaClient client = broker.Connect();
        var ask = new MetadataRequest { AllowAutoTopicCreation = true,
            Topics = [new() { Name = "t" }, new() { Name = "new" }, new() { Name = "newer" }] };

        _answers.Reset();
        MetadataResponse late = await client.AskAsync(Apis.Metadata, 9, ask);
        late.Topics.Select(static t => t.ErrorCode).ShouldBe([ErrorCode.None, ErrorCode.LeaderNotAvailable, ErrorCode.LeaderNotAvailable]);

        _answers.Set();
        MetadataResponse there = late;
        while (there.Topics.Exists(static t => t.ErrorCode == ErrorCode.LeaderNotAvailable))
            there = await client.AskAsync(Apis.Metadata, 9, ask);
        there.Topics.ShouldAllBe(static t => t.ErrorCode == ErrorCode.None && t.Partitions.Count > 0);
    }

    private static async Task<ErrorCode> AlterAsync(InMemoryKafkaClient client, string topic, string retention, bool validateOnly = false)
    {
        var alter = new AlterConfigsRequest
        {
            ValidateOnly = validateOnly,
            Resources = [new() { ResourceType = 2, ResourceName = topic, Configs = [new() { Name = "retention.ms", Value = retention }] }],
        };
        return (await client.AskAsync(Apis.AlterConfigs, 2, alter)).Responses[0].ErrorCode;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    private static async Task<ErrorCode> CommitAsync(InMemoryKafkaClient client, long offset)
    {
        var commit = new OffsetCommitRequest
        {
            GroupId = "g",
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset }] }],
        };
        return (await client.AskAsync(Apis.OffsetCommit, 8, commit)).Topics[0].Partitions[0].ErrorCode;
    }

    /// <summary>Asks again while another request has the turn.</summary>
    private static async Task<TResponse> AskUntilServedAsync<TRequest, TResponse>(
        InMemoryKafkaClient client, Api<TRequest, TResponse> api, short version, TRequest request, Func<TResponse, ErrorCode> errorOf)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        while (true)
        {
            TResponse response = await client.AskAsync(api, version, request);
            if (errorOf(response) != ErrorCode.ConcurrentTransactions)
                return response;
        }
    }

    private static async Task<ProduceResponse.Partition> ProduceAsync(InMemoryKafkaClient client, int sequence, string value)
    {
        ProduceRequest request = ServedBroker.Produce(0, TestBatches.Produced(7, 0, sequence, transactional: false, value));
        request.TimeoutMs = TimeoutMs;
        return (await client.AskAsync(Apis.Produce, 9, request)).Responses[0].PartitionResponses[0];
    }
}

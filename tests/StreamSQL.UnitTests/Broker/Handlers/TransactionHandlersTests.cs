using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Files;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>The transaction APIs as clients of every version see them.</summary>
public sealed class TransactionHandlersTests : IAsyncLifetime
{
    private const string Id = "x";
    private BrokerHost _host = null!;
    private BrokerServices _services = null!;
    private InMemoryKafkaClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BrokerHost.OpenAsync("/data", new BrokerOptions { Topics = new() { InternalPartitions = 2 } }, new MemoryFileSystem(),
            TimeProvider.System);
        await _host.Topics.CreateAsync("t", 2, []);
        _services = new BrokerServices(_host, new KafkaListenerOptions(), TimeProvider.System);
        _client = new InMemoryKafkaClient(new KafkaConnectionHandler(_services, NullLogger<KafkaConnectionHandler>.Instance));
        await _client.AskAsync(Apis.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task Transactions_of_the_second_kind_are_announced(short version, bool tellsRange)
    {
        var request = new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" };
        ApiVersionsResponse response = await _client.AskAsync(Apis.ApiVersions, version, request);

        response.FinalizedFeaturesEpoch.ShouldBeGreaterThanOrEqualTo(0);
        response.FinalizedFeatures.Single(f => f.Name == "transaction.version").MaxVersionLevel.ShouldBe((short)2);
        response.SupportedFeatures.Any(f => f.Name == "transaction.version").ShouldBe(tellsRange); // KAFKA-17492
    }

    [Fact]
    public async Task Appends_and_offsets_join_a_transaction_by_themselves_and_its_end_raises_the_epoch()
    {
        InitProducerIdResponse producer = await InitAsync(5);
        for (short epoch = 0; epoch < 3; epoch++)
        {
            (await ProduceAsync(12, producer.ProducerId, epoch, 0)).ShouldBe(ErrorCode.None);
            (await ProduceAsync(12, producer.ProducerId, epoch, 1)).ShouldBe(ErrorCode.None);
            (await CommitOffsetAsync(5, producer.ProducerId, epoch, offset: epoch)).ShouldBe(ErrorCode.None);
            EndTxnResponse ended = await EndAsync(5, producer.ProducerId, epoch);
            (ended.ErrorCode, ended.ProducerId, ended.ProducerEpoch).ShouldBe((ErrorCode.None, producer.ProducerId, (short)(epoch + 1)));
            (await EndAsync(5, producer.ProducerId, epoch)).ProducerEpoch.ShouldBe((short)(epoch + 1)); // the answer was lost
            (await EndAsync(5, producer.ProducerId, epoch, commit: false)).ErrorCode.ShouldBe(ErrorCode.InvalidTxnState);
        }

        _host.Topics.Find(new TopicPartition("t", 0))!.Offsets.ShouldBe(new PartitionOffsets(0, 9, 9));
        _host.Offsets.Fetch("g", null, requireStable: true).Single().Committed!.Offset.ShouldBe(2);
    }

    [Fact]
    public async Task What_comes_late_of_an_ended_transaction_is_fenced_on_every_way()
    {
        InitProducerIdResponse producer = await InitAsync(5);
        await ProduceAsync(12, producer.ProducerId, 0, 0);
        await EndAsync(5, producer.ProducerId, 0);
        await ProduceAsync(12, producer.ProducerId, 1, 0);

        (await ProduceAsync(12, producer.ProducerId, 0, 0)).ShouldBe(ErrorCode.InvalidProducerEpoch);
        (await ProduceAsync(12, producer.ProducerId, 0, 1)).ShouldBe(ErrorCode.InvalidProducerEpoch);
        (await CommitOffsetAsync(5, producer.ProducerId, 0, 7)).ShouldBe(ErrorCode.InvalidProducerEpoch);
        (await EndAsync(5, producer.ProducerId, 0)).ErrorCode.ShouldBe(ErrorCode.ProducerFenced);
        (await EndAsync(5, producer.ProducerId, 0, commit: false)).ErrorCode.ShouldBe(ErrorCode.ProducerFenced);
        (await AddOffsetsAsync(4, producer.ProducerId, 0)).ShouldBe(ErrorCode.ProducerFenced);
        (await AddPartitionsAsync(3, producer.ProducerId, 0, 0)).ShouldBe([ErrorCode.ProducerFenced]);

        (await EndAsync(5, producer.ProducerId, 1)).ErrorCode.ShouldBe(ErrorCode.None);
        _host.Topics.Find(new TopicPartition("t", 0))!.Offsets.ShouldBe(new PartitionOffsets(0, 4, 4));
    }

    [Theory]
    [InlineData(3, ErrorCode.InvalidTxnState)]
    [InlineData(10, ErrorCode.InvalidTxnState)]
    [InlineData(11, ErrorCode.TransactionAbortable)]
    [InlineData(12, ErrorCode.None)]
    public async Task An_append_to_a_partition_that_was_not_added_is_refused_as_its_version_knows(short version, ErrorCode expected)
    {
        InitProducerIdResponse producer = await InitAsync(4);
        (await AddPartitionsAsync(3, producer.ProducerId, 0, 1)).ShouldBe([ErrorCode.None]);

        (await ProduceAsync(version, producer.ProducerId, 0, 0)).ShouldBe(expected);
    }

    [Theory]
    [InlineData(0, ErrorCode.InvalidTxnState)]
    [InlineData(3, ErrorCode.InvalidTxnState)]
    [InlineData(4, ErrorCode.TransactionAbortable)]
    [InlineData(5, ErrorCode.None)]
    public async Task Offsets_of_a_group_that_was_not_added_are_refused_as_the_version_knows(short version, ErrorCode expected)
    {
        InitProducerIdResponse producer = await InitAsync(4);

        (await CommitOffsetAsync(version, producer.ProducerId, 0, 7)).ShouldBe(expected);
        (await AddOffsetsAsync(3, producer.ProducerId, 0)).ShouldBe(ErrorCode.None);
        (await CommitOffsetAsync(version, producer.ProducerId, 0, 7)).ShouldBe(ErrorCode.None);
    }

    [Theory]
    [InlineData(1, ErrorCode.InvalidProducerEpoch)]
    [InlineData(2, ErrorCode.ProducerFenced)]
    public async Task A_fenced_producer_learns_it_by_the_code_of_its_version(short version, ErrorCode expected)
    {
        InitProducerIdResponse producer = await InitAsync(4);
        await InitAsync(4);

        (await EndAsync(version, producer.ProducerId, 0)).ErrorCode.ShouldBe(expected);
        (await AddOffsetsAsync(version, producer.ProducerId, 0)).ShouldBe(expected);
        (await AddPartitionsAsync(version, producer.ProducerId, 0, 0)).ShouldBe([expected]);
        (await CommitOffsetAsync(version, producer.ProducerId, 0, 1)).ShouldBe(ErrorCode.InvalidProducerEpoch);
        (await InitAsync((short)(version + 2), producer.ProducerId, 0)).ErrorCode.ShouldBe(expected);
    }

    [Fact]
    public async Task Half_an_identity_an_empty_id_and_an_endless_timeout_are_refused()
    {
        (await InitAsync(5, producerId: 7, epoch: -1)).ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
        (await InitAsync(5, producerId: -1, epoch: 3)).ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
        (await InitAsync(5, id: "")).ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
        (await InitAsync(5, timeoutMs: int.MaxValue)).ErrorCode.ShouldBe(ErrorCode.InvalidTransactionTimeout);
        (await EndAsync(5, 1, 0)).ErrorCode.ShouldBe(ErrorCode.InvalidProducerIdMapping); // of an id that nobody has taken
    }

    [Fact]
    public async Task Partitions_are_added_all_or_none()
    {
        InitProducerIdResponse producer = await InitAsync(4);

        (await AddPartitionsAsync(3, producer.ProducerId, 0, 0, 9)).ShouldBe(
            [ErrorCode.OperationNotAttempted, ErrorCode.UnknownTopicOrPartition]);
        _host.Transactions.Describe(Id)!.Status.ShouldBe(TransactionStatus.Empty);
    }

    [Theory]
    [InlineData(4, ErrorCode.InvalidTxnState)]
    [InlineData(5, ErrorCode.TransactionAbortable)]
    public async Task Brokers_add_and_verify_many_transactions_at_once(short version, ErrorCode notAdded)
    {
        InitProducerIdResponse first = await InitAsync(5);
        InitProducerIdResponse second = await InitAsync(5, id: "y");
        AddPartitionsToTxnRequest.Transaction adding = Transaction(Id, first.ProducerId, 0, verifyOnly: false, 0);
        AddPartitionsToTxnRequest.Transaction verifying = Transaction("y", second.ProducerId, 0, verifyOnly: true, 0, 1);
        AddPartitionsToTxnRequest.Transaction unknown = Transaction("z", 1, 0, verifyOnly: true, 0);
        await AddPartitionsAsync(3, second.ProducerId, 0, "y", 1);

        AddPartitionsToTxnResponse response = await _client.AskAsync(
            Apis.AddPartitionsToTxn, version, new AddPartitionsToTxnRequest { Transactions = [adding, verifying, unknown] });

        response.ResultsByTransaction.Select(t => t.TransactionalId).ShouldBe([Id, "y", "z"]);
        Errors(response.ResultsByTransaction[0].TopicResults).ShouldBe([ErrorCode.None]);
        Errors(response.ResultsByTransaction[1].TopicResults).ShouldBe([notAdded, ErrorCode.None]);
        Errors(response.ResultsByTransaction[2].TopicResults).ShouldBe([ErrorCode.InvalidProducerIdMapping]);
        _host.Transactions.Describe(Id)!.Partitions.ShouldBe([new TopicPartition("t", 0)]);
        _host.Transactions.Describe("y")!.Partitions.ShouldBe([new TopicPartition("t", 1)]);
    }

    [Fact]
    public async Task A_hanging_transaction_is_found_and_aborted_by_an_operator()
    {
        InitProducerIdResponse producer = await InitAsync(5);
        await ProduceAsync(12, producer.ProducerId, 0, 0);

        var ask = new DescribeProducersRequest { Topics = [new() { Name = "t", PartitionIndexes = [0, 7] }] };
        DescribeProducersResponse described = await _client.AskAsync(Apis.DescribeProducers, 0, ask);
        described.Topics[0].Partitions[1].ErrorCode.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        DescribeProducersResponse.Producer found = described.Topics[0].Partitions[0].ActiveProducers.Single();
        (found.ProducerId, found.ProducerEpoch, found.LastSequence, found.CurrentTxnStartOffset, found.CoordinatorEpoch)
            .ShouldBe((producer.ProducerId, 0, 0, 0, -1));

        var marker = new WriteTxnMarkersRequest.Marker
        {
            ProducerId = found.ProducerId, ProducerEpoch = (short)found.ProducerEpoch, CoordinatorEpoch = 0,
            Topics = [new() { Name = "t", PartitionIndexes = [0, 7] }],
        };
        for (int i = 0; i < 2; i++)
        {
            WriteTxnMarkersResponse written = await _client.AskAsync(
                Apis.WriteTxnMarkers, 1, new WriteTxnMarkersRequest { Markers = [marker] });
            written.Markers.Single().Topics.Single().Partitions.Select(p => p.ErrorCode)
                .ShouldBe([ErrorCode.None, ErrorCode.UnknownTopicOrPartition]);
        }

        _host.Topics.Find(new TopicPartition("t", 0))!.LastStableOffset.ShouldBe(
            _host.Topics.Find(new TopicPartition("t", 0))!.HighWatermark);
        found = (await _client.AskAsync(Apis.DescribeProducers, 0, ask)).Topics[0].Partitions[0].ActiveProducers.Single();
        (found.CurrentTxnStartOffset, found.CoordinatorEpoch).ShouldBe((-1, 0));
    }

    [Fact]
    public async Task Transactional_ids_are_described()
    {
        InitProducerIdResponse producer = await InitAsync(5);
        await ProduceAsync(12, producer.ProducerId, 0, 0);

        DescribeTransactionsResponse response = await _client.AskAsync(
            Apis.DescribeTransactions, 0, new DescribeTransactionsRequest { TransactionalIds = [Id, "none", ""] });

        response.TransactionStates.Select(t => t.ErrorCode)
            .ShouldBe([ErrorCode.None, ErrorCode.TransactionalIdNotFound, ErrorCode.InvalidRequest]);
        DescribeTransactionsResponse.Transaction found = response.TransactionStates[0];
        (found.TransactionState, found.ProducerId, found.ProducerEpoch, found.TransactionTimeoutMs)
            .ShouldBe(("Ongoing", producer.ProducerId, (short)0, 10_000));
        found.TransactionStartTimeMs.ShouldBeGreaterThan(0);
        found.Topics.Single().Topic.ShouldBe("t");
        found.Topics.Single().Partitions.ShouldBe([0]);
    }

    [Fact]
    public async Task Transactional_ids_are_listed_by_state_producer_age_and_name()
    {
        InitProducerIdResponse open = await InitAsync(5);
        await ProduceAsync(12, open.ProducerId, 0, 0);
        await InitAsync(5, id: "app-1");
        await InitAsync(5, id: "app-2");

        (await ListAsync(new())).ShouldBe(["app-1", "app-2", Id]);
        (await ListAsync(new() { StateFilters = ["Ongoing"] })).ShouldBe([Id]);
        (await ListAsync(new() { StateFilters = ["Dead"] })).ShouldBeEmpty();
        (await ListAsync(new() { ProducerIdFilters = [open.ProducerId] })).ShouldBe([Id]);
        (await ListAsync(new() { StateFilters = ["Ongoing"], DurationFilter = 60_000 })).ShouldBeEmpty();
        (await ListAsync(new() { TransactionalIdPattern = "app-.*" })).ShouldBe(["app-1", "app-2"]);
        (await ListAsync(new() { TransactionalIdPattern = "app" })).ShouldBeEmpty(); // it is for whole names
        (await ListAsync(new() { TransactionalIdPattern = "" })).Count.ShouldBe(3);

        ListTransactionsResponse unknown = await _client.AskAsync(
            Apis.ListTransactions, 0, new ListTransactionsRequest { StateFilters = ["Ongoing", "ongoing", "4"] });
        unknown.UnknownStateFilters.ShouldBe(["ongoing", "4"]);
        unknown.TransactionStates.Count.ShouldBe(1);
        foreach (string bad in (string[])["(", "a)|(b", @"(a)\1"])
        {
            var request = new ListTransactionsRequest { TransactionalIdPattern = bad };
            (await _client.AskAsync(Apis.ListTransactions, 2, request)).ErrorCode.ShouldBe(ErrorCode.InvalidRegularExpression);
        }
    }

    private static AddPartitionsToTxnRequest.Transaction Transaction(
        string id, long producerId, short epoch, bool verifyOnly, params int[] partitions) => new()
        {
            TransactionalId = id, ProducerId = producerId, ProducerEpoch = epoch, VerifyOnly = verifyOnly,
            Topics = [new() { Name = "t", Partitions = [.. partitions] }],
        };

    private static List<ErrorCode> Errors(List<AddPartitionsToTxnResponse.Topic> topics) =>
        [.. topics.SelectMany(t => t.ResultsByPartition).Select(p => p.ErrorCode)];

    private async Task<InitProducerIdResponse> InitAsync(
        short version, long producerId = -1, short epoch = -1, string id = Id, int timeoutMs = 10_000) => await _client.AskAsync(
            Apis.InitProducerId, version,
            new InitProducerIdRequest { TransactionalId = id, TransactionTimeoutMs = timeoutMs, ProducerId = producerId,
                ProducerEpoch = epoch });

    private async Task<ErrorCode> ProduceAsync(short version, long producerId, short epoch, int sequence)
    {
        byte[] batch = TestBatches.Produced(producerId, epoch, sequence, transactional: true, "v");
        var request = new ProduceRequest
        {
            TransactionalId = Id, Acks = -1, TimeoutMs = 1000,
            TopicData = [new() { Name = "t", PartitionData = [new() { Index = 0, Records = batch }] }],
        };
        return (await _client.AskAsync(Apis.Produce, version, request)).Responses[0].PartitionResponses[0].ErrorCode;
    }

    private async Task<ErrorCode> CommitOffsetAsync(short version, long producerId, short epoch, long offset)
    {
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = Id, GroupId = "g", ProducerId = producerId, ProducerEpoch = epoch,
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset, CommittedMetadata = "" }] }],
        };
        return (await _client.AskAsync(Apis.TxnOffsetCommit, version, request)).Topics[0].Partitions[0].ErrorCode;
    }

    private async Task<EndTxnResponse> EndAsync(short version, long producerId, short epoch, bool commit = true) => await _client.AskAsync(
        Apis.EndTxn, version,
        new EndTxnRequest { TransactionalId = Id, ProducerId = producerId, ProducerEpoch = epoch, Committed = commit });

    private async Task<ErrorCode> AddOffsetsAsync(short version, long producerId, short epoch) => (await _client.AskAsync(
        Apis.AddOffsetsToTxn, version,
        new AddOffsetsToTxnRequest { TransactionalId = Id, ProducerId = producerId, ProducerEpoch = epoch, GroupId = "g" })).ErrorCode;

    private Task<List<ErrorCode>> AddPartitionsAsync(short version, long producerId, short epoch, params int[] partitions) =>
        AddPartitionsAsync(version, producerId, epoch, Id, partitions);

    private async Task<List<ErrorCode>> AddPartitionsAsync(short version, long producerId, short epoch, string id, params int[] partitions)
    {
        var request = new AddPartitionsToTxnRequest
        {
            TransactionalId = id, ProducerId = producerId, ProducerEpoch = epoch,
            Topics = [new() { Name = "t", Partitions = [.. partitions] }],
        };
        return Errors((await _client.AskAsync(Apis.AddPartitionsToTxn, version, request)).ResultsByTopic);
    }

    private async Task<List<string>> ListAsync(ListTransactionsRequest request)
    {
        ListTransactionsResponse response = await _client.AskAsync(Apis.ListTransactions, 2, request);
        response.ErrorCode.ShouldBe(ErrorCode.None);
        return [.. response.TransactionStates.Select(t => t.TransactionalId).Order(StringComparer.Ordinal)];
    }
}

using StreamSQL.Broker;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Groups;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>The broker's own topics cannot be made, here for want of partitions: their clients are told so and go on trying.</summary>
public sealed class MissingCoordinatorTests
{
    private const int Internal = 4;

    [Fact]
    public async Task A_transactional_id_is_refused_and_a_producer_without_one_is_not()
    {
        await using ServedBroker broker = await OpenAsync(room: 0);
        await using InMemoryKafkaClient client = broker.Connect();

        (await InitializeAsync(client, "x")).ErrorCode.ShouldBe(ErrorCode.CoordinatorNotAvailable);
        (await InitializeAsync(client, null)).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Offsets_and_groups_are_refused()
    {
        await using ServedBroker broker = await OpenAsync(room: Internal);
        await using InMemoryKafkaClient client = broker.Connect();
        InitProducerIdResponse producer = await InitializeAsync(client, "x"); // takes the room for the states of transactions
        producer.ErrorCode.ShouldBe(ErrorCode.None);

        var add = new AddOffsetsToTxnRequest { TransactionalId = "x", ProducerId = producer.ProducerId, ProducerEpoch = 0, GroupId = "g" };
        (await client.AskAsync(Apis.AddOffsetsToTxn, 3, add)).ErrorCode.ShouldBe(ErrorCode.CoordinatorNotAvailable);
        var inTransaction = new TxnOffsetCommitRequest
        {
            TransactionalId = "x", GroupId = "g", ProducerId = producer.ProducerId, ProducerEpoch = 0,
            Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = 1, CommittedMetadata = "" }] }],
        };
        (await client.AskAsync(Apis.TxnOffsetCommit, 5, inTransaction)).Topics[0].Partitions[0].ErrorCode.ShouldBe(
            ErrorCode.CoordinatorNotAvailable);
        var commit = new OffsetCommitRequest
        {
            GroupId = "g", Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = 1, CommittedMetadata = "" }] }],
        };
        (await client.AskAsync(Apis.OffsetCommit, 8, commit)).Topics[0].Partitions[0].ErrorCode.ShouldBe(ErrorCode.CoordinatorNotAvailable);
        (await client.AskAsync(Apis.JoinGroup, 5, GroupTestBroker.Join(memberId: ""))).ErrorCode.ShouldBe(
            ErrorCode.CoordinatorNotAvailable);
    }

    private static Task<ServedBroker> OpenAsync(int room) => ServedBroker.OpenAsync(options: new BrokerOptions
    {
        Topics = new() { InternalPartitions = Internal, MaxTotalPartitions = 1 + room },
    });

    private static async Task<InitProducerIdResponse> InitializeAsync(InMemoryKafkaClient client, string? id) =>
        await client.AskAsync(Apis.InitProducerId, 4, new InitProducerIdRequest { TransactionalId = id, TransactionTimeoutMs = 10_000 });
}

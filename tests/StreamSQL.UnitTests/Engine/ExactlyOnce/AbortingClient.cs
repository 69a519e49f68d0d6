using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>A Kafka client whose transaction stays open for as long as its owner likes, and is then aborted.</summary>
internal sealed class AbortingClient : IAsyncDisposable
{
    private const string Id = "aborting";

    private readonly InMemoryKafkaClient _client;
    private InitProducerIdResponse? _producer;

    /// <summary>Connects to a broker.</summary>
    public AbortingClient(BrokerHost host)
    {
        var services = new BrokerServices(host, new KafkaListenerOptions(), TimeProvider.System);
        _client = new InMemoryKafkaClient(new KafkaConnectionHandler(services, NullLogger<KafkaConnectionHandler>.Instance));
    }

    /// <summary>Writes rows in a transaction that stays open.</summary>
    public async Task WriteAsync(InputBatch rows)
    {
        var request = new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 60_000, ProducerId = -1,
            ProducerEpoch = -1 };
        _producer = await _client.AskAsync(Apis.InitProducerId, 5, request);
        _producer.ErrorCode.ShouldBe(ErrorCode.None);
        foreach (var (partition, batch) in rows.Encode(_producer.ProducerId, _producer.ProducerEpoch))
            (await ProduceAsync(partition, batch)).ShouldBe(ErrorCode.None);
    }

    /// <summary>Aborts it.</summary>
    public async Task AbortAsync()
    {
        if (_producer is null)
            return;
        var request = new EndTxnRequest { TransactionalId = Id, ProducerId = _producer.ProducerId, ProducerEpoch = _producer.ProducerEpoch,
            Committed = false };
        (await _client.AskAsync(Apis.EndTxn, 5, request)).ErrorCode.ShouldBe(ErrorCode.None);
        _producer = null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<ErrorCode> ProduceAsync(TopicPartition partition, byte[] batch)
    {
        var request = new ProduceRequest
        {
            TransactionalId = Id, Acks = -1, TimeoutMs = 10_000,
            TopicData = [new() { Name = partition.Topic, PartitionData = [new() { Index = partition.Partition, Records = batch }] }],
        };
        return (await _client.AskAsync(Apis.Produce, 12, request)).Responses[0].PartitionResponses[0].ErrorCode;
    }
}

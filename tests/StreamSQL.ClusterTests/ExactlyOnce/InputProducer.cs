using System.Net;
using StreamSQL.ClusterTests.Crashes.Load;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Engine.ExactlyOnce;

namespace StreamSQL.ClusterTests.ExactlyOnce;

/// <summary>
/// Sends rows as an idempotent or as a transactional producer, and at times before them rows that it aborts. Every request is repeated
/// until it is answered, so a batch is there once when this returns, however often the broker was killed.
/// </summary>
internal sealed class InputProducer(IPEndPoint broker, Random random) : IAsyncDisposable
{
    private const string TransactionalId = "exactly-once";
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(20);

    private readonly LoadConnection _connection = new(broker);
    private readonly Identity _idempotent = new(null);
    private readonly Identity _transactional = new(TransactionalId);

    /// <summary>Transactions that were aborted.</summary>
    public int Aborted { get; private set; }

    /// <summary>Sends a batch and returns when it is committed.</summary>
    /// <exception cref="InvalidDataException">The broker gave an answer that one which keeps its word cannot give.</exception>
    public async Task SendAsync(InputBatch batch, CancellationToken giveUp)
    {
        if (random.Next(4) == 0)
        {
            await ProduceAsync(_transactional, batch.Poisoned(), giveUp);
            await EndAsync(commit: false, giveUp);
            Aborted++;
        }

        if (random.Next(3) == 0)
        {
            await ProduceAsync(_idempotent, batch, giveUp);
            return;
        }

        await ProduceAsync(_transactional, batch, giveUp);
        await EndAsync(commit: true, giveUp);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task ProduceAsync(Identity identity, InputBatch batch, CancellationToken giveUp)
    {
        await InitializeAsync(identity, giveUp);
        var batches = new List<(TopicPartition, ReadOnlyMemory<byte>)>();
        foreach ((TopicPartition partition, byte[] records) in batch.Encode())
        {
            RecordBatchHeader.TryRead(records, out RecordBatchHeader header);
            int sequence = identity.Sequences.GetValueOrDefault(partition);
            identity.Sequences[partition] = sequence + header.Count;
            RecordBatchHeader.StampProducer(records, identity.ProducerId, identity.Epoch, sequence,
                transactional: identity.TransactionalId is not null);
            batches.Add((partition, records));
        }

        ProduceRequest request = ProduceRequests.Of(identity.TransactionalId, _timeout, batches);
        ProduceResponse response = await AskAsync(Apis.Produce, request, FirstRefusal, giveUp);
        foreach (ProduceResponse.Partition answer in response.Responses.SelectMany(static topic => topic.PartitionResponses))
            Require(answer.ErrorCode is ErrorCode.None or ErrorCode.DuplicateSequenceNumber, answer.ErrorCode, "Produce");
    }

    private async Task InitializeAsync(Identity identity, CancellationToken giveUp)
    {
        if (identity.ProducerId >= 0)
            return;
        var request = new InitProducerIdRequest { TransactionalId = identity.TransactionalId, TransactionTimeoutMs = 300_000 };
        InitProducerIdResponse response = await AskAsync(Apis.InitProducerId, request, static r => r.ErrorCode, giveUp);
        Require(response.ErrorCode == ErrorCode.None, response.ErrorCode, "InitProducerId");
        identity.Begin(response.ProducerId, response.ProducerEpoch);
    }

    private async Task EndAsync(bool commit, CancellationToken giveUp)
    {
        var request = new EndTxnRequest
        {
            TransactionalId = TransactionalId, ProducerId = _transactional.ProducerId, ProducerEpoch = _transactional.Epoch,
            Committed = commit,
        };
        EndTxnResponse response = await AskAsync(Apis.EndTxn, request, static r => r.ErrorCode, giveUp);
        Require(response.ErrorCode == ErrorCode.None, response.ErrorCode, "EndTxn");
        _transactional.Begin(response.ProducerId, response.ProducerEpoch);
    }

    private async Task<TResponse> AskAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, Func<TResponse, ErrorCode> errorOf, CancellationToken giveUp)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new() =>
        await _connection.AskAsync(api, request, errorOf, giveUp) ?? throw new TimeoutException("the broker gave no answer");

    // The whole request is sent again while any of it was refused for now: what was appended is found to be a duplicate.
    private static ErrorCode FirstRefusal(ProduceResponse response) => response.Responses
        .SelectMany(static topic => topic.PartitionResponses).Select(static partition => partition.ErrorCode)
        .FirstOrDefault(RetriableErrors.IsRefusal);

    private static void Require(bool isRight, ErrorCode code, string request)
    {
        if (!isRight)
            throw new InvalidDataException($"{code} to {request}");
    }

    /// <summary>A producer's id, epoch and next sequence numbers.</summary>
    private sealed class Identity(string? transactionalId)
    {
        public string? TransactionalId => transactionalId;

        public long ProducerId { get; private set; } = -1;

        public short Epoch { get; private set; }

        public Dictionary<TopicPartition, int> Sequences { get; } = [];

        public void Begin(long producerId, short epoch)
        {
            (ProducerId, Epoch) = (producerId, epoch);
            Sequences.Clear();
        }
    }
}

using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Transactions.Checking;

/// <summary>
/// A transactional producer: one transaction after another until it is told to stop, wherever it stands then. It repeats what got no
/// answer, and takes its id again when it was fenced; producers that share an id fence each other. It speaks KIP-890 or the older protocol.
/// </summary>
internal sealed class TransactionalActor(
    string id, bool bumpsEpochs, CheckedConnection connection, CheckedHistory history, LateRequests late, Random random)
{
    private readonly Dictionary<int, int> _sequences = [];
    private readonly HashSet<int> _added = [];
    private long _producerId = -1;
    private short _epoch;

    public async Task RunAsync(CancellationToken stop)
    {
        await using (connection)
        {
            while (!stop.IsCancellationRequested)
            {
                if (_producerId < 0 && !await InitializeAsync(stop))
                    continue;
                var transaction = history.Begin(id);
                try
                {
                    await RunTransactionAsync(transaction, stop);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    private async Task<bool> InitializeAsync(CancellationToken stop)
    {
        var request = new InitProducerIdRequest
        {
            TransactionalId = id, TransactionTimeoutMs = (int)CheckedBroker.TransactionTimeout.TotalMilliseconds,
        };
        if (await connection.AskAsync(Apis.InitProducerId, 5, request) is not { } response || stop.IsCancellationRequested)
            return false;
        response.ErrorCode.ShouldBe(ErrorCode.None);
        BeginEpoch(response.ProducerId, response.ProducerEpoch);
        return true;
    }

    private void BeginEpoch(long producerId, short epoch)
    {
        (_producerId, _epoch) = (producerId, epoch);
        _sequences.Clear();
    }

    private async Task RunTransactionAsync(CheckedTransaction transaction, CancellationToken stop)
    {
        _added.Clear();
        for (var batches = random.Next(1, 5); batches > 0; batches--)
        {
            if (!await WriteAsync(transaction, stop))
                return;
        }

        if (random.Next(2) == 0 && !await CommitOffsetAsync(transaction, stop))
            return;
        await EndAsync(transaction, commit: random.Next(5) != 0, stop);
    }

    private async Task<bool> WriteAsync(CheckedTransaction transaction, CancellationToken stop)
    {
        var partition = random.Next(CheckedBroker.Partitions);
        string[] values = [.. Enumerable.Range(0, random.Next(1, 4))
            .Select(i => $"{id}/{transaction.Number}/{transaction.Records.Count + i}")];
        if (!bumpsEpochs && _added.Add(partition) && !await AddPartitionAsync(partition, stop))
            return false;
        transaction.Records.AddRange(values.Select(v => (partition, v)));
        var sequence = _sequences.GetValueOrDefault(partition);
        _sequences[partition] = sequence + values.Length;
        var batch = TestBatches.Produced(_producerId, _epoch, sequence, transactional: true, values);
        var request = new ProduceRequest
        {
            TransactionalId = id, Acks = -1, TimeoutMs = 1000,
            TopicData = [new() { Name = CheckedBroker.Topic, PartitionData = [new() { Index = partition, Records = batch }] }],
        };
        return await RepeatAsync(
            Apis.Produce, bumpsEpochs ? (short)12 : (short)11, request, r => r.Responses[0].PartitionResponses[0].ErrorCode,
            stop) is not null;
    }

    private async Task<bool> AddPartitionAsync(int partition, CancellationToken stop)
    {
        var request = new AddPartitionsToTxnRequest
        {
            TransactionalId = id, ProducerId = _producerId, ProducerEpoch = _epoch,
            Topics = [new() { Name = CheckedBroker.Topic, Partitions = [partition] }],
        };
        return await RepeatAsync(Apis.AddPartitionsToTxn, 3, request, r => r.ResultsByTopic[0].ResultsByPartition[0].ErrorCode,
            stop) is not null;
    }

    private async Task<bool> CommitOffsetAsync(CheckedTransaction transaction, CancellationToken stop)
    {
        if (!bumpsEpochs)
        {
            var add = new AddOffsetsToTxnRequest { TransactionalId = id, ProducerId = _producerId, ProducerEpoch = _epoch, GroupId = id };
            if (await RepeatAsync(Apis.AddOffsetsToTxn, 3, add, r => r.ErrorCode, stop) is null)
                return false;
        }

        transaction.MovesOffset = true;
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = id, GroupId = id, ProducerId = _producerId, ProducerEpoch = _epoch,
            Topics =
            [
                new()
                {
                    Name = CheckedBroker.Topic,
                    Partitions = [new() { PartitionIndex = 0, CommittedOffset = transaction.Number, CommittedMetadata = "" }],
                },
            ],
        };
        return await RepeatAsync(
            Apis.TxnOffsetCommit, bumpsEpochs ? (short)5 : (short)4, request, r => r.Topics[0].Partitions[0].ErrorCode, stop) is not null;
    }

    private async Task EndAsync(CheckedTransaction transaction, bool commit, CancellationToken stop)
    {
        var request = new EndTxnRequest { TransactionalId = id, ProducerId = _producerId, ProducerEpoch = _epoch, Committed = commit };
        transaction.Outcome = commit ? Outcome.Unknown : Outcome.Aborted;
        if (await RepeatAsync(Apis.EndTxn, bumpsEpochs ? (short)5 : (short)3, request, r => r.ErrorCode, stop) is not { } ended)
            return;
        transaction.Outcome = commit ? Outcome.Committed : Outcome.Aborted;
        if (bumpsEpochs)
            BeginEpoch(ended.ProducerId, ended.ProducerEpoch);
    }

    /// <summary>Sends a request until it is answered; null when another has taken the id or the transaction was overdue.</summary>
    private async Task<TResponse?> RepeatAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, short version, TRequest request, Func<TResponse, ErrorCode> errorOf, CancellationToken stop)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new()
    {
        if (bumpsEpochs && random.Next(8) == 0)
            late.Add(other => other.AskAsync(api, version, request));
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (await connection.AskAsync(api, version, request) is not { } response)
                continue;
            switch (errorOf(response))
            {
                case ErrorCode.None:
                    return response;
                case ErrorCode.RequestTimedOut: // time passed while the disk was at it
                    continue;
                case ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.InvalidProducerIdMapping:
                    _producerId = -1;
                    return null;
                case ErrorCode.InvalidTxnState when api.Key == ApiKey.Produce: // fenced between verification and append
                    _producerId = -1;
                    return null;
                case var error:
                    throw new InvalidOperationException($"{api.Key} of '{id}', epoch {_epoch}: {error}");
            }
        }
    }
}

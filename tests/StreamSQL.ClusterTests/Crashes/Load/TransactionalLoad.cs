using System.Diagnostics;
using System.Net;
using StreamSQL.ClusterTests.Crashes.Checking;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.ClusterTests.Crashes.Load;

/// <summary>
/// A transactional producer (KIP-890): some transactions are committed, some aborted, some left lying and fenced by taking the id again;
/// some move the offset of a group to their own number.
/// </summary>
internal sealed class TransactionalLoad(int producer, IPEndPoint broker, History history, Random random)
{
    // So long that none is overdue: on a busy machine one may be open for a minute between kills, and would be fenced rightly.
    private const int TimeoutMs = 600_000;
    private readonly int[] _sequences = new int[LoadTopic.Partitions];
    private readonly string _id = $"load-{producer}";
    private long _producerId = -1;
    private short _epoch;
    private long _number;
    private long _transactions;

    /// <summary>The group whose offset it moves.</summary>
    public string Group => _id;

    /// <summary>Writes transactions until it is told to stop, and then finishes the last one.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken giveUp)
    {
        await using var connection = new LoadConnection(broker);
        while (!stop.IsCancellationRequested)
        {
            if ((_producerId < 0 || random.Next(30) == 0) && !await InitializeAsync(connection, giveUp))
                continue;
            await RunTransactionAsync(connection, giveUp);
        }

        await InitializeAsync(connection, giveUp); // ends what it may have left
    }

    private async Task<bool> InitializeAsync(LoadConnection connection, CancellationToken giveUp)
    {
        var request = new InitProducerIdRequest { TransactionalId = _id, TransactionTimeoutMs = TimeoutMs };
        if (await connection.AskAsync(Apis.InitProducerId, request, static r => r.ErrorCode, giveUp) is not { } response)
            return false;
        if (response.ErrorCode != ErrorCode.None)
        {
            history.WrongAnswer($"{response.ErrorCode} to InitProducerId of '{_id}'");
            return false;
        }

        Begin(response.ProducerId, response.ProducerEpoch);
        return true;
    }

    private void Begin(long producerId, short epoch)
    {
        (_producerId, _epoch) = (producerId, epoch);
        Array.Clear(_sequences);
    }

    private async Task RunTransactionAsync(LoadConnection connection, CancellationToken giveUp)
    {
        SentTransaction transaction = history.Begin(producer, ++_transactions);
        for (int rounds = random.Next(1, 4); rounds > 0; rounds--)
        {
            if (!await ProduceAsync(connection, transaction, giveUp))
                return;
        }

        if (random.Next(3) == 0 && !await MoveOffsetAsync(connection, transaction, giveUp))
            return;
        if (random.Next(12) != 0) // else it is left lying
            await EndAsync(connection, transaction, commit: random.Next(4) != 0, giveUp);
        else
            _producerId = -1;
    }

    private async Task<bool> ProduceAsync(LoadConnection connection, SentTransaction transaction, CancellationToken giveUp)
    {
        int partition = random.Next(LoadTopic.Partitions), count = random.Next(1, 4);
        byte[] batch = LoadTopic.Batch(producer, partition, _number, count, padding: 0);
        RecordBatchHeader.StampProducer(batch, _producerId, _epoch, _sequences[partition], transactional: true);
        _sequences[partition] += count;
        for (int i = 0; i < count; i++)
            history.Send(producer, _number++, partition, transaction);
        ProduceRequest request = ProduceRequests.Of(_id, TimeSpan.FromSeconds(20), [(LoadTopic.Partition(partition), batch)]);
        ProduceResponse? response = await connection.AskAsync(Apis.Produce, request,
            static r => r.Responses[0].PartitionResponses[0].ErrorCode, giveUp);
        return GoesOn(response?.Responses[0].PartitionResponses[0].ErrorCode, "Produce", ErrorCode.DuplicateSequenceNumber);
    }

    private async Task<bool> MoveOffsetAsync(LoadConnection connection, SentTransaction transaction, CancellationToken giveUp)
    {
        transaction.MovesOffset = true;
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = _id, GroupId = _id, ProducerId = _producerId, ProducerEpoch = _epoch,
            Topics = [new() { Name = LoadTopic.Name,
                Partitions = [new() { PartitionIndex = 0, CommittedOffset = transaction.Number, CommittedMetadata = "" }] }],
        };
        TxnOffsetCommitResponse? response = await connection.AskAsync(Apis.TxnOffsetCommit, request,
            static r => r.Topics[0].Partitions[0].ErrorCode, giveUp);
        return GoesOn(response?.Topics[0].Partitions[0].ErrorCode, "TxnOffsetCommit");
    }

    private async Task EndAsync(LoadConnection connection, SentTransaction transaction, bool commit, CancellationToken giveUp)
    {
        if (commit)
            (transaction.Outcome, transaction.CommitAskedAt) = (Outcome.Unknown, Stopwatch.GetTimestamp());
        var request = new EndTxnRequest { TransactionalId = _id, ProducerId = _producerId, ProducerEpoch = _epoch, Committed = commit };
        EndTxnResponse? response = await connection.AskAsync(Apis.EndTxn, request, static r => r.ErrorCode, giveUp);
        if (!GoesOn(response?.ErrorCode, commit ? "EndTxn(commit)" : "EndTxn(abort)"))
            return;
        if (commit)
            transaction.Outcome = Outcome.Committed;
        Begin(response!.ProducerId, response.ProducerEpoch);
    }

    /// <summary>Nobody else has its id and no transaction is overdue, so there is nothing to be refused for.</summary>
    private bool GoesOn(ErrorCode? answer, string request, ErrorCode alsoGood = ErrorCode.None)
    {
        if (answer == ErrorCode.None || answer == alsoGood)
            return true;
        if (answer is { } error)
            history.WrongAnswer($"{error} to {request} of '{_id}', producer {_producerId}, epoch {_epoch}");
        _producerId = -1;
        return false;
    }
}

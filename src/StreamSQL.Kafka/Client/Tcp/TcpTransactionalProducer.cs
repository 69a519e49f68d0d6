using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>
/// A transactional producer on a cluster. Where the cluster has it in force (transaction.version 2, KIP-890), what is written joins the
/// transaction by itself and each end raises the epoch; else partitions and groups are added first (KIP-98). After a failure the next
/// commit first aborts what is left of the failed transaction and takes a new epoch (KIP-360).
/// </summary>
internal sealed class TcpTransactionalProducer : ITransactionalProducer
{
    private const string TransactionFeature = "transaction.version";
    private const short FirstLevelThatBumpsEpochs = 2;

    // The last versions of those requests that add nothing to the transaction by themselves.
    private const short LastPlainProduce = 11;
    private const short LastPlainOffsetCommit = 4;
    private const short LastPlainEnd = 4;
    private const short FirstOffsetCommitOfMembers = 3;
    private const long NoProducer = -1;

    private readonly TcpBrokerClient _client;
    private readonly Cluster _cluster;
    private readonly string _transactionalId;
    private readonly TimeSpan _timeout;
    private readonly Dictionary<TopicPartition, int> _sequences = [];
    private long _producerId = NoProducer;
    private short _epoch = -1;
    private bool _bumpsEpochs;
    private bool _needsEpoch;
    private KafkaException? _fenced;

    public TcpTransactionalProducer(TcpBrokerClient client, Cluster cluster, string transactionalId, TimeSpan timeout)
    {
        _client = client;
        _cluster = cluster;
        _transactionalId = transactionalId;
        _timeout = timeout;
    }

    /// <summary>Takes the transactional id, or, when it is held, a new epoch of it.</summary>
    public async ValueTask InitializeAsync(CancellationToken cancellation)
    {
        var request = new InitProducerIdRequest
        {
            TransactionalId = _transactionalId,
            TransactionTimeoutMs = (int)_timeout.TotalMilliseconds,
            ProducerId = _producerId,
            ProducerEpoch = _epoch,
        };
        InitProducerIdResponse response = await AtCoordinatorAsync(
            Apis.InitProducerId, request, static r => r.ErrorCode, cancellation);
        TakeEpoch(response.ProducerId, response.ProducerEpoch);
    }

    public async ValueTask<long[]> CommitAsync(TransactionContent content, CancellationToken cancellation)
    {
        if (_fenced is not null)
            throw _fenced;
        try
        {
            if (_needsEpoch)
                await RecoverAsync(cancellation);
            _needsEpoch = true; // until the end is known
            long[] offsets = await WriteOrBeginAnewAsync(content, cancellation);
            _needsEpoch = false;
            return offsets;
        }
        catch (KafkaException e)
            when (e.Code is ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced or ErrorCode.TransactionCoordinatorFenced)
        {
            _fenced = e;
            throw;
        }
    }

    /// <summary>A transaction that was left open is aborted by the cluster when its timeout is up, or when the id is taken again.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A cluster forgets an id that had no transaction for a week; then nothing of this one is there, unless another has taken the id.
    private async ValueTask<long[]> WriteOrBeginAnewAsync(TransactionContent content, CancellationToken cancellation)
    {
        try
        {
            return await WriteAsync(content, cancellation);
        }
        catch (KafkaException e) when (e.Code == ErrorCode.InvalidProducerIdMapping)
        {
            await InitializeAsync(cancellation);
            return await WriteAsync(content, cancellation);
        }
    }

    /// <summary>Aborts what a failed commit has left, and goes on with a new epoch.</summary>
    private async ValueTask RecoverAsync(CancellationToken cancellation)
    {
        try
        {
            await EndAsync(commit: false, cancellation);
            if (_bumpsEpochs)
                return;
        }
        catch (KafkaException e) when (e.Code is ErrorCode.InvalidTxnState or ErrorCode.InvalidProducerIdMapping)
        {
            // Nothing is open: nothing had reached the cluster, or the commit had been carried out, or the idle id was forgotten.
        }
        await InitializeAsync(cancellation);
    }

    private void TakeEpoch(long producerId, short epoch)
    {
        _producerId = producerId;
        _epoch = epoch;
        _sequences.Clear();
        _needsEpoch = false;
    }

    private async ValueTask<long[]> WriteAsync(TransactionContent content, CancellationToken cancellation)
    {
        if (content.Batches.Count == 0 && content.Offsets.Count == 0)
            return [];
        BrokerConnection coordinator = await _client.RetryAsync(
            () => _cluster.ConnectToTransactionCoordinatorAsync(_transactionalId, cancellation).AsTask(), cancellation);
        _bumpsEpochs = coordinator.LevelOf(TransactionFeature) >= FirstLevelThatBumpsEpochs;
        if (content.Batches.Count > 0 && !_bumpsEpochs)
            await AddPartitionsAsync(content.Batches, cancellation);
        var offsets = new long[content.Batches.Count];
        foreach (List<int> round in Rounds(content.Batches))
            await ProduceAsync(content.Batches, round, offsets, cancellation);
        if (content.GroupId is { } groupId && content.Offsets.Count > 0)
            await CommitOffsetsAsync(groupId, content.Member, content.Offsets, cancellation);
        // From here on it is carried through: a transaction that is ended twice in the same way ends once.
        await EndAsync(commit: true, CancellationToken.None);
        return offsets;
    }

    private async ValueTask EndAsync(bool commit, CancellationToken cancellation)
    {
        var end = new EndTxnRequest { TransactionalId = _transactionalId, ProducerId = _producerId, ProducerEpoch = _epoch,
            Committed = commit };
        EndTxnResponse ended = await AtCoordinatorAsync(
            Apis.EndTxn, end, static r => r.ErrorCode, cancellation, _bumpsEpochs ? short.MaxValue : LastPlainEnd);
        if (_bumpsEpochs)
            TakeEpoch(ended.ProducerId, ended.ProducerEpoch);
    }

    private async ValueTask AddPartitionsAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellation)
    {
        var request = new AddPartitionsToTxnRequest
            { TransactionalId = _transactionalId, ProducerId = _producerId, ProducerEpoch = _epoch };
        foreach (IGrouping<string, TopicPartition> topic in batches.Select(b => b.Partition).Distinct().GroupBy(p => p.Topic))
            request.Topics.Add(new() { Name = topic.Key, Partitions = [.. topic.Select(p => p.Partition)] });
        await AtCoordinatorAsync(Apis.AddPartitionsToTxn, request, static r => FirstError(r), cancellation);
    }

    // OperationNotAttempted says only that another partition failed.
    private static ErrorCode FirstError(AddPartitionsToTxnResponse response)
    {
        ErrorCode first = ErrorCode.None;
        foreach (AddPartitionsToTxnResponse.Partition partition in response.ResultsByTopic.SelectMany(t => t.ResultsByPartition))
        {
            if (first is ErrorCode.None or ErrorCode.OperationNotAttempted)
                first = partition.ErrorCode == ErrorCode.None ? first : partition.ErrorCode;
        }
        return first;
    }

    // A request holds one batch per partition; further ones follow in further rounds.
    private static List<List<int>> Rounds(IReadOnlyList<PartitionBatch> batches)
    {
        List<List<int>> rounds = [];
        var seen = new Dictionary<TopicPartition, int>();
        for (int i = 0; i < batches.Count; i++)
        {
            int round = seen.GetValueOrDefault(batches[i].Partition);
            seen[batches[i].Partition] = round + 1;
            if (round == rounds.Count)
                rounds.Add([]);
            rounds[round].Add(i);
        }
        return rounds;
    }

    private async ValueTask ProduceAsync(
        IReadOnlyList<PartitionBatch> batches, List<int> round, long[] offsets, CancellationToken cancellation)
    {
        foreach (int i in round)
            Stamp(batches[i]);
        List<int> left = round;
        await _client.RetryAsync(
            async () =>
            {
                // What was appended although its answer was lost is found to be a duplicate, by its sequence.
                left = await ProduceToLeadersAsync(batches, left, offsets, cancellation);
                return left.Count == 0
                    ? true
                    : throw new KafkaException(ErrorCode.NotLeaderOrFollower,
                        $"{batches[left[0]].Partition} has no leader that takes records now.");
            },
            cancellation);
    }

    private void Stamp(PartitionBatch batch)
    {
        if (!RecordBatchHeader.TryRead(batch.Batch.Span, out RecordBatchHeader header))
            throw new KafkaException(ErrorCode.CorruptMessage, $"The batch for {batch.Partition} is not one.");
        int sequence = _sequences.GetValueOrDefault(batch.Partition);
        _sequences[batch.Partition] = ProducerSequence.Add(sequence, header.Count);
        RecordBatchHeader.StampProducer(batch.Batch.Span, _producerId, _epoch, sequence, transactional: true);
    }

    /// <summary>Produces to each leader at once, and returns the batches that have to be sent again.</summary>
    private async ValueTask<List<int>> ProduceToLeadersAsync(
        IReadOnlyList<PartitionBatch> batches, List<int> round, long[] offsets, CancellationToken cancellation)
    {
        var byLeader = new Dictionary<int, List<int>>();
        foreach (int i in round)
        {
            int leader = await _cluster.LeaderOfAsync(batches[i].Partition, cancellation);
            if (!byLeader.TryGetValue(leader, out List<int>? group))
                byLeader.Add(leader, group = []);
            group.Add(i);
        }
        var sending = byLeader.Select(leader => ProduceToLeaderAsync(leader.Key, batches, leader.Value, offsets, cancellation)).ToList();
        List<int> again = [];
        foreach (Task<List<int>> sent in sending)
            again.AddRange(await sent);
        foreach (int i in again)
            _cluster.Forget(batches[i].Partition.Topic);
        return again;
    }

    private async Task<List<int>> ProduceToLeaderAsync(
        int leader, IReadOnlyList<PartitionBatch> batches, List<int> group, long[] offsets, CancellationToken cancellation)
    {
        ProduceRequest request = ProduceRequests.Of(
            _transactionalId, _cluster.Options.RequestTimeout,
            group.Select(i => (batches[i].Partition, (ReadOnlyMemory<byte>)batches[i].Batch)));
        ProduceResponse response;
        try
        {
            BrokerConnection connection = await _cluster.ConnectAsync(leader, cancellation);
            response = await connection.SendAsync(Apis.Produce, request, cancellation, _bumpsEpochs ? short.MaxValue : LastPlainProduce);
        }
        catch (KafkaException e) when (RetriableErrors.IsUncertain(e.Code) || RetriableErrors.IsRefusal(e.Code))
        {
            return group;
        }
        var answers = new Dictionary<TopicPartition, ProduceResponse.Partition>();
        foreach (ProduceResponse.Topic topic in response.Responses)
        {
            foreach (ProduceResponse.Partition partition in topic.PartitionResponses)
                answers[new TopicPartition(topic.Name, partition.Index)] = partition;
        }
        List<int> again = [];
        foreach (int i in group)
        {
            ProduceResponse.Partition? answer = answers.GetValueOrDefault(batches[i].Partition);
            ErrorCode error = answer?.ErrorCode ?? ErrorCode.UnknownServerError;
            if (RetriableErrors.IsRefusal(error) || RetriableErrors.IsUncertain(error))
                again.Add(i);
            else
                TcpBrokerClient.ThrowIfError(error, answer?.ErrorMessage ?? $"{batches[i].Partition} does not take the records.");
            offsets[i] = answer!.BaseOffset;
        }
        return again;
    }

    private async ValueTask CommitOffsetsAsync(
        string groupId, MemberGeneration? member, IReadOnlyList<KeyValuePair<TopicPartition, long>> offsets, CancellationToken cancellation)
    {
        if (!_bumpsEpochs)
        {
            var add = new AddOffsetsToTxnRequest
            {
                TransactionalId = _transactionalId, ProducerId = _producerId, ProducerEpoch = _epoch, GroupId = groupId,
            };
            await AtCoordinatorAsync(Apis.AddOffsetsToTxn, add, static r => r.ErrorCode, cancellation);
        }
        var commit = new TxnOffsetCommitRequest
        {
            TransactionalId = _transactionalId, GroupId = groupId, ProducerId = _producerId, ProducerEpoch = _epoch,
        };
        if (member is { } known)
            (commit.MemberId, commit.GenerationIdOrMemberEpoch) = (known.MemberId, known.Generation);
        foreach (IGrouping<string, KeyValuePair<TopicPartition, long>> topic in offsets.GroupBy(o => o.Key.Topic))
        {
            commit.Topics.Add(new()
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(o => new TxnOffsetCommitRequest.Partition
                {
                    PartitionIndex = o.Key.Partition, CommittedOffset = o.Value, CommittedMetadata = "",
                })],
            });
        }
        await _client.RetryAsync(
            async () =>
            {
                BrokerConnection coordinator = await _cluster.ConnectToGroupCoordinatorAsync(groupId, cancellation);
                if (member is not null && coordinator.VersionOf(Apis.TxnOffsetCommit) < FirstOffsetCommitOfMembers)
                    throw new KafkaException(ErrorCode.UnsupportedVersion, "The broker does not check members in transactions (KIP-447).");
                TxnOffsetCommitResponse response = await coordinator.SendAsync(
                    Apis.TxnOffsetCommit, commit, cancellation, _bumpsEpochs ? short.MaxValue : LastPlainOffsetCommit);
                foreach (TxnOffsetCommitResponse.Partition partition in response.Topics.SelectMany(t => t.Partitions))
                    TcpBrokerClient.ThrowIfError(partition.ErrorCode, $"The offsets of group '{groupId}' cannot be committed.");
                return true;
            },
            cancellation);
    }

    /// <summary>Sends a request to the transaction coordinator until it is carried out or refused for good.</summary>
    private ValueTask<TResponse> AtCoordinatorAsync<TRequest, TResponse>(
        Api<TRequest, TResponse> api, TRequest request, Func<TResponse, ErrorCode> errorOf, CancellationToken cancellation,
        short maxVersion = short.MaxValue)
        where TRequest : class, IApiMessage<TRequest>, new()
        where TResponse : class, IApiMessage<TResponse>, new() =>
        _client.RetryAsync(
            async () =>
            {
                BrokerConnection coordinator = await _cluster.ConnectToTransactionCoordinatorAsync(_transactionalId, cancellation);
                TResponse response = await coordinator.SendAsync(api, request, cancellation, maxVersion);
                TcpBrokerClient.ThrowIfError(errorOf(response), $"{api.Key} was refused to transactional id '{_transactionalId}'.");
                return response;
            },
            cancellation);
}

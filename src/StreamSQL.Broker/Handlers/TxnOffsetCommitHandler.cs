using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Commits offsets of a group as part of a transaction, fenced by member and generation (KIP-447).</summary>
internal sealed class TxnOffsetCommitHandler(BrokerServices services)
    : ApiHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(Apis.TxnOffsetCommit)
{
    private const short FirstThatKnowsAbortable = 4; // KIP-890
    private const short FirstAddingPartitions = 5; // the group's offsets join the transaction (KIP-890)

    protected override async ValueTask<TxnOffsetCommitResponse?> HandleAsync(TxnOffsetCommitRequest request, RequestContext context)
    {
        var commit = new CommitCheck(services);
        var response = new TxnOffsetCommitResponse();
        foreach (TxnOffsetCommitRequest.Topic topic in request.Topics)
        {
            var answers = new TxnOffsetCommitResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (TxnOffsetCommitRequest.Partition asked in topic.Partitions)
            {
                var partition = new TopicPartition(topic.Name, asked.PartitionIndex);
                answers.Partitions.Add(new()
                {
                    PartitionIndex = asked.PartitionIndex,
                    ErrorCode = commit.Check(partition, asked.CommittedOffset, asked.CommittedLeaderEpoch, asked.CommittedMetadata),
                });
            }
        }
        ErrorCode error = await services.Host.Transactions.CommitOffsetsAsync(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.GroupId, commit.Accepted,
            SupportOf(context.Header.Version), write => AsMember(request, write));
        foreach (TxnOffsetCommitResponse.Topic topic in response.Topics)
        {
            foreach (TxnOffsetCommitResponse.Partition partition in topic.Partitions)
                partition.ErrorCode = partition.ErrorCode == ErrorCode.None ? error : partition.ErrorCode;
        }
        return response;
    }

    private static TransactionSupport SupportOf(short version) => version switch
    {
        >= FirstAddingPartitions => TransactionSupport.AddsPartitions,
        >= FirstThatKnowsAbortable => TransactionSupport.KnowsAbortable,
        _ => TransactionSupport.Original,
    };

    private Task<ErrorCode> AsMember(TxnOffsetCommitRequest request, Func<Task<ErrorCode>> write)
    {
        var identity = new GroupIdentity(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch);
        return services.Groups.CommitInTransactionAsync(request.GroupId, identity, write);
    }
}

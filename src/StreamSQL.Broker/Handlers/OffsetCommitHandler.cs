using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Commits offsets of a group: by its members in their generation, or by anyone while it has none.</summary>
internal sealed class OffsetCommitHandler(BrokerServices services)
    : ApiHandler<OffsetCommitRequest, OffsetCommitResponse>(Apis.OffsetCommit)
{
    public override short MaxVersion => 9;

    protected override async ValueTask<OffsetCommitResponse?> HandleAsync(OffsetCommitRequest request, RequestContext context)
    {
        var commit = new CommitCheck(services.Host);
        var response = new OffsetCommitResponse();
        foreach (OffsetCommitRequest.Topic topic in request.Topics)
        {
            var answers = new OffsetCommitResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (OffsetCommitRequest.Partition asked in topic.Partitions)
            {
                var partition = new TopicPartition(topic.Name, asked.PartitionIndex);
                answers.Partitions.Add(new()
                {
                    PartitionIndex = asked.PartitionIndex,
                    ErrorCode = commit.Check(partition, asked.CommittedOffset, asked.CommittedLeaderEpoch, asked.CommittedMetadata),
                });
            }
        }
        var identity = new GroupIdentity(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch);
        ErrorCode error = await CommitAsync(request.GroupId, identity, commit.Accepted);
        foreach (OffsetCommitResponse.Topic topic in response.Topics)
        {
            foreach (OffsetCommitResponse.Partition partition in topic.Partitions)
                partition.ErrorCode = partition.ErrorCode == ErrorCode.None ? error : partition.ErrorCode;
        }
        return response;
    }

    // The append is started inside the group's step, so that no rebalance comes between the check and the commit.
    private async ValueTask<ErrorCode> CommitAsync(string groupId, GroupIdentity identity, IReadOnlyList<OffsetToCommit> offsets)
    {
        OffsetStore store = services.Host.Offsets;
        Task<ErrorCode>? commit = services.Groups.Run<Task<ErrorCode>?>(groupId, null, (group, nowMs, _) =>
        {
            ErrorCode refused = group.CheckCommit(identity, transactional: false, nowMs);
            return refused == ErrorCode.None ? store.CommitAsync(groupId, offsets).AsTask() : Task.FromResult(refused);
        });
        if (commit is not null)
            return await commit;
        // A group without members: only who does not claim to be one may commit.
        return identity.Generation < 0 ? await store.CommitAsync(groupId, offsets) : ErrorCode.UnknownMemberId;
    }
}

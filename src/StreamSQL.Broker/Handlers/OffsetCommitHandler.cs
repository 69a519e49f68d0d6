using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Commits offsets of a group: by its members in their generation, or by anyone while it has none.</summary>
internal sealed class OffsetCommitHandler(BrokerServices services)
    : ApiHandler<OffsetCommitRequest, OffsetCommitResponse>(Apis.OffsetCommit)
{
    private const short FirstOfConsumerProtocol = 9;
    private const short FirstWithTopicIds = 10;

    protected override async ValueTask<OffsetCommitResponse?> HandleAsync(OffsetCommitRequest request, RequestContext context)
    {
        short version = context.Header.Version;
        var commit = new CommitCheck(services);
        var response = new OffsetCommitResponse();
        foreach (OffsetCommitRequest.Topic topic in request.Topics)
            response.Topics.Add(Check(topic, commit, version >= FirstWithTopicIds));
        ErrorCode error = request.GroupId.Length == 0
            ? ErrorCode.InvalidGroupId
            : await services.Groups.CommitAsync(
                request.GroupId,
                new GroupIdentity(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch),
                version >= FirstOfConsumerProtocol,
                commit.Accepted);
        foreach (OffsetCommitResponse.Topic topic in response.Topics)
        {
            foreach (OffsetCommitResponse.Partition partition in topic.Partitions)
                partition.ErrorCode = partition.ErrorCode == ErrorCode.None ? error : partition.ErrorCode;
        }
        return response;
    }

    private OffsetCommitResponse.Topic Check(OffsetCommitRequest.Topic topic, CommitCheck commit, bool byId)
    {
        var answers = new OffsetCommitResponse.Topic { Name = topic.Name, TopicId = topic.TopicId };
        string name = topic.Name;
        bool isKnown = true;
        if (byId)
        {
            isKnown = services.Host.Topics.TryGet(topic.TopicId, out Topic? found);
            name = found?.Name ?? "";
        }
        foreach (OffsetCommitRequest.Partition asked in topic.Partitions)
        {
            var partition = new TopicPartition(name, asked.PartitionIndex);
            answers.Partitions.Add(new()
            {
                PartitionIndex = asked.PartitionIndex,
                ErrorCode = isKnown
                    ? commit.Check(partition, asked.CommittedOffset, asked.CommittedLeaderEpoch, asked.CommittedMetadata)
                    : ErrorCode.UnknownTopicId,
            });
        }
        return answers;
    }
}

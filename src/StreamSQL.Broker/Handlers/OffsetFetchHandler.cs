using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Committed offsets: of one group, or from version 8 of many; from version 10 by topic id.</summary>
internal sealed class OffsetFetchHandler(BrokerServices services) : ApiHandler<OffsetFetchRequest, OffsetFetchResponse>(Apis.OffsetFetch)
{
    private const short FirstWithGroupError = 2;
    private const short FirstBatched = 8;
    private const short FirstWithTopicIds = 10;
    private const long NoOffset = -1;

    private readonly TopicRegistry _topics = services.Host.Topics;

    protected override ValueTask<OffsetFetchResponse?> HandleAsync(OffsetFetchRequest request, RequestContext context)
    {
        short version = context.Header.Version;
        var response = new OffsetFetchResponse();
        if (version >= FirstBatched)
        {
            foreach (OffsetFetchRequest.Group group in request.Groups)
                response.Groups.Add(Fetch(group, request.RequireStable, version >= FirstWithTopicIds));
            return new(response);
        }
        var asked = new OffsetFetchRequest.Group { GroupId = request.GroupId, Topics = request.Topics };
        OffsetFetchResponse.Group only = Fetch(asked, request.RequireStable, byId: false);
        response.ErrorCode = only.ErrorCode;
        response.Topics = only.Topics;
        if (only.ErrorCode != ErrorCode.None && version < FirstWithGroupError)
            response.Topics = [.. (request.Topics ?? []).Select(t => Refused(t, only.ErrorCode))];
        return new(response);
    }

    private OffsetFetchResponse.Group Fetch(OffsetFetchRequest.Group asked, bool requireStable, bool byId)
    {
        var answer = new OffsetFetchResponse.Group { GroupId = asked.GroupId };
        List<TopicPartition>? partitions = null;
        if (asked.Topics is not null)
        {
            partitions = [];
            foreach (OffsetFetchRequest.Topic topic in asked.Topics)
            {
                string? name = byId ? NameOf(topic.TopicId) : topic.Name;
                if (name is null)
                    answer.Topics.Add(Refused(topic, ErrorCode.UnknownTopicId));
                else
                    partitions.AddRange(topic.PartitionIndexes.Select(index => new TopicPartition(name, index)));
            }
        }
        GroupIdentity? member = asked.MemberId is null && asked.MemberEpoch < 0
            ? null
            : new GroupIdentity(asked.MemberId ?? "", null, asked.MemberEpoch);
        (answer.ErrorCode, IReadOnlyList<FetchedOffset> offsets) = services.Groups.Fetch(asked.GroupId, member, partitions, requireStable);
        if (answer.ErrorCode != ErrorCode.None)
        {
            answer.Topics.Clear();
            return answer;
        }
        foreach (IGrouping<string, FetchedOffset> topic in offsets.GroupBy(static f => f.Partition.Topic))
        {
            var described = new OffsetFetchResponse.Topic { Name = topic.Key, Partitions = [.. topic.Select(Describe)] };
            if (byId && _topics.TryGet(topic.Key, out Topic? found))
                described.TopicId = found.Id;
            else if (byId)
                continue; // the topic was deleted just now
            answer.Topics.Add(described);
        }
        return answer;
    }

    private string? NameOf(Guid topicId) => _topics.TryGet(topicId, out Topic? topic) ? topic.Name : null;

    private static OffsetFetchResponse.Topic Refused(OffsetFetchRequest.Topic topic, ErrorCode error) => new()
    {
        Name = topic.Name,
        TopicId = topic.TopicId,
        Partitions = [.. topic.PartitionIndexes.Select(index => new OffsetFetchResponse.Partition
        {
            PartitionIndex = index,
            ErrorCode = error,
            CommittedOffset = NoOffset,
            Metadata = "",
        })],
    };

    private static OffsetFetchResponse.Partition Describe(FetchedOffset fetched) => new()
    {
        PartitionIndex = fetched.Partition.Partition,
        ErrorCode = fetched.Error,
        CommittedOffset = fetched.Committed?.Offset ?? NoOffset,
        CommittedLeaderEpoch = fetched.Committed?.LeaderEpoch ?? -1,
        Metadata = fetched.Committed?.Metadata ?? "",
    };
}

using StreamSQL.Broker.Network;
using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Committed offsets: of one group, or from version 8 of many.</summary>
internal sealed class OffsetFetchHandler(BrokerServices services) : ApiHandler<OffsetFetchRequest, OffsetFetchResponse>(Apis.OffsetFetch)
{
    private const short FirstBatched = 8;
    private const long NoOffset = -1;

    public override short MaxVersion => 9;

    protected override ValueTask<OffsetFetchResponse?> HandleAsync(OffsetFetchRequest request, RequestContext context)
    {
        if (context.Header.Version < FirstBatched)
            return new(new OffsetFetchResponse { Topics = Fetch(request.GroupId, request.Topics, request.RequireStable) });
        var response = new OffsetFetchResponse();
        foreach (OffsetFetchRequest.Group group in request.Groups)
            response.Groups.Add(new() { GroupId = group.GroupId, Topics = Fetch(group.GroupId, group.Topics, request.RequireStable) });
        return new(response);
    }

    private List<OffsetFetchResponse.Topic> Fetch(string groupId, List<OffsetFetchRequest.Topic>? asked, bool requireStable)
    {
        List<TopicPartition>? partitions = asked is null
            ? null
            : [.. asked.SelectMany(t => t.PartitionIndexes.Select(index => new TopicPartition(t.Name, index)))];
        List<OffsetFetchResponse.Topic> topics = [];
        foreach (IGrouping<string, FetchedOffset> topic in
            services.Host.Offsets.Fetch(groupId, partitions, requireStable).GroupBy(f => f.Partition.Topic))
        {
            topics.Add(new OffsetFetchResponse.Topic { Name = topic.Key, Partitions = [.. topic.Select(Describe)] });
        }
        return topics;
    }

    private static OffsetFetchResponse.Partition Describe(FetchedOffset fetched) => new()
    {
        PartitionIndex = fetched.Partition.Partition,
        ErrorCode = fetched.Error,
        CommittedOffset = fetched.Committed?.Offset ?? NoOffset,
        CommittedLeaderEpoch = fetched.Committed?.LeaderEpoch ?? -1,
        Metadata = fetched.Committed?.Metadata ?? "",
    };
}

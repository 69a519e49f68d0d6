using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Groups;

/// <summary>Tells administrators of a consumer group.</summary>
internal static class ConsumerGroupDescriber
{
    private const sbyte UsesClassicProtocol = 0;
    private const sbyte UsesConsumerProtocol = 1;

    /// <summary>The group with its members, what they have and what they shall have.</summary>
    public static ConsumerGroupDescribeResponse.Group Describe(ConsumerGroup group, TopicsView topics)
    {
        var described = new ConsumerGroupDescribeResponse.Group
        {
            GroupId = group.Id,
            GroupState = group.State,
            GroupEpoch = group.Epoch,
            AssignmentEpoch = group.TargetEpoch,
            AssignorName = ConsumerGroupSteps.AssignorOf(group.Members.Values.Select(static m => m.Metadata)),
        };
        foreach (ConsumerMember member in group.Members.Values)
        {
            described.Members.Add(new()
            {
                MemberId = member.Id,
                InstanceId = member.Metadata.InstanceId,
                RackId = member.Metadata.RackId,
                MemberEpoch = member.Current.Epoch,
                ClientId = member.Metadata.ClientId,
                ClientHost = member.Metadata.ClientHost,
                SubscribedTopicNames = member.Metadata.SubscribedTopicNames,
                SubscribedTopicRegex = member.Metadata.SubscribedTopicRegex,
                Assignment = Describe(member.Current.Assigned, topics),
                TargetAssignment = Describe(member.Target, topics),
                MemberType = member.IsClassic ? UsesClassicProtocol : UsesConsumerProtocol,
            });
        }
        return described;
    }

    // Topics that were deleted since have no name to tell.
    private static ConsumerGroupDescribeResponse.Assignment Describe(IReadOnlySet<TopicIdPartition> partitions, TopicsView topics) => new()
    {
        TopicPartitions = [.. partitions.GroupBy(static p => p.TopicId)
            .Select(t => new ConsumerGroupDescribeResponse.AssignedTopic
            {
                TopicId = t.Key,
                TopicName = topics.NameOf(t.Key) ?? "",
                Partitions = [.. t.Select(static p => p.Partition).Order()],
            })
            .Where(static t => t.TopicName.Length > 0)
            .OrderBy(static t => t.TopicName, StringComparer.Ordinal)],
    };
}

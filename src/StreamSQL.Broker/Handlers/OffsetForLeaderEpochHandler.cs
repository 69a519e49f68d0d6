using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Where leader epochs end (KIP-320).</summary>
internal sealed class OffsetForLeaderEpochHandler(BrokerServices services)
    : ApiHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(Apis.OffsetForLeaderEpoch)
{
    private readonly ClientTopics _topics = services.Topics;

    protected override ValueTask<OffsetForLeaderEpochResponse?> HandleAsync(OffsetForLeaderEpochRequest request, RequestContext context)
    {
        var response = new OffsetForLeaderEpochResponse();
        foreach (OffsetForLeaderEpochRequest.Topic topic in request.Topics)
        {
            var answers = new OffsetForLeaderEpochResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (OffsetForLeaderEpochRequest.Partition asked in topic.Partitions)
                answers.Partitions.Add(Find(topic.Name, asked));
        }
        return new(response);
    }

    private OffsetForLeaderEpochResponse.EpochEndOffset Find(string topic, OffsetForLeaderEpochRequest.Partition asked)
    {
        var answer = new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = asked.PartitionIndex };
        Partition? partition = _topics.Find(new TopicPartition(topic, asked.PartitionIndex));
        answer.ErrorCode = partition is null
            ? _topics.WhyMissing(topic)
            : LeaderEpochCheck.Check(partition, asked.CurrentLeaderEpoch);
        if (answer.ErrorCode == ErrorCode.None)
            (answer.LeaderEpoch, answer.EndOffset) = partition!.EndOfEpoch(asked.LeaderEpoch);
        return answer;
    }
}

using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Handlers;

/// <summary>Offsets by timestamp, and the bounds of logs.</summary>
internal sealed class ListOffsetsHandler(BrokerServices services) : ApiHandler<ListOffsetsRequest, ListOffsetsResponse>(Apis.ListOffsets)
{
    // Timestamps that stand for a place in the log. Without tiered storage, the local log is the whole log (KIP-405).
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;
    private const long EarliestLocal = -4;

    private readonly BrokerHost _host = services.Host;

    public override short MaxVersion => 8;

    protected override ValueTask<ListOffsetsResponse?> HandleAsync(ListOffsetsRequest request, RequestContext context)
    {
        var response = new ListOffsetsResponse();
        foreach (ListOffsetsRequest.Topic topic in request.Topics)
        {
            var answers = new ListOffsetsResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (ListOffsetsRequest.Partition asked in topic.Partitions)
                answers.Partitions.Add(Find(topic.Name, asked, (IsolationLevel)request.IsolationLevel));
        }
        return new(response);
    }

    private ListOffsetsResponse.Partition Find(string topic, ListOffsetsRequest.Partition asked, IsolationLevel isolation)
    {
        var answer = new ListOffsetsResponse.Partition { PartitionIndex = asked.PartitionIndex };
        Partition? partition = _host.Topics.Find(new TopicPartition(topic, asked.PartitionIndex));
        answer.ErrorCode = partition is null
            ? ErrorCode.UnknownTopicOrPartition
            : LeaderEpochCheck.Check(partition, asked.CurrentLeaderEpoch);
        if (answer.ErrorCode != ErrorCode.None)
            return answer;
        switch (asked.Timestamp)
        {
            case Latest:
                bool committed = isolation == IsolationLevel.ReadCommitted;
                Fill(answer, partition!, committed ? partition!.LastStableOffset : partition!.HighWatermark);
                break;
            case Earliest or EarliestLocal:
                Fill(answer, partition!, partition!.StartOffset);
                break;
            case MaxTimestamp:
                if (partition!.TryFindMaxTimestamp(isolation, out TimestampedOffset newest))
                    Fill(answer, newest);
                break;
            case >= 0:
                if (partition!.TryFindTimestamp(asked.Timestamp, isolation, out TimestampedOffset found))
                    Fill(answer, found);
                break;
            default:
                answer.ErrorCode = ErrorCode.InvalidRequest;
                break;
        }
        return answer;
    }

    private static void Fill(ListOffsetsResponse.Partition answer, Partition partition, long offset)
    {
        answer.Offset = offset;
        answer.LeaderEpoch = partition.LeaderEpoch;
    }

    private static void Fill(ListOffsetsResponse.Partition answer, TimestampedOffset found)
    {
        answer.Offset = found.Offset;
        answer.Timestamp = found.Timestamp;
        answer.LeaderEpoch = found.LeaderEpoch;
    }
}

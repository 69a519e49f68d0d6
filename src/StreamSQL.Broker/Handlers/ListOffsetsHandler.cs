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
    // Timestamps that stand for a place in the log. Without tiered storage, the local log is the whole log, and nothing is tiered or waits
    // for it (KIP-405, KIP-1005, KIP-1023).
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;
    private const long EarliestLocal = -4;
    private const long LatestTiered = -5;
    private const long EarliestPendingUpload = -6;

    private readonly ClientTopics _topics = services.Topics;

    protected override ValueTask<ListOffsetsResponse?> HandleAsync(ListOffsetsRequest request, RequestContext context)
    {
        var response = new ListOffsetsResponse();
        HashSet<TopicPartition> twice = FindRepeated(request);
        foreach (ListOffsetsRequest.Topic topic in request.Topics)
        {
            var answers = new ListOffsetsResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (ListOffsetsRequest.Partition partition in topic.Partitions)
            {
                var answer = new ListOffsetsResponse.Partition { PartitionIndex = partition.PartitionIndex };
                answers.Partitions.Add(answer);
                var name = new TopicPartition(topic.Name, partition.PartitionIndex);
                if (twice.Contains(name))
                    answer.ErrorCode = ErrorCode.InvalidRequest;
                else if (partition.Timestamp < 0 && context.Header.Version < FirstWith(partition.Timestamp))
                    answer.ErrorCode = ErrorCode.UnsupportedVersion;
                else if (_topics.Find(name) is null)
                    answer.ErrorCode = _topics.WhyMissing(topic.Name);
                else
                    Find(answer, _topics.Find(name)!, partition, (IsolationLevel)request.IsolationLevel);
            }
        }
        return new(response);
    }

    // All of its places are refused: who has the answers by partition could not tell which of them it sees.
    private static HashSet<TopicPartition> FindRepeated(ListOffsetsRequest request)
    {
        HashSet<TopicPartition> once = [], twice = [];
        foreach (ListOffsetsRequest.Topic topic in request.Topics)
        {
            foreach (ListOffsetsRequest.Partition partition in topic.Partitions)
            {
                var name = new TopicPartition(topic.Name, partition.PartitionIndex);
                if (!once.Add(name))
                    twice.Add(name);
            }
        }
        return twice;
    }

    private static short FirstWith(long timestamp) => timestamp switch
    {
        Latest or Earliest => 1,
        MaxTimestamp => 7,
        EarliestLocal => 8,
        LatestTiered => 9,
        EarliestPendingUpload => 11,
        _ => short.MaxValue,
    };

    private static void Find(
        ListOffsetsResponse.Partition answer, Partition partition, ListOffsetsRequest.Partition asked, IsolationLevel isolation)
    {
        answer.ErrorCode = LeaderEpochCheck.Check(partition, asked.CurrentLeaderEpoch);
        if (answer.ErrorCode != ErrorCode.None)
            return;
        switch (asked.Timestamp)
        {
            case Latest:
                bool committed = isolation == IsolationLevel.ReadCommitted;
                Fill(answer, committed ? partition.LastStableOffset : partition.HighWatermark, partition.LeaderEpoch);
                break;
            case Earliest or EarliestLocal:
                long start = partition.StartOffset;
                Fill(answer, start, partition.EpochOf(start));
                break;
            case MaxTimestamp:
                if (partition.TryFindMaxTimestamp(isolation, out TimestampedOffset newest))
                    Fill(answer, newest);
                break;
            case >= 0:
                if (partition.TryFindTimestamp(asked.Timestamp, isolation, out TimestampedOffset found))
                    Fill(answer, found);
                break;
            default:
                break; // nowhere, without tiered storage
        }
    }

    private static void Fill(ListOffsetsResponse.Partition answer, long offset, int leaderEpoch)
    {
        answer.Offset = offset;
        answer.LeaderEpoch = leaderEpoch;
    }

    private static void Fill(ListOffsetsResponse.Partition answer, TimestampedOffset found)
    {
        answer.Offset = found.Offset;
        answer.Timestamp = found.Timestamp;
        answer.LeaderEpoch = found.LeaderEpoch;
    }
}

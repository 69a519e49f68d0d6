using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Elects leaders (KIP-460). The only replica leads already, so none is ever needed.</summary>
internal sealed class ElectLeadersHandler(BrokerServices services)
    : ApiHandler<ElectLeadersRequest, ElectLeadersResponse>(Apis.ElectLeaders)
{
    private const sbyte Preferred = 0;
    private const sbyte Unclean = 1;

    private readonly BrokerHost _host = services.Host;

    protected override ValueTask<ElectLeadersResponse?> HandleAsync(ElectLeadersRequest request, RequestContext context)
    {
        if (request.ElectionType is not (Preferred or Unclean))
            return new(new ElectLeadersResponse { ErrorCode = ErrorCode.InvalidRequest });
        var response = new ElectLeadersResponse();
        // Asked for all partitions, only those are told whose leader was to change.
        foreach (ElectLeadersRequest.Topic topic in request.TopicPartitions ?? [])
        {
            response.ReplicaElectionResults.Add(new()
            {
                Topic = topic.Name,
                PartitionResult = [.. topic.Partitions.Select(i => Judge(topic.Name, i))],
            });
        }
        return new(response);
    }

    private ElectLeadersResponse.Partition Judge(string topic, int index)
    {
        var partition = new TopicPartition(topic, index);
        (ErrorCode error, string message) = _host.Topics.Find(partition) is null
            ? (ErrorCode.UnknownTopicOrPartition, $"There is no partition {partition}.")
            : (ErrorCode.ElectionNotNeeded, "The preferred replica leads already.");
        return new() { PartitionId = index, ErrorCode = error, ErrorMessage = message };
    }
}

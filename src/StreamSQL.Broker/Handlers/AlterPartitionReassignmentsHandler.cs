using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Assigns partitions to replicas (KIP-455): to this broker, where they are, and to no other.</summary>
internal sealed class AlterPartitionReassignmentsHandler(BrokerServices services)
    : ApiHandler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(Apis.AlterPartitionReassignments)
{
    private readonly BrokerHost _host = services.Host;

    protected override ValueTask<AlterPartitionReassignmentsResponse?> HandleAsync(
        AlterPartitionReassignmentsRequest request, RequestContext context)
    {
        var response = new AlterPartitionReassignmentsResponse { AllowReplicationFactorChange = request.AllowReplicationFactorChange };
        foreach (AlterPartitionReassignmentsRequest.Topic topic in request.Topics)
        {
            var answers = new AlterPartitionReassignmentsResponse.Topic { Name = topic.Name };
            response.Responses.Add(answers);
            foreach (AlterPartitionReassignmentsRequest.Partition partition in topic.Partitions)
            {
                (ErrorCode error, string? message) = Judge(new TopicPartition(topic.Name, partition.PartitionIndex), partition.Replicas);
                answers.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, ErrorCode = error, ErrorMessage = message });
            }
        }
        return new(response);
    }

    private (ErrorCode Error, string? Message) Judge(TopicPartition partition, List<int>? replicas)
    {
        int node = _host.Options.NodeId;
        if (_host.Topics.Find(partition) is null)
            return (ErrorCode.UnknownTopicOrPartition, $"There is no partition {partition}.");
        if (replicas is null)
            return (ErrorCode.NoReassignmentInProgress, $"{partition} is not being reassigned.");
        if (replicas.Count == 0)
            return (ErrorCode.InvalidReplicaAssignment, "A partition has at least one replica.");
        if (replicas.Distinct().Count() != replicas.Count)
            return (ErrorCode.InvalidReplicaAssignment, "A replica is named twice.");
        if (replicas.Exists(r => r != node))
            return (ErrorCode.InvalidReplicaAssignment, $"Broker {node} is the only one.");
        return (ErrorCode.None, null);
    }
}

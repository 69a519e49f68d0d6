using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>The reassignments under way (KIP-455): none, since those that are accepted are done at once.</summary>
internal sealed class ListPartitionReassignmentsHandler()
    : ApiHandler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(Apis.ListPartitionReassignments)
{
    protected override ValueTask<ListPartitionReassignmentsResponse?> HandleAsync(
        ListPartitionReassignmentsRequest request, RequestContext context) => new(new ListPartitionReassignmentsResponse());
}

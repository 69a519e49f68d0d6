using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>The brokers of the cluster (KIP-700).</summary>
internal sealed class DescribeClusterHandler(BrokerServices services)
    : ApiHandler<DescribeClusterRequest, DescribeClusterResponse>(Apis.DescribeCluster)
{
    private const sbyte Brokers = 1;

    private readonly BrokerHost _host = services.Host;

    protected override ValueTask<DescribeClusterResponse?> HandleAsync(DescribeClusterRequest request, RequestContext context)
    {
        // Controllers have no listener of their own (KIP-919).
        if (request.EndpointType != Brokers)
        {
            return new(new DescribeClusterResponse
            {
                ErrorCode = ErrorCode.UnsupportedEndpointType,
                ErrorMessage = "This listener serves brokers only.",
            });
        }
        return new(new DescribeClusterResponse
        {
            ClusterId = _host.Topics.ClusterId,
            ControllerId = _host.Options.NodeId,
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.Cluster : int.MinValue,
            Brokers =
            [
                new()
                {
                    BrokerId = _host.Options.NodeId,
                    Host = context.Client.AdvertisedHost,
                    Port = context.Client.AdvertisedPort,
                    Rack = _host.Options.Rack,
                },
            ],
        });
    }
}

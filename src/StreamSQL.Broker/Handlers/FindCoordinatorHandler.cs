using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Which broker coordinates a group or transactional id: this one, being the only one.</summary>
internal sealed class FindCoordinatorHandler(BrokerServices services)
    : ApiHandler<FindCoordinatorRequest, FindCoordinatorResponse>(Apis.FindCoordinator)
{
    private const sbyte Group = 0;
    private const sbyte Transaction = 1;
    private const short FirstBatched = 4;

    private readonly int _nodeId = services.Host.Options.NodeId;

    protected override ValueTask<FindCoordinatorResponse?> HandleAsync(FindCoordinatorRequest request, RequestContext context)
    {
        if (context.Header.Version < FirstBatched)
        {
            FindCoordinatorResponse.Coordinator found = Find(request.Key, request.KeyType, context.Client);
            return new(new FindCoordinatorResponse
            {
                ErrorCode = found.ErrorCode,
                ErrorMessage = found.ErrorMessage,
                NodeId = found.NodeId,
                Host = found.Host,
                Port = found.Port,
            });
        }
        var response = new FindCoordinatorResponse();
        foreach (string key in request.CoordinatorKeys)
            response.Coordinators.Add(Find(key, request.KeyType, context.Client));
        return new(response);
    }

    private FindCoordinatorResponse.Coordinator Find(string key, sbyte type, ClientConnection client)
    {
        if (type is not (Group or Transaction))
        {
            return new FindCoordinatorResponse.Coordinator
            {
                Key = key,
                NodeId = -1,
                Port = -1,
                ErrorCode = ErrorCode.InvalidRequest,
                ErrorMessage = $"Coordinators of type {type} are not supported.",
            };
        }
        return new FindCoordinatorResponse.Coordinator
            { Key = key, NodeId = _nodeId, Host = client.AdvertisedHost, Port = client.AdvertisedPort };
    }
}

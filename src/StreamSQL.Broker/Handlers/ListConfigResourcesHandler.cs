using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>The resources that have configs (KIP-1142).</summary>
internal sealed class ListConfigResourcesHandler(BrokerServices services)
    : ApiHandler<ListConfigResourcesRequest, ListConfigResourcesResponse>(Apis.ListConfigResources)
{
    private readonly BrokerHost _host = services.Host;

    protected override ValueTask<ListConfigResourcesResponse?> HandleAsync(ListConfigResourcesRequest request, RequestContext context)
    {
        var response = new ListConfigResourcesResponse();
        IEnumerable<ConfigResourceType> types = context.Header.Version == 0
            ? [ConfigResourceType.ClientMetrics]
            : request.ResourceTypes.Count == 0
                ? Enum.GetValues<ConfigResourceType>()
                : request.ResourceTypes.Select(t => (ConfigResourceType)t).Distinct();
        foreach (ConfigResourceType type in types)
        {
            if (!Enum.IsDefined(type))
                return new(new ListConfigResourcesResponse { ErrorCode = ErrorCode.UnsupportedVersion });
            foreach (string name in NamesOf(type))
                response.ConfigResources.Add(new() { ResourceName = name, ResourceType = (sbyte)type });
        }
        return new(response);
    }

    private IEnumerable<string> NamesOf(ConfigResourceType type) => type switch
    {
        ConfigResourceType.Topic => services.Topics.All.Select(static t => t.Name),
        ConfigResourceType.Broker or ConfigResourceType.BrokerLogger => [_host.Configs.NodeName],
        _ => _host.Configs.NamesOf(type),
    };
}

using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Replaces all that is set for resources: what is not named gets its default.</summary>
internal sealed class AlterConfigsHandler(BrokerServices services)
    : ApiHandler<AlterConfigsRequest, AlterConfigsResponse>(Apis.AlterConfigs)
{
    private readonly ConfigEditor _editor = new(services.Host);

    protected override async ValueTask<AlterConfigsResponse?> HandleAsync(AlterConfigsRequest request, RequestContext context)
    {
        var response = new AlterConfigsResponse();
        RequestDeadline deadline = RequestDeadline.Of(services);
        HashSet<(sbyte, string)> twice =
            [.. request.Resources.GroupBy(r => (r.ResourceType, r.ResourceName)).Where(g => g.Count() > 1).Select(g => g.Key)];
        foreach (AlterConfigsRequest.Resource asked in request.Resources)
        {
            var answer = new AlterConfigsResponse.Resource { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName };
            response.Responses.Add(answer);
            try
            {
                if (twice.Contains((asked.ResourceType, asked.ResourceName)))
                    throw new KafkaException(ErrorCode.InvalidRequest, "Each resource must appear at most once.");
                var resource = new ConfigResource((ConfigResourceType)asked.ResourceType, asked.ResourceName);
                services.Topics.RequireConfigs(resource, changes: true);
                await deadline.AwaitAsync(_editor.ChangeAsync(
                    resource,
                    [.. asked.Configs.Select(c => new ConfigChange(c.Name, ConfigOperation.Set, c.Value))],
                    keepsOthers: false, request.ValidateOnly));
            }
            catch (KafkaException e)
            {
                answer.ErrorCode = e.Code;
                answer.ErrorMessage = e.Message;
            }
        }
        return response;
    }
}

using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Changes single configs of resources (KIP-339).</summary>
internal sealed class IncrementalAlterConfigsHandler(BrokerServices services)
    : ApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(Apis.IncrementalAlterConfigs)
{
    private readonly ConfigEditor _editor = new(services.Host);

    protected override async ValueTask<IncrementalAlterConfigsResponse?> HandleAsync(
        IncrementalAlterConfigsRequest request, RequestContext context)
    {
        var response = new IncrementalAlterConfigsResponse();
        RequestDeadline deadline = RequestDeadline.Of(services);
        HashSet<(sbyte, string)> twice =
            [.. request.Resources.GroupBy(r => (r.ResourceType, r.ResourceName)).Where(g => g.Count() > 1).Select(g => g.Key)];
        foreach (IncrementalAlterConfigsRequest.Resource asked in request.Resources)
        {
            var answer = new IncrementalAlterConfigsResponse.Resource
            {
                ResourceType = asked.ResourceType,
                ResourceName = asked.ResourceName,
            };
            response.Responses.Add(answer);
            try
            {
                if (twice.Contains((asked.ResourceType, asked.ResourceName)))
                    throw new KafkaException(ErrorCode.InvalidRequest, "Each resource must appear at most once.");
                var resource = new ConfigResource((ConfigResourceType)asked.ResourceType, asked.ResourceName);
                services.Topics.RequireConfigs(resource, changes: true);
                await deadline.AwaitAsync(_editor.ChangeAsync(
                    resource,
                    [.. asked.Configs.Select(c => new ConfigChange(c.Name, (ConfigOperation)c.ConfigOperation, c.Value))],
                    keepsOthers: true, request.ValidateOnly));
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

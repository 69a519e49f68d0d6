using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Configs of topics, brokers, groups and client metrics subscriptions, each with the source of its value.</summary>
internal sealed class DescribeConfigsHandler(BrokerServices services)
    : ApiHandler<DescribeConfigsRequest, DescribeConfigsResponse>(Apis.DescribeConfigs)
{
    private readonly ConfigDescriber _describer = new(services.Host);

    protected override ValueTask<DescribeConfigsResponse?> HandleAsync(DescribeConfigsRequest request, RequestContext context)
    {
        var response = new DescribeConfigsResponse();
        foreach (DescribeConfigsRequest.Resource asked in request.Resources)
        {
            var answer = new DescribeConfigsResponse.Resource { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName };
            response.Results.Add(answer);
            HashSet<string>? wanted = asked.ConfigurationKeys is { Count: > 0 } keys ? [.. keys] : null;
            try
            {
                var resource = new ConfigResource((ConfigResourceType)asked.ResourceType, asked.ResourceName);
                services.Topics.RequireConfigs(resource, changes: false);
                foreach (DescribedConfig config in _describer.Describe(resource))
                {
                    if (wanted?.Contains(config.Definition.Name) != false)
                        answer.Configs.Add(Describe(config, request.IncludeSynonyms, request.IncludeDocumentation));
                }
            }
            catch (KafkaException e)
            {
                answer.ErrorCode = e.Code;
                answer.ErrorMessage = e.Message;
            }
        }
        return new(response);
    }

    private static DescribeConfigsResponse.Config Describe(DescribedConfig config, bool synonyms, bool documentation) => new()
    {
        Name = config.Definition.Name,
        Value = config.Value,
        ReadOnly = config.IsReadOnly,
        ConfigSource = (sbyte)config.Source,
        IsSensitive = config.Definition.IsSensitive,
        Synonyms = synonyms ? [.. config.Synonyms.Select(Describe)] : [],
        ConfigType = (sbyte)config.Definition.Type,
        Documentation = documentation ? config.Definition.Documentation : null,
    };

    private static DescribeConfigsResponse.Synonym Describe(ConfigValue value) =>
        new() { Name = value.Name, Value = value.Value, Source = (sbyte)value.Source };
}

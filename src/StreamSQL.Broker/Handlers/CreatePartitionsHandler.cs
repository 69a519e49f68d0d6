using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Raises the partition count of topics.</summary>
internal sealed class CreatePartitionsHandler(BrokerServices services)
    : ApiHandler<CreatePartitionsRequest, CreatePartitionsResponse>(Apis.CreatePartitions)
{
    private readonly BrokerHost _host = services.Host;

    protected override async ValueTask<CreatePartitionsResponse?> HandleAsync(CreatePartitionsRequest request, RequestContext context)
    {
        var response = new CreatePartitionsResponse();
        var deadline = new RequestDeadline(services.Time, request.TimeoutMs);
        HashSet<string> twice = [.. request.Topics.GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => g.Key)];
        foreach (CreatePartitionsRequest.Topic topic in request.Topics)
        {
            var answer = new CreatePartitionsResponse.Topic { Name = topic.Name };
            response.Results.Add(answer);
            try
            {
                if (twice.Contains(topic.Name))
                    throw new KafkaException(ErrorCode.InvalidRequest, $"Topic '{topic.Name}' is in the request twice.");
                services.Topics.RequireChangeable(topic.Name);
                Check(topic);
                if (!request.ValidateOnly)
                    await deadline.AwaitAsync(_host.Topics.SetPartitionCountAsync(topic.Name, topic.Count));
            }
            catch (KafkaException e)
            {
                answer.ErrorCode = e.Code;
                answer.ErrorMessage = e.Message;
            }
        }
        return response;
    }

    private void Check(CreatePartitionsRequest.Topic asked)
    {
        if (!_host.Topics.TryGet(asked.Name, out Topic? topic))
            throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{asked.Name}'.");
        if (topic.IsInternal)
            throw new KafkaException(ErrorCode.InvalidTopic, $"Topic '{asked.Name}' belongs to the broker.");
        if (asked.Count <= topic.Partitions.Count)
        {
            throw new KafkaException(
                ErrorCode.InvalidPartitions,
                $"Topic '{asked.Name}' has {topic.Partitions.Count} partitions; the new number must be larger.");
        }
        int node = _host.Options.NodeId;
        if (asked.Assignments is { } assignments
            && (assignments.Count != asked.Count - topic.Partitions.Count
                || !assignments.TrueForAll(a => a.BrokerIds.Count == 1 && a.BrokerIds[0] == node)))
            throw new KafkaException(ErrorCode.InvalidReplicaAssignment, $"Each new partition has one replica, on broker {node}.");
    }
}

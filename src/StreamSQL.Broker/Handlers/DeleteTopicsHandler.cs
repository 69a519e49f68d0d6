using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Deletes topics by name or id.</summary>
internal sealed class DeleteTopicsHandler(BrokerServices services)
    : ApiHandler<DeleteTopicsRequest, DeleteTopicsResponse>(Apis.DeleteTopics)
{
    private readonly BrokerHost _host = services.Host;

    protected override async ValueTask<DeleteTopicsResponse?> HandleAsync(DeleteTopicsRequest request, RequestContext context)
    {
        var response = new DeleteTopicsResponse();
        var deadline = new RequestDeadline(services.Time, request.TimeoutMs);
        HashSet<string> twice = [.. request.TopicNames.Concat(request.Topics.Select(static t => t.Name).OfType<string>())
            .GroupBy(static name => name).Where(static g => g.Count() > 1).Select(static g => g.Key)];
        foreach (string name in request.TopicNames)
            response.Responses.Add(twice.Contains(name) ? RefuseTwice(name) : await DeleteAsync(name, deadline));
        foreach (DeleteTopicsRequest.Topic topic in request.Topics)
        {
            if (topic.Name is not null && topic.TopicId != Guid.Empty)
                response.Responses.Add(Refuse(topic.Name, topic.TopicId, "A topic is named either by its name or by its id."));
            else if (topic.Name is null && topic.TopicId == Guid.Empty)
                response.Responses.Add(Refuse(null, default, "A topic has neither a name nor an id."));
            else if (topic.Name is not null)
                response.Responses.Add(twice.Contains(topic.Name) ? RefuseTwice(topic.Name) : await DeleteAsync(topic.Name, deadline));
            else if (services.Topics.TryGet(topic.TopicId, out Topic? byId))
                response.Responses.Add(await DeleteAsync(byId.Name, deadline));
            else
                response.Responses.Add(new DeleteTopicsResponse.Topic { TopicId = topic.TopicId, ErrorCode = ErrorCode.UnknownTopicId });
        }
        if (context.Header.Version < 6)
            response.Responses.ForEach(static topic => topic.Name ??= "");
        return response;
    }

    private static DeleteTopicsResponse.Topic RefuseTwice(string name) => Refuse(name, default, "The topic is in the request twice.");

    private static DeleteTopicsResponse.Topic Refuse(string? name, Guid id, string why) =>
        new() { Name = name, TopicId = id, ErrorCode = ErrorCode.InvalidRequest, ErrorMessage = why };

    private async ValueTask<DeleteTopicsResponse.Topic> DeleteAsync(string name, RequestDeadline deadline)
    {
        var answer = new DeleteTopicsResponse.Topic { Name = name };
        try
        {
            services.Topics.RequireChangeable(name);
            if (TopicName.IsInternal(name))
                throw new KafkaException(ErrorCode.InvalidTopic, $"Topic '{name}' belongs to the broker and cannot be deleted.");
            if (_host.Topics.TryGet(name, out Topic? topic))
                answer.TopicId = topic.Id;
            await deadline.AwaitAsync(_host.Topics.DeleteAsync(name));
        }
        catch (KafkaException e)
        {
            answer.ErrorCode = e.Code;
            answer.ErrorMessage = e.Message;
        }
        return answer;
    }
}

using System.Diagnostics.CodeAnalysis;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Handlers;

/// <summary>The topics as clients of the listeners see them: without those that the <see cref="TopicGuard"/> hides.</summary>
internal sealed class ClientTopics(TopicRegistry topics, TopicGuard guard)
{
    /// <summary>Those that clients see.</summary>
    public IEnumerable<Topic> All => topics.All.Values.Where(topic => !guard.Hides(topic.Name));

    /// <summary>Finds a topic by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Topic? topic)
    {
        topic = null;
        return !guard.Hides(name) && topics.TryGet(name, out topic);
    }

    /// <summary>Finds a topic by id.</summary>
    public bool TryGet(Guid id, [NotNullWhen(true)] out Topic? topic)
    {
        if (topics.TryGet(id, out topic) && !guard.Hides(topic.Name))
            return true;
        topic = null;
        return false;
    }

    /// <summary>Finds a partition; null when there is none that clients see.</summary>
    public Partition? Find(TopicPartition partition) => guard.Hides(partition.Topic) ? null : topics.Find(partition);

    /// <summary>Why a topic, or a partition of it, was not found: it is hidden, or not there.</summary>
    public ErrorCode WhyMissing(string topic) =>
        guard.Hides(topic) ? ErrorCode.TopicAuthorizationFailed : ErrorCode.UnknownTopicOrPartition;

    /// <summary>Whether clients may append to a topic and take records away.</summary>
    public ErrorCode CheckWritable(Topic topic)
    {
        if (topic.IsInternal)
            return ErrorCode.InvalidTopic;
        return guard.IsReadOnly(topic.Name) ? ErrorCode.TopicAuthorizationFailed : ErrorCode.None;
    }

    /// <summary>Refuses a topic that clients do not see.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.TopicAuthorizationFailed"/>.</exception>
    public void RequireVisible(string topic) => Require(!guard.Hides(topic), topic);

    /// <summary>Refuses to create, change or delete a topic of the engine.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.TopicAuthorizationFailed"/>.</exception>
    public void RequireChangeable(string topic) => Require(!guard.IsReadOnly(topic), topic);

    /// <summary>Refuses configs of topics that clients do not see or, where they are to be changed, of those of the engine.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.TopicAuthorizationFailed"/>.</exception>
    public void RequireConfigs(ConfigResource resource, bool changes)
    {
        if (resource.Type == ConfigResourceType.Topic)
            Require(!(changes ? guard.IsReadOnly(resource.Name) : guard.Hides(resource.Name)), resource.Name);
    }

    private static void Require(bool isAllowed, string topic)
    {
        if (!isAllowed)
        {
            throw new KafkaException(
                ErrorCode.TopicAuthorizationFailed,
                $"Topic '{topic}' belongs to the engine of this server. For an engine in another process, start the server with " +
                    "--open-engine-topics.");
        }
    }
}

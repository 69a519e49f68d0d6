namespace StreamSQL.Broker.Groups;

/// <summary>A partition by its topic's id.</summary>
internal readonly record struct TopicIdPartition(Guid TopicId, int Partition);

/// <summary>A topic as groups see it.</summary>
internal readonly record struct TopicShape(Guid Id, int Partitions);

/// <summary>All topics at one time, as groups see them.</summary>
internal sealed class TopicsView(IReadOnlyDictionary<string, TopicShape> byName)
{
    private Dictionary<Guid, string>? _names;

    /// <summary>The topics by name.</summary>
    public IReadOnlyDictionary<string, TopicShape> ByName => byName;

    /// <summary>The name of a topic; null when it is not there any more.</summary>
    public string? NameOf(Guid id)
    {
        _names ??= byName.ToDictionary(static t => t.Value.Id, static t => t.Key);
        return _names.GetValueOrDefault(id);
    }
}

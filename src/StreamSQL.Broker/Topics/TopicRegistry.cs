using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Topics;

/// <summary>
/// The topics of this broker. Look-ups read an immutable image, without a lock; changes run one after another, are durable before they are
/// seen, and replace the image.
/// </summary>
public sealed class TopicRegistry
{
    private readonly LogStore _store;
    private readonly TopicRegistryFile _file;
    private readonly TopicDefaults _defaults;
    private readonly TimeProvider _time;
    private readonly MetadataThread _changes;
    private readonly ConfigRegistry _configs;
    private volatile Image _image;

    internal TopicRegistry(
        LogStore store, TopicRegistryFile file, TopicRegistryImage stored, TopicDefaults defaults, MetadataThread changes,
        ConfigRegistry configs, TimeProvider time)
    {
        _configs = configs;
        _changes = changes;
        _store = store;
        _file = file;
        _defaults = defaults;
        _time = time;
        ClusterId = stored.ClusterId;
        _image = new Image(stored.Topics.Select(Open));
        configs.BrokerChanged = Inherit;
    }

    /// <summary>The cluster's id, made when the data directory was.</summary>
    public string ClusterId { get; }

    /// <summary>All topics, by name.</summary>
    public IReadOnlyDictionary<string, Topic> All => _image.ByName;

    /// <summary>What a topic gets that is created without saying.</summary>
    public TopicDefaults Defaults => _defaults;

    /// <summary>Called after a topic has been deleted.</summary>
    public Action<Topic>? Deleted { get; set; }

    /// <summary>Finds a topic by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Topic? topic) => _image.ByName.TryGetValue(name, out topic);

    /// <summary>Finds a topic by id.</summary>
    public bool TryGet(Guid id, [NotNullWhen(true)] out Topic? topic) => _image.ById.TryGetValue(id, out topic);

    /// <summary>Finds a partition; null when the topic or the partition does not exist.</summary>
    public Partition? Find(TopicPartition name) =>
        TryGet(name.Topic, out var topic) && (uint)name.Partition < (uint)topic.Partitions.Count ? topic.Partitions[name.Partition] : null;

    /// <summary>Creates a topic; it can be written to when this completes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="partitions">The number of partitions; -1 for the default.</param>
    /// <param name="configs">Its configs.</param>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.InvalidTopic"/>, <see cref="ErrorCode.TopicAlreadyExists"/>, <see cref="ErrorCode.InvalidPartitions"/>,
    /// <see cref="ErrorCode.InvalidConfig"/> or <see cref="ErrorCode.PolicyViolation"/> (too many partitions in all).
    /// </exception>
    public Task<Topic> CreateAsync(string name, int partitions, IEnumerable<KeyValuePair<string, string>> configs) =>
        _changes.ChangeAsync(() => Create(name, partitions, TopicConfig.Create(configs, _configs.Broker)));

    /// <summary>
    /// Creates topics that are asked for together, with one write to disk. What is wrong with one of them leaves the others alone.
    /// </summary>
    /// <returns>For each, in order, the topic, or why there is none: then as <see cref="CreateAsync"/>.</returns>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.KafkaStorageError"/>: the disk did not take them; none was created.
    /// </exception>
    internal Task<IReadOnlyList<TopicCreation>> CreateAllAsync(IReadOnlyList<TopicRequest> topics) =>
        _changes.ChangeAsync(() => CreateAll(topics));

    /// <summary>Checks that a topic could be created, and creates nothing (<c>validate_only</c>).</summary>
    /// <exception cref="KafkaException">As <see cref="CreateAsync"/>.</exception>
    /// <returns>The configs that it would have.</returns>
    public TopicConfig CheckCreate(string name, int partitions, IEnumerable<KeyValuePair<string, string>> configs)
    {
        CheckNew(name, partitions == -1 ? _defaults.Partitions : partitions);
        return TopicConfig.Create(configs, _configs.Broker);
    }

    /// <summary>Finds a topic or creates it with the defaults.</summary>
    /// <exception cref="KafkaException">As <see cref="CreateAsync"/>.</exception>
    public async ValueTask<Topic> GetOrCreateAsync(string name)
    {
        if (TryGet(name, out var topic))
            return topic;
        return await _changes.ChangeAsync(() => TryGet(name, out var made) ? made : Create(name, -1, ConfigFor(name)));
    }

    /// <summary>Deletes a topic and its data.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.UnknownTopicOrPartition"/>.</exception>
    public Task<bool> DeleteAsync(string name) => _changes.ChangeAsync(() => Delete(Get(name)));

    /// <summary>Adds partitions to a topic.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.UnknownTopicOrPartition"/>, <see
    /// cref="ErrorCode.InvalidPartitions"/>.</exception>
    public Task<Topic> SetPartitionCountAsync(string name, int count) => _changes.ChangeAsync(() => SetPartitionCount(Get(name), count));

    /// <summary>Replaces what is set for a topic by what <paramref name="change"/> makes of it.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.UnknownTopicOrPartition"/>, <see cref="ErrorCode.InvalidConfig"/>.</exception>
    public Task<Topic> SetConfigsAsync(
        string name, Func<IReadOnlyDictionary<string, string>, IEnumerable<KeyValuePair<string, string>>> change) =>
        _changes.ChangeAsync(() =>
        {
            Topic topic = Get(name);
            return SetConfigs(topic, TopicConfig.Create(change(topic.Config.Overrides), _configs.Broker));
        });

    private Topic Get(string name) =>
        TryGet(name, out var topic) ? topic : throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");

    private TopicConfig ConfigFor(string name) => TopicConfig.Create(name switch
    {
        TopicName.ConsumerOffsets or TopicName.TransactionState =>
            [new("cleanup.policy", "compact"), new("segment.bytes", "104857600"), new("compression.type", "producer")],
        _ => [],
    }, _configs.Broker);

    private Topic Create(string name, int partitions, TopicConfig config)
    {
        var record = RecordOf(name, partitions, config);
        Save([TopicChange.To(record)]);
        var topic = MakeTopic(record, config, id => _store.Create(id, config.Log));
        _image = new Image([.. _image.ByName.Values, topic]);
        return topic;
    }

    private IReadOnlyList<TopicCreation> CreateAll(IReadOnlyList<TopicRequest> topics)
    {
        var added = new NewTopics();
        var results = new TopicCreation[topics.Count];
        var records = new (TopicRecord Record, TopicConfig Config)?[topics.Count];
        for (var i = 0; i < topics.Count; i++)
        {
            try
            {
                var config = TopicConfig.Create(topics[i].Configs, _configs.Broker);
                records[i] = (RecordOf(topics[i].Name, topics[i].Partitions, config, added), config);
            }
            catch (KafkaException e)
            {
                results[i] = new(null, e);
            }
        }

        if (added.Count == 0)
            return results;
        Save([.. records.Where(static r => r is not null).Select(static r => TopicChange.To(r!.Value.Record))]);
        for (var i = 0; i < topics.Count; i++)
        {
            if (records[i] is var (record, config))
                results[i] = new(MakeTopic(record, config, id => _store.Create(id, config.Log)), null);
        }

        _image = new Image([.. _image.ByName.Values, .. results.Where(static r => r.Topic is not null).Select(static r => r.Topic!)]);
        return results;
    }

    /// <summary>What is kept of a topic that can be created.</summary>
    private TopicRecord RecordOf(string name, int partitions, TopicConfig config, NewTopics? others = null)
    {
        if (partitions == -1)
            partitions = TopicName.IsInternal(name) ? _defaults.InternalPartitions : _defaults.Partitions;
        CheckNew(name, partitions, others);
        others?.Add(name, partitions);
        return new TopicRecord(name, _defaults.NewId(), partitions, new Dictionary<string, string>(config.Overrides));
    }

    private bool Delete(Topic topic)
    {
        SaveSmaller([TopicChange.Gone(topic.Id)]);
        _image = new Image(_image.ByName.Values.Where(t => t.Id != topic.Id));
        _store.DeleteTopic(topic.Id);
        foreach (var partition in topic.Partitions)
            partition.SignalAll();
        Deleted?.Invoke(topic);
        return true;
    }

    private Topic SetPartitionCount(Topic topic, int count)
    {
        if (count <= topic.Partitions.Count)
        {
            throw new KafkaException(ErrorCode.InvalidPartitions,
                $"Topic '{topic.Name}' has {topic.Partitions.Count} partitions; the new number must be larger.");
        }

        CheckRoom(count - topic.Partitions.Count);
        Save([TopicChange.To(RecordOf(topic) with { Partitions = count })]);
        var partitions = topic.Partitions.ToList();
        for (var i = partitions.Count; i < count; i++)
            partitions.Add(MakePartition(topic.Name, i, _store.Create(new LogId(topic.Id, i), topic.Config.Log), topic.Config));
        return Replace(new Topic(topic.Name, topic.Id, topic.Config, [.. partitions]));
    }

    private Topic SetConfigs(Topic topic, TopicConfig config)
    {
        Save([TopicChange.To(RecordOf(topic) with { Configs = new Dictionary<string, string>(config.Overrides) })]);
        foreach (var partition in topic.Partitions)
            partition.Reconfigure(config);
        return Replace(new Topic(topic.Name, topic.Id, config, [.. topic.Partitions]));
    }

    /// <summary>Lets all topics have the broker's new configs where they have none of their own.</summary>
    private void Inherit(BrokerConfig broker)
    {
        List<Topic> topics = [];
        foreach (Topic topic in _image.ByName.Values)
        {
            TopicConfig config = topic.Config.Over(broker);
            foreach (Partition partition in topic.Partitions)
                partition.Reconfigure(config);
            topics.Add(new Topic(topic.Name, topic.Id, config, [.. topic.Partitions]));
        }
        _image = new Image(topics);
    }

    private Topic Replace(Topic topic)
    {
        _image = new Image(_image.ByName.Values.Select(t => t.Id == topic.Id ? topic : t));
        return topic;
    }

    private void CheckNew(string name, int partitions, NewTopics? others = null)
    {
        TopicName.Check(name);
        if (TryGet(name, out _))
            throw new KafkaException(ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.");
        var key = TopicName.CollisionKey(name);
        if ((_image.ByCollisionKey.GetValueOrDefault(key) ?? others?.Find(key)) is { } collision)
            throw new KafkaException(ErrorCode.InvalidTopic, $"Topic '{name}' differs from '{collision}' only in '.' and '_'.");
        if (partitions is < 1 or > TopicDefaults.MaxPartitions)
        {
            throw new KafkaException(
                ErrorCode.InvalidPartitions, $"A topic has 1 to {TopicDefaults.MaxPartitions} partitions, not {partitions}.");
        }

        CheckRoom(partitions, others?.Partitions ?? 0);
    }

    private void CheckRoom(int added, int alreadyAdded = 0)
    {
        var total = _image.Partitions + alreadyAdded;
        if (total + added > _defaults.MaxTotalPartitions)
        {
            throw new KafkaException(ErrorCode.PolicyViolation,
                $"This broker takes {_defaults.MaxTotalPartitions} partitions in all; it has {total}, and {added} more were asked for.");
        }
    }

    private static TopicRecord RecordOf(Topic topic) =>
        new(topic.Name, topic.Id, topic.Partitions.Count, new Dictionary<string, string>(topic.Config.Overrides));

    private void Save(IReadOnlyList<TopicChange> changes) => _file.Save(changes, () => WholeWith(changes));

    private TopicRegistryImage WholeWith(IReadOnlyList<TopicChange> changes)
    {
        var changed = changes.Select(static change => change.Id).ToHashSet();
        var others = _image.ByName.Values.Where(topic => !changed.Contains(topic.Id)).Select(RecordOf);
        return new(ClusterId, [.. others, .. changes.Select(static change => change.Topic).OfType<TopicRecord>()]);
    }

    /// <summary>Saves a change that frees space: on a full disk, in the room that is kept for that.</summary>
    private void SaveSmaller(IReadOnlyList<TopicChange> changes)
    {
        try
        {
            Save(changes);
        }
        catch (IOException e) when (StorageErrors.IsDiskFull(e))
        {
            _store.Reserve.Release();
            Save(changes);
        }
    }

    private Topic Open(TopicRecord record) => MakeTopic(record, TopicConfig.Restore(record.Configs, _configs.Broker), id =>
        _store.TryGet(id, out var log) ? log : throw new InvalidOperationException($"The log of {record.Name} {id} was not opened."));

    private Topic MakeTopic(TopicRecord record, TopicConfig config, Func<LogId, PartitionLog> logOf)
    {
        var partitions = new Partition[record.Partitions];
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] = MakePartition(record.Name, i, logOf(new LogId(record.Id, i)), config);
        return new Topic(record.Name, record.Id, config, partitions);
    }

    private Partition MakePartition(string topic, int index, PartitionLog log, TopicConfig config) =>
        new(new TopicPartition(topic, index), log, _store, config, _time);

    /// <summary>All topics at one time.</summary>
    private sealed class Image(IEnumerable<Topic> topics)
    {
        public FrozenDictionary<string, Topic> ByName { get; } = topics.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

        public FrozenDictionary<Guid, Topic> ById => field ??= ByName.Values.ToFrozenDictionary(t => t.Id);

        /// <summary>The names that others may not come too close to; made when a topic is created.</summary>
        public Dictionary<string, string> ByCollisionKey => field ??= CollisionKeys(ByName.Keys);

        /// <summary>Partitions of all topics.</summary>
        public int Partitions => _partitions ??= ByName.Values.Sum(static t => t.Partitions.Count);

        private int? _partitions;

        private static Dictionary<string, string> CollisionKeys(IEnumerable<string> names)
        {
            var keys = new Dictionary<string, string>();
            foreach (var name in names)
                keys.TryAdd(TopicName.CollisionKey(name), name);
            return keys;
        }
    }

    /// <summary>Topics that are about to be created together.</summary>
    private sealed class NewTopics
    {
        private readonly Dictionary<string, string> _byCollisionKey = [];

        public int Count => _byCollisionKey.Count;

        public int Partitions { get; private set; }

        public string? Find(string collisionKey) => _byCollisionKey.GetValueOrDefault(collisionKey);

        public void Add(string name, int partitions)
        {
            _byCollisionKey.Add(TopicName.CollisionKey(name), name);
            Partitions += partitions;
        }
    }
}

/// <summary>A topic that is asked for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">The number of partitions; -1 for the default.</param>
/// <param name="Configs">Its configs.</param>
internal readonly record struct TopicRequest(string Name, int Partitions, IEnumerable<KeyValuePair<string, string>> Configs);

/// <summary>What became of a topic that was asked for: one of both.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Refusal">Why there is none.</param>
internal readonly record struct TopicCreation(Topic? Topic, KafkaException? Refusal);

/// <summary>What topics get that are created without saying, and limits.</summary>
public sealed record TopicDefaults
{
    /// <summary>The most partitions of a topic.</summary>
    public const int MaxPartitions = 10_000;

    /// <summary><c>num.partitions</c>.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Partitions of the broker's own topics.</summary>
    public int InternalPartitions { get; init; } = 50;

    /// <summary>The most partitions in all.</summary>
    public int MaxTotalPartitions { get; init; } = 100_000;

    /// <summary>Makes topic ids and the cluster id.</summary>
    public Func<Guid> NewId { get; init; } = Guid.NewGuid;
}

using System.Globalization;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Configs;

/// <summary>
/// What was set for brokers, groups and client metrics subscriptions while the broker ran (a topic's configs are with the topic). Look-ups
/// read an immutable image; changes run one after another and are durable before they are seen.
/// </summary>
public sealed class ConfigRegistry
{
    private const int MaxResources = 10_000;

    private readonly ConfigFile _file;
    private readonly MetadataThread _changes;
    private volatile Image _image;

    internal ConfigRegistry(ConfigFile file, MetadataThread changes, BrokerOptions options)
    {
        _file = file;
        _changes = changes;
        NodeName = options.NodeId.ToString(CultureInfo.InvariantCulture);
        _image = new Image(
            file.Read().Resources.ToDictionary(
                r => new ConfigResource(r.Type, r.Name), r => (IReadOnlyDictionary<string, string>)r.Values),
            StartValues.Of(options), NodeName);
    }

    /// <summary>The broker's configs.</summary>
    public BrokerConfig Broker => _image.Broker;

    /// <summary>The name of this broker as a resource: its id.</summary>
    public string NodeName { get; }

    /// <summary>Called after the broker's configs have changed, before the next change.</summary>
    internal Action<BrokerConfig>? BrokerChanged { get; set; }

    /// <summary>What was set for a resource.</summary>
    public IReadOnlyDictionary<string, string> Of(ConfigResource resource) =>
        _image.Resources.TryGetValue(resource, out IReadOnlyDictionary<string, string>? values) ? values : Image.Nothing;

    /// <summary>The names of the resources of a type for which something was set.</summary>
    public IEnumerable<string> NamesOf(ConfigResourceType type) => _image.Resources.Keys.Where(r => r.Type == type).Select(r => r.Name);

    /// <summary>The value in force for a group, by the name of the group config.</summary>
    public string OfGroup(string groupId, string name)
    {
        IReadOnlyDictionary<string, string> values = Of(new ConfigResource(ConfigResourceType.Group, groupId));
        return values.TryGetValue(name, out string? value) ? value : Broker.Inherited(GroupConfigs.All[name])!;
    }

    /// <summary>Adds what other parts of the server were started with.</summary>
    internal void AddStartValues(IEnumerable<KeyValuePair<string, string>> values)
    {
        Image old;
        Image image;
        do
        {
            old = _image;
            var all = new Dictionary<string, string>(old.AtStart);
            foreach ((string name, string value) in values)
                all[name] = value;
            image = new Image(old.Resources, all, NodeName);
        }
        while (Interlocked.CompareExchange(ref _image, image, old) != old);
    }

    /// <summary>Replaces what is set for a resource by what <paramref name="change"/> makes of it.</summary>
    /// <exception cref="KafkaException">
    /// What <paramref name="change"/> throws; <see cref="ErrorCode.PolicyViolation"/> when there are too many.
    /// </exception>
    internal Task<bool> ChangeAsync(
        ConfigResource resource, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> change) =>
        _changes.ChangeAsync(() =>
        {
            IReadOnlyDictionary<string, string> values = change(Of(resource));
            var resources = new Dictionary<ConfigResource, IReadOnlyDictionary<string, string>>(_image.Resources);
            if (values.Count == 0)
                resources.Remove(resource);
            else
                resources[resource] = values;
            if (resources.Count > MaxResources)
                throw new KafkaException(ErrorCode.PolicyViolation, $"This broker keeps configs of {MaxResources} resources, not more.");
            _file.Write(new ConfigImage(
                [.. resources.Select(r => new ConfigRecord(r.Key.Type, r.Key.Name, new Dictionary<string, string>(r.Value)))]));
            _image = new Image(resources, _image.AtStart, NodeName);
            if (resource.Type == ConfigResourceType.Broker)
                BrokerChanged?.Invoke(_image.Broker);
            return true;
        });

    /// <summary>All values at one time; never changed.</summary>
    private sealed class Image(
        Dictionary<ConfigResource, IReadOnlyDictionary<string, string>> resources, IReadOnlyDictionary<string, string> atStart,
        string nodeName)
    {
        public static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

        public Dictionary<ConfigResource, IReadOnlyDictionary<string, string>> Resources => resources;

        public IReadOnlyDictionary<string, string> AtStart => atStart;

        public BrokerConfig Broker { get; } = new(
            atStart,
            resources.GetValueOrDefault(new ConfigResource(ConfigResourceType.Broker, nodeName), Nothing),
            resources.GetValueOrDefault(new ConfigResource(ConfigResourceType.Broker, ""), Nothing));
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Broker.Topics;

/// <summary>A topic as the registry keeps it.</summary>
internal sealed record TopicRecord(string Name, Guid Id, int Partitions, Dictionary<string, string> Configs);

/// <summary>The cluster's identity and its topics, replaced as a whole on every change.</summary>
internal sealed record TopicRegistryImage(string ClusterId, List<TopicRecord> Topics);

[JsonSerializable(typeof(TopicRegistryImage))]
internal sealed partial class TopicRegistryJson : JsonSerializerContext;

/// <summary>Keeps the registry's image in the data directory.</summary>
internal sealed class TopicRegistryFile(DataDirectory directory)
{
    private const int Version = 1;
    private readonly SnapshotStore _store = new(directory.FileSystem, directory.MetaPath, "topics", Version);

    /// <summary>The image; null in a new data directory.</summary>
    public TopicRegistryImage? Read()
    {
        if (_store.ReadNewest() is not { } bytes)
            return null;
        return JsonSerializer.Deserialize(bytes, TopicRegistryJson.Default.TopicRegistryImage)
            ?? throw new CorruptDataException("The topic registry verifies but is empty.");
    }

    public void Write(TopicRegistryImage image) =>
        _store.Write(JsonSerializer.SerializeToUtf8Bytes(image, TopicRegistryJson.Default.TopicRegistryImage));
}

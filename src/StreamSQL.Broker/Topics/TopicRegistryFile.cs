using System.Buffers;
using System.Text.Json;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Broker.Topics;

/// <summary>A topic as the registry keeps it.</summary>
internal sealed record TopicRecord(string Name, Guid Id, int Partitions, Dictionary<string, string> Configs);

/// <summary>The cluster's identity and its topics, replaced as a whole on every change.</summary>
internal sealed record TopicRegistryImage(string ClusterId, List<TopicRecord> Topics);

/// <summary>Keeps the registry's image in the data directory.</summary>
internal sealed class TopicRegistryFile(DataDirectory directory)
{
    private const int Version = 1;
    private readonly SnapshotStore _store = new(directory.FileSystem, directory.MetaPath, "topics", Version, twice: true);

    /// <summary>What was repaired while it was read, as messages.</summary>
    public IReadOnlyList<string> Repairs => _store.Repairs;

    /// <summary>The image; null in a new data directory.</summary>
    /// <exception cref="CorruptDataException">The file does not verify, holds something else, or is
    /// missing although there are logs.</exception>
    public TopicRegistryImage? Read()
    {
        if (_store.ReadNewest() is not { } bytes)
        {
            if (directory.HoldsLogs)
                throw new CorruptDataException("The topic registry is missing although there are logs, whose topics only it names.");
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentException)
        {
            throw new CorruptDataException("The topic registry verifies but does not hold topics: " + e.Message);
        }
    }

    // Written and read by hand: setting up the serializer for this one file takes a broker a tenth of its time to start.
    public void Write(TopicRegistryImage image)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString(nameof(image.ClusterId), image.ClusterId);
            json.WriteStartArray(nameof(image.Topics));
            foreach (TopicRecord topic in image.Topics)
                WriteTopic(json, topic);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        _store.Write(bytes.WrittenSpan);
    }

    private static void WriteTopic(Utf8JsonWriter json, TopicRecord topic)
    {
        json.WriteStartObject();
        json.WriteString(nameof(topic.Name), topic.Name);
        json.WriteString(nameof(topic.Id), topic.Id);
        json.WriteNumber(nameof(topic.Partitions), topic.Partitions);
        json.WriteStartObject(nameof(topic.Configs));
        foreach ((string name, string value) in topic.Configs)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static TopicRegistryImage Read(JsonElement root) => new(
        Text(root, nameof(TopicRegistryImage.ClusterId)),
        [.. root.GetProperty(nameof(TopicRegistryImage.Topics)).EnumerateArray().Select(ReadTopic)]);

    private static TopicRecord ReadTopic(JsonElement topic) => new(
        Text(topic, nameof(TopicRecord.Name)),
        topic.GetProperty(nameof(TopicRecord.Id)).GetGuid(),
        topic.GetProperty(nameof(TopicRecord.Partitions)).GetInt32(),
        topic.GetProperty(nameof(TopicRecord.Configs)).EnumerateObject()
            .ToDictionary(static config => config.Name, static config => config.Value.GetString()!));

    private static string Text(JsonElement owner, string property) =>
        owner.GetProperty(property).GetString() ?? throw new CorruptDataException($"The topic registry verifies, but {property} is null.");
}

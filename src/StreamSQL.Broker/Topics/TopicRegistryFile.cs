using System.Buffers;
using System.Text.Json;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Broker.Topics;

/// <summary>A topic as the registry keeps it.</summary>
internal sealed record TopicRecord(string Name, Guid Id, int Partitions, Dictionary<string, string> Configs);

/// <summary>The cluster's identity and its topics.</summary>
internal sealed record TopicRegistryImage(string ClusterId, List<TopicRecord> Topics);

/// <summary>A change of the registry: a topic as it is from now on, or that it is no more.</summary>
internal readonly record struct TopicChange(Guid Id, TopicRecord? Topic)
{
    public static TopicChange To(TopicRecord topic) => new(topic.Id, topic);

    public static TopicChange Gone(Guid id) => new(id, null);
}

/// <summary>
/// Keeps the registry in the data directory: an image of all topics, and behind it the changes since, until they take more room than the
/// image. So a change costs what it is large, not what all topics are.
/// </summary>
internal sealed class TopicRegistryFile : IDisposable
{
    private const string Name = "topics";
    private const int Version = 2; // 1: without changes behind the image
    private const int MinChangeBytes = 64 * 1024;
    private const string GoneProperty = "Gone";
    private readonly DataDirectory _directory;
    private readonly SnapshotStore _images;
    private readonly ChangeLog _changes;
    private long _imageBytes;

    public TopicRegistryFile(DataDirectory directory)
    {
        _directory = directory;
        _images = new(directory.FileSystem, directory.MetaPath, Name, Version, twice: true);
        _changes = new(directory.FileSystem, directory.MetaPath, Name, Version);
    }

    /// <summary>What was repaired while it was read, as messages.</summary>
    public IReadOnlyList<string> Repairs => [.. _images.Repairs, .. _changes.Repairs];

    /// <summary>The image with its changes; null in a new data directory.</summary>
    /// <exception cref="CorruptDataException">The files do not verify, hold something else, or are
    /// missing although there are logs.</exception>
    public TopicRegistryImage? Read()
    {
        if (_images.ReadNewest() is not { } bytes)
        {
            if (_directory.HoldsLogs)
                throw new CorruptDataException("The topic registry is missing although there are logs, whose topics only it names.");
            return null;
        }

        _imageBytes = bytes.Length;
        var changes = _changes.Read(_images.Newest);
        TopicRegistryImage image;
        try
        {
            using var document = JsonDocument.Parse(bytes);
            image = WithChanges(Read(document.RootElement), changes);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentException)
        {
            throw new CorruptDataException("The topic registry verifies but does not hold topics: " + e.Message);
        }

        if (_changes.Repairs.Count > 0)
            Repair(image);
        return image;
    }

    /// <summary>Makes changes durable.</summary>
    /// <param name="changes">What changes.</param>
    /// <param name="whole">The registry with these changes, for when it is time to write it as a whole.</param>
    /// <exception cref="IOException">The disk did not take it; the registry is as before.</exception>
    public void Save(IReadOnlyList<TopicChange> changes, Func<TopicRegistryImage> whole)
    {
        if (_changes.CanAppend && _changes.Length < Math.Max(_imageBytes, MinChangeBytes))
            _changes.Append(Encode(json => WriteChanges(json, changes)));
        else
            Write(whole());
    }

    /// <summary>Writes the image as a whole.</summary>
    public void Write(TopicRegistryImage image)
    {
        var bytes = Encode(json => WriteImage(json, image));
        _images.Write(bytes);
        _imageBytes = bytes.Length;
        _changes.BeginAfter(_images.Newest);
    }

    public void Dispose() => _changes.Dispose();

    /// <summary>On a full disk the next change is what repairs it.</summary>
    private void Repair(TopicRegistryImage image)
    {
        try
        {
            Write(image);
        }
        catch (IOException e) when (StorageErrors.IsDiskFull(e))
        {
            // told with the repairs: what was read is right all the same
        }
    }

    // Written and read by hand: setting up the serializer for this one file takes a broker a tenth of its time to start.
    private static ReadOnlySpan<byte> Encode(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
            write(json);
        return bytes.WrittenSpan;
    }

    private static void WriteImage(Utf8JsonWriter json, TopicRegistryImage image)
    {
        json.WriteStartObject();
        json.WriteString(nameof(image.ClusterId), image.ClusterId);
        json.WriteStartArray(nameof(image.Topics));
        foreach (TopicRecord topic in image.Topics)
            WriteTopic(json, topic);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteChanges(Utf8JsonWriter json, IReadOnlyList<TopicChange> changes)
    {
        json.WriteStartArray();
        foreach (TopicChange change in changes)
        {
            if (change.Topic is { } topic)
            {
                WriteTopic(json, topic);
                continue;
            }

            json.WriteStartObject();
            json.WriteString(GoneProperty, change.Id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static TopicRegistryImage WithChanges(TopicRegistryImage image, IReadOnlyList<ReadOnlyMemory<byte>> changes)
    {
        if (changes.Count == 0)
            return image;
        Dictionary<Guid, TopicRecord> topics = image.Topics.ToDictionary(static topic => topic.Id);
        foreach (ReadOnlyMemory<byte> bytes in changes)
        {
            using var document = JsonDocument.Parse(bytes);
            foreach (JsonElement change in document.RootElement.EnumerateArray())
            {
                if (change.TryGetProperty(GoneProperty, out JsonElement gone))
                {
                    topics.Remove(gone.GetGuid());
                    continue;
                }

                TopicRecord topic = ReadTopic(change);
                topics[topic.Id] = topic;
            }
        }

        return image with { Topics = [.. topics.Values] };
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

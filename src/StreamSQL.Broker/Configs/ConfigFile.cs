using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Broker.Configs;

/// <summary>A resource and what was set for it.</summary>
internal sealed record ConfigRecord(ConfigResourceType Type, string Name, Dictionary<string, string> Values);

/// <summary>All resources but topics, replaced as a whole on every change.</summary>
internal sealed record ConfigImage(List<ConfigRecord> Resources);

[JsonSerializable(typeof(ConfigImage))]
internal sealed partial class ConfigJson : JsonSerializerContext;

/// <summary>Keeps what was set for brokers, groups and client metrics subscriptions in the data directory.</summary>
internal sealed class ConfigFile(DataDirectory directory)
{
    private const int Version = 1;

    private readonly SnapshotStore _store = new(directory.FileSystem, directory.MetaPath, "configs", Version, twice: true);

    /// <summary>What was repaired while it was read, as messages.</summary>
    public IReadOnlyList<string> Repairs => _store.Repairs;

    /// <summary>The image; an empty one when nothing was ever set.</summary>
    /// <exception cref="CorruptDataException">The file does not verify, or holds something else.</exception>
    public ConfigImage Read()
    {
        if (_store.ReadNewest() is not { } bytes)
            return new ConfigImage([]);
        try
        {
            if (JsonSerializer.Deserialize(bytes, ConfigJson.Default.ConfigImage) is { Resources: not null } image)
                return image;
        }
        catch (JsonException e)
        {
            throw new CorruptDataException("The file of configs verifies but does not hold configs: " + e.Message);
        }

        throw new CorruptDataException("The file of configs verifies but is empty.");
    }

    public void Write(ConfigImage image) => _store.Write(JsonSerializer.SerializeToUtf8Bytes(image, ConfigJson.Default.ConfigImage));
}

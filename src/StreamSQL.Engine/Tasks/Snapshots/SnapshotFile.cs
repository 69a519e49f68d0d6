using StreamSQL.Engine.State;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;

namespace StreamSQL.Engine.Tasks.Snapshots;

/// <summary>The snapshot of one store: at most one file, replaced as a whole. One writer at a time.</summary>
/// <param name="files">Where it is.</param>
/// <param name="directory">The directory of its query or table.</param>
/// <param name="name">Its name there.</param>
/// <param name="topicId">The id of the changelog topic.</param>
/// <param name="partition">The changelog partition.</param>
/// <param name="environment">Clock, log, options.</param>
internal sealed class SnapshotFile(
    IFileSystem files, string directory, string name, Guid topicId, TopicPartition partition, TaskEnvironment environment)
{
    /// <summary>The extension of a finished file.</summary>
    public const string Extension = ".snapshot";

    private static readonly long s_maxUnixMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private readonly string _path = $"{directory}/{name}{Extension}";

    /// <summary>The file's path.</summary>
    public string Path => _path;

    /// <summary>
    /// Reads it into an empty store and returns what it says about itself; null, with the store empty,
    /// when there is none that can be used. Such a one is deleted.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="offsets">The bounds of the changelog now.</param>
    public SnapshotHeader? TryLoad(StateStore store, PartitionOffsets offsets)
    {
        if (!files.FileExists(_path))
            return null;
        try
        {
            using var reader = new SnapshotReader(files, _path);
            Check(reader, store, offsets);
            var rows = Load(reader, store);
            TaskLog.SnapshotLoaded(environment.Logger, _path, rows, reader.Header.Offset);
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.SnapshotAtItsEnd))
                return reader.Header with { Offset = reader.EndOffset };
#endif
            return reader.Header;
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            TaskLog.SnapshotRefused(environment.Logger, _path, error.Message);
            lock (store.Sync)
                store.Reset();
            files.DeleteFile(_path);
            return null;
        }
    }

    /// <summary>Begins a new file beside the present one.</summary>
    public SnapshotWriter Begin(StateStore store, long offset)
    {
        files.CreateDirectoryDurably(directory);
        files.DeleteFile(Temporary);
        var header = new SnapshotHeader(topicId, partition.Partition, store.Shape, offset,
            environment.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return new SnapshotWriter(files, Temporary, header);
    }

    /// <summary>Puts the finished new file in the place of the present one.</summary>
    public void Publish()
    {
        files.Rename(Temporary, _path);
        files.FlushDirectory(directory);
    }

    /// <summary>Removes the new file, which will not be finished.</summary>
    public void Discard() => files.DeleteFile(Temporary);

    private string Temporary => _path + ".tmp";

    private static long Load(SnapshotReader reader, StateStore store)
    {
        long blocks = 0;
        while (reader.TryRead(out var block))
        {
            lock (store.Sync)
                store.Load(block);
            blocks++;
        }

        return blocks == 0 ? 0 : reader.Rows;
    }

    private void Check(SnapshotReader reader, StateStore store, PartitionOffsets offsets)
    {
        var header = reader.Header;
        if (header.TopicId != topicId || header.Partition != partition.Partition)
            throw new InvalidDataException($"it belongs to another changelog than {partition}");
        if (header.Shape != store.Shape)
            throw new InvalidDataException($"it holds {header.Shape}, wanted are {store.Shape}");
        if (header.Offset < offsets.LogStart || reader.EndOffset > offsets.LastStable || header.Offset > reader.EndOffset)
            throw new InvalidDataException(
                $"it stands at {header.Offset} to {reader.EndOffset}, the changelog holds {offsets.LogStart} to {offsets.LastStable}");
        var age = environment.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(header.TimeMs, 0, s_maxUnixMs));
        if (header.Offset < offsets.LastStable && age > environment.Options.Snapshots.RefreshAge * 2)
            throw new InvalidDataException($"it is {age.TotalHours:F0} hours old: the changelog may have lost deletions since then");
    }}

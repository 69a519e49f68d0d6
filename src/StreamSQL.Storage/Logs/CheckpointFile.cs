using System.Buffers.Binary;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Storage.Logs;

/// <summary>What recovery starts from: where the journal is needed from, and each log's start and flushed end.</summary>
internal sealed class CheckpointFile(IFileSystem fileSystem, string directory)
{
    private const int Version = 2;
    private const int LeaderEpochAt = 12; // zeros in version 1, which knew of no epochs
    private const int HeaderBytes = 16;
    private const int EntryBytes = 36;
    private readonly SnapshotStore _store = new(fileSystem, directory, "checkpoint", Version, twice: true);

    /// <summary>Journal frames below this are in the segments.</summary>
    public long JournalLsn { get; private set; }

    /// <summary>Whether everything was flushed and closed in order.</summary>
    public bool IsClean { get; private set; }

    /// <summary>Whether there was one, readable or not; not in a new data directory.</summary>
    public bool IsThere { get; private set; }

    /// <summary>
    /// Whether what was there cannot be read. Then the bounds of logs have to be found in their files, and the journal's begin in the
    /// journal; of the checkpoint before it, what only ever grows is taken: the starts of logs and the leader epoch.
    /// </summary>
    public bool IsLost { get; private set; }

    /// <summary>What was repaired while it was read, as messages.</summary>
    public IReadOnlyList<string> Repairs => _store.Repairs;

    /// <summary>The leader epoch in which logs are served; in force once a checkpoint with it has been written.</summary>
    public int LeaderEpoch { get; set; }

    /// <summary>Logs with a start above 0 or flushed records.</summary>
    public Dictionary<LogId, LogBounds> Logs { get; } = [];

    /// <summary>Reads the newest checkpoint.</summary>
    /// <param name="isExpected">Whether the directory holds logs, so that there must have been one.</param>
    /// <exception cref="UnknownFormatException">A newer version wrote it.</exception>
    public void Read(bool isExpected)
    {
        try
        {
            if (_store.ReadNewest() is { } bytes)
                Decode(bytes);
            else
                IsThere = IsLost = isExpected;
        }
        catch (CorruptDataException)
        {
            Logs.Clear();
            IsThere = IsLost = true;
        }

        if (IsLost)
            TakeWhatOnlyGrows();
    }

    private void TakeWhatOnlyGrows()
    {
        try
        {
            if (_store.ReadNewestValid() is { } bytes)
                Decode(bytes);
        }
        catch (CorruptDataException)
        {
            Logs.Clear();
        }

        IsClean = false;
        foreach (var (id, bounds) in Logs)
            Logs[id] = bounds with { FlushedOffset = LogBounds.Unknown };
    }

    private void Decode(byte[] bytes)
    {
        if (bytes.Length < HeaderBytes || (bytes.Length - HeaderBytes) % EntryBytes != 0)
            throw new CorruptDataException("The checkpoint verifies but does not hold log bounds.");
        JournalLsn = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        IsThere = true;
        IsClean = bytes[8] != 0;
        LeaderEpoch = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(LeaderEpochAt));
        for (var rest = bytes.AsSpan(HeaderBytes); !rest.IsEmpty; rest = rest[EntryBytes..])
        {
            var id = new LogId(new Guid(rest[..16]), BinaryPrimitives.ReadInt32LittleEndian(rest[16..]));
            Logs[id] = new LogBounds(
                BinaryPrimitives.ReadInt64LittleEndian(rest[20..]), BinaryPrimitives.ReadInt64LittleEndian(rest[28..]));
        }
    }

    public void Write(long journalLsn, bool clean, IReadOnlyCollection<PartitionLog> logs)
    {
        var bytes = new byte[HeaderBytes + (logs.Count * EntryBytes)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, journalLsn);
        bytes[8] = clean ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(LeaderEpochAt), LeaderEpoch);
        var at = HeaderBytes;
        foreach (var log in logs)
        {
            var (start, flushed) = (log.StartOffset, log.FlushedOffset);
            if (start == 0 && flushed == 0)
                continue;
            var entry = bytes.AsSpan(at, EntryBytes);
            log.Id.TopicId.TryWriteBytes(entry);
            BinaryPrimitives.WriteInt32LittleEndian(entry[16..], log.Id.Partition);
            BinaryPrimitives.WriteInt64LittleEndian(entry[20..], start);
            BinaryPrimitives.WriteInt64LittleEndian(entry[28..], flushed);
            at += EntryBytes;
        }

        _store.Write(bytes.AsSpan(0, at));
        JournalLsn = journalLsn;
    }
}

/// <summary>A log's bounds at a checkpoint.</summary>
/// <param name="StartOffset">Where the log starts.</param>
/// <param name="FlushedOffset">Records below this are durable in their segments; <see cref="Unknown"/> when the checkpoint is lost.</param>
internal readonly record struct LogBounds(long StartOffset, long FlushedOffset)
{
    /// <summary>A flushed offset that nobody knows.</summary>
    public const long Unknown = -1;
}

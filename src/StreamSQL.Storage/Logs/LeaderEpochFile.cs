using System.Buffers.Binary;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// The leader epochs of all logs, written when an epoch begins: that is at start, before anything is served in it. A log that is not in the
/// file was created since, or held nothing: all of it is of the newest epoch. Starts of logs move on without it and are applied when it is
/// read.
/// </summary>
internal sealed class LeaderEpochFile(IFileSystem fileSystem, string directory)
{
    private const int Version = 1;
    private const int HeaderBytes = 4;
    private const int LogBytes = 24;
    private const int EpochBytes = 12;
    private readonly SnapshotStore _store = new(fileSystem, directory, "leader-epochs", Version);
    private readonly Dictionary<LogId, LeaderEpochs> _logs = [];
    private bool _isKnown;

    /// <summary>The epoch that the file was written for; 0 without one.</summary>
    public int Epoch { get; private set; }

    /// <summary>
    /// Reads what is there. When it is missing, damaged or older than an epoch that was served, the logs have to be scanned.
    /// </summary>
    /// <param name="servedEpoch">The newest epoch that may have been served; null when nobody knows.</param>
    public void Read(int? servedEpoch)
    {
        if (_store.ReadNewestValid() is not { } bytes)
        {
            _isKnown = servedEpoch == 0;
            return;
        }

        if (bytes.Length < HeaderBytes)
            return;
        Epoch = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        _isKnown = Epoch >= (servedEpoch ?? 0) && TryReadLogs(bytes.AsSpan(HeaderBytes));
    }

    private bool TryReadLogs(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            if (rest.Length < LogBytes)
                return false;
            var id = new LogId(new Guid(rest[..16]), BinaryPrimitives.ReadInt32LittleEndian(rest[16..]));
            var count = BinaryPrimitives.ReadInt32LittleEndian(rest[20..]);
            rest = rest[LogBytes..];
            if (count <= 0 || count > rest.Length / EpochBytes)
                return false;
            var starts = new EpochStart[count];
            foreach (ref var start in starts.AsSpan())
            {
                start = new EpochStart(
                    BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadInt64LittleEndian(rest[4..]));
                rest = rest[EpochBytes..];
            }

            _logs[id] = new LeaderEpochs(starts);
        }

        return true;
    }

    /// <summary>A log's epochs; null when they have to be found in its batches.</summary>
    public LeaderEpochs? Find(LogId id, long startOffset)
    {
        if (!_isKnown)
            return null;
        return _logs.TryGetValue(id, out var known) ? known : new LeaderEpochs([new EpochStart(Epoch, startOffset)]);
    }

    /// <summary>Notes that an epoch begins; durable when this returns.</summary>
    public void Write(int epoch, IEnumerable<PartitionLog> logs)
    {
        var told = logs.Where(log => log.Epochs.Starts.Count > 1).ToList();
        var bytes = new byte[HeaderBytes + told.Sum(log => LogBytes + (log.Epochs.Starts.Count * EpochBytes))];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, epoch);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var log in told)
        {
            log.Id.TopicId.TryWriteBytes(rest);
            BinaryPrimitives.WriteInt32LittleEndian(rest[16..], log.Id.Partition);
            BinaryPrimitives.WriteInt32LittleEndian(rest[20..], log.Epochs.Starts.Count);
            rest = rest[LogBytes..];
            foreach (var (at, offset) in log.Epochs.Starts)
            {
                BinaryPrimitives.WriteInt32LittleEndian(rest, at);
                BinaryPrimitives.WriteInt64LittleEndian(rest[4..], offset);
                rest = rest[EpochBytes..];
            }
        }

        _store.Write(bytes);
    }
}

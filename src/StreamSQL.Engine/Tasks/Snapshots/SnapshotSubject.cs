using StreamSQL.Engine.State;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Snapshots;

/// <summary>A store of which snapshots are written, and how much its changelog has grown since the last one. Thread-safe.</summary>
/// <param name="store">The store.</param>
/// <param name="file">Its file.</param>
internal sealed class SnapshotSubject(StateStore store, SnapshotFile file)
{
    private long _grown;

    /// <summary>The store.</summary>
    public StateStore Store => store;

    /// <summary>Its file.</summary>
    public SnapshotFile File => file;

    /// <summary>
    /// Finds an offset of the changelog such that the store's committed rows hold everything below it; null when that cannot be said now.
    /// Set before the subject is handed to <see cref="StateSnapshots"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<long?>> Position { get; set; } = static _ => default;

    /// <summary>Cancelled when the store is about to go.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>When the last snapshot was begun; null when there is none. Only for the writer.</summary>
    public DateTimeOffset? LastTime { get; set; }

    /// <summary>
    /// Reads the snapshot into the empty store and returns where the changelog goes on; null when there is none that can be used.
    /// </summary>
    /// <param name="offsets">The bounds of the changelog now.</param>
    public long? TryLoad(PartitionOffsets offsets)
    {
        if (file.TryLoad(store, offsets) is not { } header)
            return null;
        LastTime = DateTimeOffset.FromUnixTimeMilliseconds(header.TimeMs);
        return header.Offset;
    }

    /// <summary>Bytes that the changelog has grown by.</summary>
    public long GrownBytes => Volatile.Read(ref _grown);

    /// <summary>Notes that the changelog has grown.</summary>
    public void AddGrowth(long bytes) => Interlocked.Add(ref _grown, bytes);

    /// <summary>A snapshot has taken in so many of the grown bytes.</summary>
    public void Settle(long bytes) => Interlocked.Add(ref _grown, -bytes);
}

namespace StreamSQL.Storage.Logs;

/// <summary>
/// A stretch of a log's newest bytes in memory, within one segment. Bytes below <see cref="Used"/> never change, so readers lease the
/// buffer
/// and read without a lock.
/// </summary>
internal sealed class TailChunk
{
    public TailChunk(PartitionLog log, Segment segment, long position, long firstOffset, LeasedBuffer buffer)
    {
        Log = log;
        Segment = segment;
        Position = position;
        FirstOffset = firstOffset;
        Buffer = buffer;
        Capacity = Buffer.Bytes.Length;
    }

    /// <summary>Whose bytes they are.</summary>
    public PartitionLog Log { get; }

    /// <summary>The segment that the bytes belong to.</summary>
    public Segment Segment { get; }

    /// <summary>The log position (see <see cref="PartitionLog"/>) of the first byte.</summary>
    public long Position { get; }

    /// <summary>The base offset of the first batch.</summary>
    public long FirstOffset { get; }

    public LeasedBuffer Buffer { get; }

    /// <summary>Bytes used; grows under the log's gate.</summary>
    public int Used { get; set; }

    public int Capacity { get; }

    /// <summary>Whether the log let go of it because its segment was replaced; guarded by the log's gate.</summary>
    public bool IsDropped { get; set; }

    public long EndPosition => Position + Used;
}

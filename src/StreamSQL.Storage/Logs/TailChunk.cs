namespace StreamSQL.Storage.Logs;

/// <summary>
/// A stretch of a log's newest bytes in memory, within one segment. Bytes below <see cref="Used"/> never change, so readers lease the
/// buffer
/// and read without a lock.
/// </summary>
internal sealed class TailChunk
{
    /// <param name="log">Whose bytes they are.</param>
    /// <param name="segment">The segment that the bytes belong to.</param>
    /// <param name="position">The log position of the first byte.</param>
    /// <param name="firstOffset">The base offset of the first batch.</param>
    /// <param name="buffer">Holds the bytes; the chunk is a holder of it.</param>
    /// <param name="bytes">Which part of the buffer is the chunk's.</param>
    public TailChunk(PartitionLog log, Segment segment, long position, long firstOffset, LeasedBuffer buffer, Range bytes)
    {
        Log = log;
        Segment = segment;
        Position = position;
        FirstOffset = firstOffset;
        Buffer = buffer;
        (BufferAt, Room) = bytes.GetOffsetAndLength(buffer.Length);
        Capacity = buffer.Length;
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

    /// <summary>Where in the buffer the chunk's bytes begin.</summary>
    public int BufferAt { get; }

    /// <summary>How many bytes the chunk can hold.</summary>
    public int Room { get; }

    /// <summary>Bytes used; grows under the log's gate.</summary>
    public int Used { get; set; }

    /// <summary>Bytes of memory that the chunk keeps.</summary>
    public int Capacity { get; }

    /// <summary>Whether the log let go of it because its segment was replaced; guarded by the log's gate.</summary>
    public bool IsDropped { get; set; }

    public long EndPosition => Position + Used;
}

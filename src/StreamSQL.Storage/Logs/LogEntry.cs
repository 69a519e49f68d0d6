using System.Buffers.Binary;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// One change of a log on its way to disk: a batch at its place in a segment, or a new start of the log. In the journal it is physical
/// (which
/// segment, which position), so replaying it twice does no harm.
/// </summary>
internal readonly struct LogEntry
{
    private const byte AppendKind = 1;
    private const byte StartKind = 2;
    private const int IdBytes = 1 + 16 + 4;
    private const int AppendHeaderBytes = IdBytes + 8 + 8 + 4;
    private const int StartBytes = IdBytes + 8;
    private readonly Segment? _segment;
    private readonly LeasedBuffer? _buffer;
    private readonly int _bufferAt;

    public LogEntry(PartitionLog log, Segment segment, LeasedBuffer buffer, int bufferAt, int length, long position, long endOffset)
    {
        Log = log;
        _segment = segment;
        _buffer = buffer;
        _bufferAt = bufferAt;
        Length = length;
        Position = position;
        Offset = endOffset;
    }

    private LogEntry(PartitionLog log, long startOffset)
    {
        Log = log;
        Offset = startOffset;
        Position = -1;
    }

    public PartitionLog Log { get; }

    /// <summary>Bytes of the batch; 0 for a new start.</summary>
    public int Length { get; }

    /// <summary>The log position of the batch.</summary>
    public long Position { get; }

    /// <summary>The offset after the batch, or the new start.</summary>
    public long Offset { get; }

    public bool IsAppend => _segment is not null;

    public bool IsAppendTo(PartitionLog log) => IsAppend && Log == log;

    /// <summary>Bytes of the entry in the journal.</summary>
    public int EncodedBytes => IsAppend ? AppendHeaderBytes + Length : StartBytes;

    public static LogEntry Start(PartitionLog log, long startOffset) => new(log, startOffset);

    /// <summary>Lets go of the batch's bytes once they are written.</summary>
    public void ReleaseBuffer() => _buffer?.Release();

    public void Encode(Span<byte> target)
    {
        target[0] = IsAppend ? AppendKind : StartKind;
        Log.Id.TopicId.TryWriteBytes(target[1..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[17..], Log.Id.Partition);
        if (_segment is null)
        {
            BinaryPrimitives.WriteInt64LittleEndian(target[IdBytes..], Offset);
            return;
        }

        BinaryPrimitives.WriteInt64LittleEndian(target[IdBytes..], _segment.BaseOffset);
        BinaryPrimitives.WriteInt64LittleEndian(target[(IdBytes + 8)..], Position - _segment.StartPosition);
        BinaryPrimitives.WriteInt32LittleEndian(target[(IdBytes + 16)..], Length);
        _buffer!.Bytes.AsSpan(_bufferAt, Length).CopyTo(target[AppendHeaderBytes..]);
    }

    /// <summary>Reads the entry that a payload begins with and returns the rest of the payload.</summary>
    /// <exception cref="CorruptDataException">It is none, although its frame verified.</exception>
    public static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> payload, out ReplayedEntry entry)
    {
        entry = default;
        if (payload.Length < StartBytes)
            throw Malformed();
        var id = new LogId(new Guid(payload.Slice(1, 16)), BinaryPrimitives.ReadInt32LittleEndian(payload[17..]));
        var first = BinaryPrimitives.ReadInt64LittleEndian(payload[IdBytes..]);
        if (payload[0] == StartKind)
        {
            entry = new ReplayedEntry(id, first, -1, default);
            return payload[StartBytes..];
        }

        if (payload[0] != AppendKind || payload.Length < AppendHeaderBytes)
            throw Malformed();
        var position = BinaryPrimitives.ReadInt64LittleEndian(payload[(IdBytes + 8)..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload[(IdBytes + 16)..]);
        if (position < 0 || length <= 0 || length > payload.Length - AppendHeaderBytes)
            throw Malformed();
        entry = new ReplayedEntry(id, first, position, payload.Slice(AppendHeaderBytes, length));
        return payload[(AppendHeaderBytes + length)..];
    }

    private static CorruptDataException Malformed() => new("A journal frame verifies but does not hold log entries.");
}

/// <summary>An entry found in the journal at recovery.</summary>
internal readonly ref struct ReplayedEntry(LogId id, long offset, long position, ReadOnlySpan<byte> batch)
{
    public LogId Id { get; } = id;

    /// <summary>The base offset of the batch's segment, or the new start.</summary>
    public long Offset { get; } = offset;

    /// <summary>Where in the segment file the batch goes; -1 for a new start.</summary>
    public long Position { get; } = position;

    public ReadOnlySpan<byte> Batch { get; } = batch;
}

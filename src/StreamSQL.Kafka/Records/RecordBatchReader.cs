using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// A cursor over the uncompressed records of a batch. Keys, values and headers are slices of the input; nothing is allocated per record.
/// </summary>
/// <remarks>
/// A record is: length (varint), attributes (int8, unused), timestamp delta (varlong), offset delta (varint), key length (varint, -1 is
/// null), key, value length (varint, -1 is null), value, header count (varint), headers.
/// </remarks>
public ref struct RecordBatchReader
{
    // References and explicit bounds instead of span slicing: this loop is most of what a log reader does per record.
    private readonly ref byte _start;
    private readonly int _end;
    private int _position;
    private int _remaining;
    private int _keyAt;
    private int _keyLength;
    private int _valueAt;
    private int _valueLength;
    private int _headersAt;

    /// <summary>A cursor over <paramref name="records"/>, uncompressed, which hold <paramref name="count"/> records.</summary>
    public RecordBatchReader(ReadOnlySpan<byte> records, int count)
    {
        _start = ref MemoryMarshal.GetReference(records);
        _end = records.Length;
        _remaining = count;
    }

    /// <summary>A cursor over the records of an uncompressed batch.</summary>
    /// <exception cref="ArgumentException">The batch is compressed.</exception>
    public RecordBatchReader(RecordBatchHeader header)
        : this(header.Records, header.Count)
    {
        if (header.Attributes.Compression != CompressionType.None)
            throw new ArgumentException("The batch is compressed: decompress its records first.", nameof(header));
    }

    /// <summary>The record's offset, relative to the batch's base offset.</summary>
    public int OffsetDelta { get; private set; }

    /// <summary>The record's timestamp in milliseconds, relative to the batch's base timestamp.</summary>
    public long TimestampDelta { get; private set; }

    /// <summary>Whether the record has a key; an empty key is one.</summary>
    public readonly bool HasKey => _keyLength >= 0;

    /// <summary>Whether the record has a value; one without is a tombstone.</summary>
    public readonly bool HasValue => _valueLength >= 0;

    /// <summary>The key; empty when there is none.</summary>
    public readonly ReadOnlySpan<byte> Key => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _start, _keyAt), Math.Max(_keyLength, 0));

    /// <summary>The value; empty when there is none.</summary>
    public readonly ReadOnlySpan<byte> Value =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _start, _valueAt), Math.Max(_valueLength, 0));

    /// <summary>Where the key begins in the records that were given to the constructor.</summary>
    public readonly int KeyStart => _keyAt;

    /// <summary>Where the value begins in the records that were given to the constructor.</summary>
    public readonly int ValueStart => _valueAt;

    /// <summary>Where the encoded record ends in the records that were given to the constructor; the next one begins there.</summary>
    public readonly int RecordEnd => _position;

    /// <summary>How many headers the record has.</summary>
    public int HeaderCount { get; private set; }

    /// <summary>The encoded headers; read them with <see cref="GetHeaders"/> or append them unchanged to another batch.</summary>
    public readonly ReadOnlySpan<byte> Headers =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _start, _headersAt), _position - _headersAt);

    /// <summary>A cursor over the record's headers.</summary>
    public readonly RecordHeaderReader GetHeaders() => new(Headers, HeaderCount);

    /// <summary>Moves to the next record; false after the last.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when the bytes are not a record, or when bytes are left
    /// over after the last.</exception>
    public bool MoveNext()
    {
        if (_remaining <= 0)
        {
            if (_position != _end)
                ThrowCorrupt();
            return false;
        }
        int at = _position;
        int length = ReadVarInt(ref at);
        if (length < 0 || length > _end - at)
            ThrowCorrupt();
        int end = at + length;
        at++; // attributes, unused
        TimestampDelta = ReadVarLong(ref at);
        OffsetDelta = ReadVarInt(ref at);
        _keyLength = ReadLength(ref at, end);
        _keyAt = at;
        at += Math.Max(_keyLength, 0);
        _valueLength = ReadLength(ref at, end);
        _valueAt = at;
        at += Math.Max(_valueLength, 0);
        HeaderCount = ReadVarInt(ref at);
        _headersAt = at;
        if (HeaderCount == 0 ? at != end : HeaderCount < 0 || HeaderCount > end - at)
            ThrowCorrupt();
        _position = end;
        _remaining--;
        return true;
    }

    // The integers of a record are read within the bounds of all records: one that runs over the end of its own record leaves the position
    // behind that end, where no length and no header count passes its check.

    /// <summary>A length of bytes that must lie before <paramref name="end"/>, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int ReadLength(ref int at, int end)
    {
        int length = ReadVarInt(ref at);
        if (length < -1 || length > end - at)
            ThrowCorrupt();
        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int ReadVarInt(ref int at) =>
        TryReadShort(ref at, out uint value) ? VarInt.UnZigZag(value) : ReadLongVarInt(ref at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly long ReadVarLong(ref int at) =>
        TryReadShort(ref at, out uint value) ? VarInt.UnZigZag((ulong)value) : ReadLongVarLong(ref at);

    /// <summary>Reads a value of one or two bytes, as nearly all are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool TryReadShort(ref int at, out uint value)
    {
        value = 0;
        if (at > _end - 2)
            return false;
        ref byte source = ref Unsafe.Add(ref _start, at);
        value = source;
        if (value < 0x80)
        {
            at++;
            return true;
        }
        uint second = Unsafe.Add(ref source, 1);
        value = (value & 0x7F) | (second << 7);
        at += 2;
        if (second < 0x80)
            return true;
        at -= 2;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly int ReadLongVarInt(ref int at)
    {
        int value = 0;
        if (!VarInt.TryReadInt32(MemoryMarshal.CreateReadOnlySpan(ref _start, _end), ref at, out value))
            ThrowCorrupt();
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly long ReadLongVarLong(ref int at)
    {
        long value = 0;
        if (!VarInt.TryReadInt64(MemoryMarshal.CreateReadOnlySpan(ref _start, _end), ref at, out value))
            ThrowCorrupt();
        return value;
    }

    [DoesNotReturn]
    private static void ThrowCorrupt() => throw new KafkaException(ErrorCode.CorruptMessage, "A record batch holds a malformed record.");
}

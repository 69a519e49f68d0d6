using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// Builds record batches, one after another, in one growing pooled buffer: append records, take the batch with <see cref="Build"/>,
/// <see cref="Reset"/>, and so on. Not thread-safe.
/// </summary>
public sealed class RecordBatchBuilder : IDisposable
{
    private const int DefaultCapacity = 16 * 1024;

    // Record length, attributes, timestamp delta, offset delta, key length, value length, header count at their largest.
    private const int MaxRecordOverhead = (5 * VarInt.MaxSize32) + 1 + VarInt.MaxSize64;

    private byte[] _buffer;
    private int _length = RecordBatchHeader.Size;
    private int _count;
    private long _baseTimestamp;
    private long _maxTimestamp;

    /// <summary>A builder whose buffer begins with room for <paramref name="capacity"/> bytes.</summary>
    public RecordBatchBuilder(int capacity = DefaultCapacity) =>
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, RecordBatchHeader.Size + MaxRecordOverhead));

    /// <summary>How many records were appended.</summary>
    public int Count => _count;

    /// <summary>Bytes of the batch so far, header included.</summary>
    public int SizeInBytes => _length;

    /// <summary>The largest timestamp so far, in milliseconds since 1970; 0 when there is no record.</summary>
    public long MaxTimestamp => _maxTimestamp;

    /// <summary>
    /// Appends a record. <paramref name="headers"/> are <paramref name="headerCount"/> encoded headers, as
    /// <see cref="RecordHeaderWriter.Encoded"/> or <see cref="RecordBatchReader.Headers"/> give them.
    /// </summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.RecordListTooLarge"/> when the batch would pass the largest array.</exception>
    public void Append(
        ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, bool hasValue, long timestampMs,
        ReadOnlySpan<byte> headers = default, int headerCount = 0)
    {
        if (_count == 0)
            _baseTimestamp = _maxTimestamp = timestampMs;
        else if (timestampMs > _maxTimestamp)
            _maxTimestamp = timestampMs;
        ulong timestampDelta = VarInt.ZigZag(timestampMs - _baseTimestamp);
        uint offsetDelta = VarInt.ZigZag(_count);
        uint keyLength = VarInt.ZigZag(hasKey ? key.Length : -1);
        uint valueLength = VarInt.ZigZag(hasValue ? value.Length : -1);
        uint headersLength = VarInt.ZigZag(headerCount);
        long size = 1L + VarInt.SizeOfUInt64(timestampDelta) + VarInt.SizeOfUInt32(offsetDelta)
            + VarInt.SizeOfUInt32(keyLength) + key.Length + VarInt.SizeOfUInt32(valueLength) + value.Length
            + VarInt.SizeOfUInt32(headersLength) + headers.Length;
        if (size > _buffer.Length - _length - VarInt.MaxSize32)
            Grow(size + VarInt.MaxSize32);
        ref byte target = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), _length);
        ref byte start = ref target;
        target = ref WriteVarInt(ref target, VarInt.ZigZag((int)size));
        target = 0; // attributes, unused
        target = ref WriteVarInt(ref Unsafe.Add(ref target, 1), timestampDelta);
        target = ref WriteVarInt(ref target, offsetDelta);
        target = ref WriteVarInt(ref target, keyLength);
        target = ref Write(ref target, key);
        target = ref WriteVarInt(ref target, valueLength);
        target = ref Write(ref target, value);
        target = ref WriteVarInt(ref target, headersLength);
        target = ref Write(ref target, headers);
        _length += (int)Unsafe.ByteOffset(ref start, ref target);
        _count++;
    }

    /// <summary>
    /// Writes the header and returns the batch: base offset 0 and, unless given, no producer. The memory is the builder's own, valid and
    /// writable until the next <see cref="Append"/>, <see cref="Reset"/> or <see cref="Dispose"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">No record was appended.</exception>
    public Memory<byte> Build(
        long producerId = RecordBatchHeader.NoProducerId, short producerEpoch = -1, int baseSequence = ProducerSequence.None,
        bool transactional = false)
    {
        if (_count == 0)
            throw new InvalidOperationException("A record batch needs a record.");
        var fields = new RecordBatchFields
        {
            Attributes = new RecordBatchAttributes(CompressionType.None, transactional: transactional),
            LastOffsetDelta = _count - 1,
            BaseTimestamp = _baseTimestamp,
            MaxTimestamp = _maxTimestamp,
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            BaseSequence = baseSequence,
            Count = _count,
        };
        Memory<byte> batch = _buffer.AsMemory(0, _length);
        fields.WriteTo(batch.Span);
        return batch;
    }

    /// <summary>Forgets all records and keeps the buffer.</summary>
    public void Reset()
    {
        _length = RecordBatchHeader.Size;
        _count = 0;
        _baseTimestamp = 0;
        _maxTimestamp = 0;
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    // Append has made room for the whole record, so what it writes is not checked piece by piece.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte WriteVarInt(ref byte target, ulong value)
    {
        while (value >= 0x80)
        {
            target = (byte)(value | 0x80);
            target = ref Unsafe.Add(ref target, 1);
            value >>= 7;
        }
        target = (byte)value;
        return ref Unsafe.Add(ref target, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Write(ref byte target, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref target, bytes.Length));
        return ref Unsafe.Add(ref target, bytes.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(long needed)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        long wanted = Math.Max(_length + needed, Math.Min(2L * _buffer.Length, Array.MaxLength));
        if (wanted > Array.MaxLength)
            throw new KafkaException(ErrorCode.RecordListTooLarge, "A record batch cannot pass two gigabytes.");
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)wanted);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

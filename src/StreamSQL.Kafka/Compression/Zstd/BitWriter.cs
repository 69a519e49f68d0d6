using System.Buffers.Binary;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Writes the bit streams that <see cref="BackwardBitReader"/> reads: what is written last is read first. The caller gives enough room.
/// </summary>
internal ref struct BitWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;
    private ulong _bits;
    private int _count;
    private int _at;

    /// <summary>Writes the low <paramref name="count"/> bits (up to 32) of a value that has no others.</summary>
    public void Write(uint value, int count)
    {
        _bits |= (ulong)value << _count;
        _count += count;
        if (_count < 32)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(_target[_at..], (uint)_bits);
        _at += sizeof(uint);
        _bits >>= 32;
        _count -= 32;
    }

    /// <summary>Marks where reading begins; returns the bytes written.</summary>
    public int Finish()
    {
        Write(1, 1);
        for (; _count > 0; _count -= 8, _bits >>= 8)
            _target[_at++] = (byte)_bits;
        return _at;
    }
}

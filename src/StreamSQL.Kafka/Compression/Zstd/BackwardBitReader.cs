using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Reads a bit stream from its end to its beginning, as entropy-coded data is laid out (RFC 8878, 4.1). The highest bit that is set in the
/// last byte marks where the stream begins. Beyond its end, zeros are read and <see cref="Remaining"/> goes below zero.
/// </summary>
internal ref struct BackwardBitReader
{
    private readonly ReadOnlySpan<byte> _source;

    /// <summary>A reader over a whole stream.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> without the marking bit.</exception>
    public BackwardBitReader(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source[^1] == 0)
            throw ZstdFrame.Malformed();
        _source = source;
        Remaining = ((source.Length - 1) * 8) + BitOperations.Log2(source[^1]);
    }

    /// <summary>Bits not yet read; below zero when more were asked for than there are.</summary>
    public int Remaining { get; private set; }

    /// <summary>Reads up to 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Read(int count)
    {
        int value = Peek(count);
        Remaining -= count;
        return value;
    }

    /// <summary>The next up to 32 bits, without moving.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Peek(int count)
    {
        int start = Remaining - count;
        int at = start >> 3;
        if (start >= 0 && at + sizeof(ulong) <= _source.Length)
            return (int)((BinaryPrimitives.ReadUInt64LittleEndian(_source[at..]) >> (start & 7)) & ((1UL << count) - 1));
        return PeekAtEdge(count);
    }

    /// <summary>Moves past bits that were peeked at.</summary>
    public void Skip(int count) => Remaining -= count;

    private readonly int PeekAtEdge(int count)
    {
        ulong value = 0;
        for (int bit = Remaining - 1; bit >= Remaining - count; bit--)
            value = (value << 1) | (bit < 0 ? 0UL : (ulong)(_source[bit >> 3] >> (bit & 7)) & 1);
        return (int)value;
    }
}

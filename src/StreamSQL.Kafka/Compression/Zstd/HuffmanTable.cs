using System.Numerics;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// A Huffman decoding table for literals (RFC 8878, 4.2): indexed by the next bits, gives a symbol and the length of its code.
/// </summary>
internal sealed class HuffmanTable
{
    private const int MaxBits = 11;
    private const int MaxSymbols = 256;
    private const int MaxWeightAccuracyLog = 6;
    private const int DirectWeightsFrom = 128;

    private readonly byte[] _symbols;
    private readonly byte[] _lengths;
    private readonly int _bits;

    private HuffmanTable(int bits)
    {
        _bits = bits;
        _symbols = new byte[1 << bits];
        _lengths = new byte[1 << bits];
    }

    /// <summary>Reads a tree's description from the front of <paramref name="source"/> and moves past it.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when it is malformed.</exception>
    public static HuffmanTable Read(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
            throw ZstdFrame.Malformed();
        int header = source[0];
        source = source[1..];
        Span<byte> weights = stackalloc byte[MaxSymbols];
        int count = header < DirectWeightsFrom
            ? ReadCompressedWeights(ZstdFrame.Take(ref source, header), weights)
            : ReadDirectWeights(ref source, header - DirectWeightsFrom + 1, weights);
        return Build(weights, count);
    }

    /// <summary>Decodes a stream into exactly <paramref name="target"/>.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when the stream is longer or shorter.</exception>
    public void Decode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var bits = new BackwardBitReader(source);
        for (int i = 0; i < target.Length; i++)
        {
            int index = bits.Peek(_bits);
            target[i] = _symbols[index];
            bits.Skip(_lengths[index]);
        }
        if (bits.Remaining != 0)
            throw ZstdFrame.Malformed();
    }

    private static int ReadDirectWeights(ref ReadOnlySpan<byte> source, int count, scoped Span<byte> weights)
    {
        ReadOnlySpan<byte> nibbles = ZstdFrame.Take(ref source, (count + 1) / 2);
        for (int i = 0; i < count; i++)
            weights[i] = (byte)(i % 2 == 0 ? nibbles[i / 2] >> 4 : nibbles[i / 2] & 0xF);
        return count;
    }

    // Two states take turns until the bits run out; the state that could not be moved on still gives its symbol.
    private static int ReadCompressedWeights(ReadOnlySpan<byte> source, scoped Span<byte> weights)
    {
        var table = FseTable.Read(ref source, MaxSymbols - 1, MaxWeightAccuracyLog);
        var bits = new BackwardBitReader(source);
        int state = bits.Read(table.AccuracyLog);
        int other = bits.Read(table.AccuracyLog);
        if (bits.Remaining < 0)
            throw ZstdFrame.Malformed();
        int count = 0;
        while (true)
        {
            // The last of the 256 weights is never written, and two may follow.
            if (count >= MaxSymbols - 2)
                throw ZstdFrame.Malformed();
            weights[count++] = table.Symbol(state);
            state = table.Next(state, ref bits);
            if (bits.Remaining < 0)
            {
                weights[count++] = table.Symbol(other);
                return count;
            }
            (state, other) = (other, state);
        }
    }

    // The weight of the last symbol is not written: it fills the sum up to a power of two.
    private static HuffmanTable Build(Span<byte> weights, int count)
    {
        int sum = 0;
        for (int i = 0; i < count; i++)
        {
            if (weights[i] > MaxBits)
                throw ZstdFrame.Malformed();
            sum += weights[i] == 0 ? 0 : 1 << (weights[i] - 1);
        }
        int bits = sum == 0 ? 0 : BitOperations.Log2((uint)sum) + 1;
        int rest = (1 << bits) - sum;
        if (bits is 0 or > MaxBits || !BitOperations.IsPow2(rest))
            throw ZstdFrame.Malformed();
        weights[count] = (byte)(BitOperations.Log2((uint)rest) + 1);
        var table = new HuffmanTable(bits);
        int at = 0;
        for (int weight = 1; weight <= bits; weight++)
        {
            for (int symbol = 0; symbol <= count; symbol++)
            {
                if (weights[symbol] != weight)
                    continue;
                int span = 1 << (weight - 1);
                table._symbols.AsSpan(at, span).Fill((byte)symbol);
                table._lengths.AsSpan(at, span).Fill((byte)(bits + 1 - weight));
                at += span;
            }
        }
        return at == table._symbols.Length ? table : throw ZstdFrame.Malformed();
    }
}

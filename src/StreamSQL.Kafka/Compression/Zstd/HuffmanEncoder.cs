using System.Buffers.Binary;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Encodes the literals of a block by a Huffman code made for them (RFC 8878, 4.2), when that is smaller. Only literals up to 128, that is
/// text, are encoded so: then the code's description is four bits for each.
/// </summary>
internal sealed class HuffmanEncoder
{
    private const int Symbols = 129;
    private const int MaxBits = 11;
    private const int MinLength = 64;
    private const int WeightsBias = 127;
    private const int JumpTableSize = 6;
    private const int MaxSingleStream = 1023;

    private readonly int[] _counts = new int[Symbols];
    private readonly byte[] _lengths = new byte[Symbols];
    private readonly ushort[] _codes = new ushort[Symbols];
    private readonly PriorityQueue<int, long> _queue = new();
    private readonly int[] _parents = new int[2 * Symbols];

    /// <summary>Writes the encoded literals, with the section's header; 0 when they should stay as they are.</summary>
    public int TryEncode(ReadOnlySpan<byte> literals, Span<byte> target)
    {
        if (literals.Length < MinLength || literals.ContainsAnyExceptInRange((byte)0, (byte)(Symbols - 1)))
            return 0;
        Array.Clear(_counts);
        foreach (byte literal in literals)
            _counts[literal]++;
        int last = Symbols - 1;
        while (_counts[last] == 0)
            last--;
        if (last == 0 || _counts[last] == literals.Length || EncodedBits() / 8 + Symbols > literals.Length)
            return 0;
        bool isSingle = literals.Length <= MaxSingleStream;
        int headerSize = isSingle ? 3 : literals.Length < 1 << 14 ? 4 : 5;
        int written = headerSize + WriteWeights(last, target[headerSize..]);
        written += isSingle ? WriteStream(literals, target[written..]) : WriteFourStreams(literals, target[written..]);
        if (written >= literals.Length)
            return 0;
        WriteHeader(literals.Length, written - headerSize, headerSize, target);
        return written;
    }

    private static void WriteHeader(int size, int compressedSize, int headerSize, Span<byte> target)
    {
        const int Compressed = 2;
        int format = headerSize switch { 3 => 0, 4 => 2, _ => 3 };
        int sizeBits = headerSize switch { 3 => 10, 4 => 14, _ => 18 };
        ulong header = Compressed | (ulong)format << 2 | (ulong)size << 4 | (ulong)compressedSize << (4 + sizeBits);
        for (int i = 0; i < headerSize; i++, header >>= 8)
            target[i] = (byte)header;
    }

    /// <summary>Chooses the code; returns how many bits the literals take.</summary>
    private long EncodedBits()
    {
        while (BuildLengths() > MaxBits)
        {
            // Rarer than it is worth its bits: even the counts out, and the longest codes become shorter.
            for (int symbol = 0; symbol < Symbols; symbol++)
                _counts[symbol] = _counts[symbol] == 0 ? 0 : (_counts[symbol] >> 2) + 1;
        }

        long bits = 0;
        for (int symbol = 0; symbol < Symbols; symbol++)
            bits += (long)_counts[symbol] * _lengths[symbol];
        return bits;
    }

    /// <summary>Huffman's algorithm; returns the length of the longest code.</summary>
    private int BuildLengths()
    {
        _queue.Clear();
        for (int symbol = 0; symbol < Symbols; symbol++)
        {
            if (_counts[symbol] > 0)
                _queue.Enqueue(symbol, ((long)_counts[symbol] << 16) | (uint)symbol);
        }
        int node = Symbols;
        while (_queue.TryDequeue(out int first, out long firstCount) && _queue.TryDequeue(out int second, out long secondCount))
        {
            _parents[first] = _parents[second] = node;
            _queue.Enqueue(node, (((firstCount >> 16) + (secondCount >> 16)) << 16) | (uint)node);
            node++;
        }
        int root = node - 1;
        int longest = 0;
        for (int symbol = 0; symbol < Symbols; symbol++)
        {
            int length = 0;
            for (int at = symbol; _counts[symbol] > 0 && at != root; at = _parents[at])
                length++;
            _lengths[symbol] = (byte)Math.Min(length, byte.MaxValue);
            longest = Math.Max(longest, length);
        }
        return longest;
    }

    /// <summary>Gives out the codes, and describes them by weights; the last symbol's follows from the others.</summary>
    private int WriteWeights(int last, Span<byte> target)
    {
        int longest = 0;
        foreach (byte length in _lengths)
            longest = Math.Max(longest, length);
        int position = 0;
        for (int weight = 1; weight <= longest; weight++)
        {
            for (int symbol = 0; symbol <= last; symbol++)
            {
                if (_lengths[symbol] != longest + 1 - weight)
                    continue;
                _codes[symbol] = (ushort)(position >> (weight - 1));
                position += 1 << (weight - 1);
            }
        }
        target[0] = (byte)(WeightsBias + last);
        for (int symbol = 0; symbol < last; symbol += 2)
            target[1 + (symbol / 2)] = (byte)(Weight(symbol, longest) << 4 | (symbol + 1 < last ? Weight(symbol + 1, longest) : 0));
        return 1 + ((last + 1) / 2);
    }

    private int Weight(int symbol, int longest) => _lengths[symbol] == 0 ? 0 : longest + 1 - _lengths[symbol];

    private int WriteStream(ReadOnlySpan<byte> literals, Span<byte> target)
    {
        var bits = new BitWriter(target);
        for (int i = literals.Length - 1; i >= 0; i--)
            bits.Write(_codes[literals[i]], _lengths[literals[i]]);
        return bits.Finish();
    }

    private int WriteFourStreams(ReadOnlySpan<byte> literals, Span<byte> target)
    {
        int part = (literals.Length + 3) / 4;
        int written = JumpTableSize;
        for (int stream = 0; stream < 4; stream++)
        {
            ReadOnlySpan<byte> piece = stream < 3 ? literals.Slice(stream * part, part) : literals[(3 * part)..];
            int size = WriteStream(piece, target[written..]);
            if (stream < 3)
                BinaryPrimitives.WriteUInt16LittleEndian(target[(2 * stream)..], (ushort)size);
            written += size;
        }
        return written;
    }
}

using System.Buffers.Binary;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// The LZ4 block format: sequences of a token (four bits of literal length, four of match length), literals, and a match by its distance.
/// </summary>
internal static class Lz4Block
{
    private const int MinMatch = LzMatchFinder.MinMatch;
    private const int MaxNibble = 15;

    /// <summary>The most bytes that <see cref="Compress"/> writes for so many bytes.</summary>
    public static int MaxCompressedSize(int length) => length + (length / 255) + 16;

    /// <summary>Appends the decompressed block. Matches may reach back to <paramref name="historyStart"/> in the target.</summary>
    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target, int historyStart, int maxSize)
    {
        int end = target.Length + Math.Min(maxSize, target.Room);
        int at = 0;
        while (true)
        {
            if (at >= source.Length)
                throw Malformed();
            int token = source[at++];
            int literals = ReadLength(source, token >> 4, ref at);
            if (literals > source.Length - at || literals > end - target.Length)
                throw Malformed();
            target.Append(source.Slice(at, literals));
            at += literals;
            if (at == source.Length)
                return; // the last sequence ends with its literals
            if (source.Length - at < 2)
                throw Malformed();
            int distance = BinaryPrimitives.ReadUInt16LittleEndian(source[at..]);
            at += 2;
            int length = ReadLength(source, token & MaxNibble, ref at);
            if (distance == 0 || distance > target.Length - historyStart || length > end - target.Length - MinMatch)
                throw Malformed();
            target.AppendFromBack(distance, length + MinMatch);
        }
    }

    /// <summary>
    /// Compresses into <paramref name="output"/>, which holds <see cref="MaxCompressedSize"/> bytes; returns the bytes used. For
    /// <paramref name="places"/> see <see cref="LzMatchFinder"/>.
    /// </summary>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> output, int places = 1)
    {
        var finder = new LzMatchFinder(source, places);
        int written = 0;
        int anchor = 0;
        while (finder.MoveNext())
        {
            written += WriteLiterals(output[written..], source[anchor..finder.Start], Math.Min(finder.Length - MinMatch, MaxNibble));
            BinaryPrimitives.WriteUInt16LittleEndian(output[written..], (ushort)finder.Distance);
            written += 2;
            written += WriteLength(output[written..], finder.Length - MinMatch);
            anchor = finder.Start + finder.Length;
        }
        finder.Dispose();
        return written + WriteLiterals(output[written..], source[anchor..], 0);
    }

    // A nibble of 15 continues in bytes that are added up, until one is below 255.
    private static int ReadLength(ReadOnlySpan<byte> source, int nibble, ref int at)
    {
        if (nibble < MaxNibble)
            return nibble;
        long length = nibble;
        byte more;
        do
        {
            if (at >= source.Length)
                throw Malformed();
            more = source[at++];
            length += more;
        }
        while (more == 255);
        return length <= int.MaxValue ? (int)length : throw Malformed();
    }

    private static int WriteLiterals(Span<byte> output, ReadOnlySpan<byte> literals, int matchNibble)
    {
        output[0] = (byte)(Math.Min(literals.Length, MaxNibble) << 4 | matchNibble);
        int at = 1 + WriteLength(output[1..], literals.Length);
        literals.CopyTo(output[at..]);
        return at + literals.Length;
    }

    private static int WriteLength(Span<byte> output, int length)
    {
        if (length < MaxNibble)
            return 0;
        int at = 0;
        for (length -= MaxNibble; length >= 255; length -= 255)
            output[at++] = 255;
        output[at++] = (byte)length;
        return at;
    }

    private static KafkaException Malformed() => RecordCompression.Corrupt("The LZ4 data is malformed.");
}

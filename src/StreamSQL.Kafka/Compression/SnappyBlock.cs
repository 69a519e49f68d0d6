using System.Buffers.Binary;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// The raw Snappy format: the length as a varint, then literals and copies, told apart by the low two bits of a tag byte.
/// </summary>
internal static class SnappyBlock
{
    private const int LiteralTag = 0;
    private const int Copy1Tag = 1;
    private const int Copy2Tag = 2;
    private const int MaxCopy = 64;

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        int at = 0;
        if (!VarInt.TryReadUInt32(source, ref at, out uint declared) || declared > (uint)target.Room)
            throw Malformed();
        int start = target.Length;
        int end = start + (int)declared;
        while (at < source.Length)
        {
            int tag = source[at++];
            if ((tag & 3) == LiteralTag)
                ReadLiteral(source, tag, ref at, target, end);
            else
                ReadCopy(source, tag, ref at, target, start, end);
        }
        if (target.Length != end)
            throw Malformed();
    }

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        Span<byte> output = target.GetSpan(VarInt.MaxSize32 + 32 + source.Length + (source.Length / 6));
        int written = VarInt.WriteUInt32(output, (uint)source.Length);
        var finder = new LzMatchFinder(source);
        int anchor = 0;
        while (finder.MoveNext())
        {
            written += WriteLiteral(output[written..], source[anchor..finder.Start]);
            written += WriteCopies(output[written..], finder.Distance, finder.Length);
            anchor = finder.Start + finder.Length;
        }
        finder.Dispose();
        written += WriteLiteral(output[written..], source[anchor..]);
        target.Advance(written);
    }

    private static void ReadLiteral(ReadOnlySpan<byte> source, int tag, ref int at, PooledBuffer target, int end)
    {
        long length = (tag >> 2) + 1;
        if (length > 60)
        {
            int bytes = (int)length - 60;
            if (bytes > source.Length - at)
                throw Malformed();
            length = 1L + ReadLittleEndian(source.Slice(at, bytes));
            at += bytes;
        }
        if (length > source.Length - at || length > end - target.Length)
            throw Malformed();
        target.Append(source.Slice(at, (int)length));
        at += (int)length;
    }

    private static void ReadCopy(ReadOnlySpan<byte> source, int tag, ref int at, PooledBuffer target, int start, int end)
    {
        int bytes = 1 << ((tag & 3) - 1);
        if (bytes > source.Length - at)
            throw Malformed();
        uint distance = ReadLittleEndian(source.Slice(at, bytes));
        at += bytes;
        int length = (tag >> 2) + 1;
        if ((tag & 3) == Copy1Tag)
        {
            distance |= (uint)(tag >> 5) << 8;
            length = ((tag >> 2) & 7) + 4;
        }
        if (distance == 0 || distance > (uint)(target.Length - start) || length > end - target.Length)
            throw Malformed();
        target.AppendFromBack((int)distance, length);
    }

    private static uint ReadLittleEndian(ReadOnlySpan<byte> bytes)
    {
        uint value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    private static int WriteLiteral(Span<byte> output, ReadOnlySpan<byte> literal)
    {
        if (literal.IsEmpty)
            return 0;
        int rest = literal.Length - 1;
        int at = 1;
        if (rest < 60)
        {
            output[0] = (byte)(rest << 2 | LiteralTag);
        }
        else
        {
            for (int value = rest; value > 0; value >>= 8)
                output[at++] = (byte)value;
            output[0] = (byte)((58 + at) << 2 | LiteralTag);
        }
        literal.CopyTo(output[at..]);
        return at + literal.Length;
    }

    private static int WriteCopies(Span<byte> output, int distance, int length)
    {
        int at = 0;
        for (; length > 0; at += 3)
        {
            int part = Math.Min(length, MaxCopy);
            output[at] = (byte)((part - 1) << 2 | Copy2Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(output[(at + 1)..], (ushort)distance);
            length -= part;
        }
        return at;
    }

    private static KafkaException Malformed() => RecordCompression.Corrupt("The snappy data is malformed.");
}

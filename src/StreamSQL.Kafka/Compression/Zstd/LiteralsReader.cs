using System.Buffers;
using System.Buffers.Binary;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Reads the literals section of a compressed block (RFC 8878, 3.1.1.3.1). Keeps the Huffman table for blocks that repeat it.
/// </summary>
internal sealed class LiteralsReader : IDisposable
{
    private const int JumpTableSize = 6;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ZstdFrame.MaxBlockSize);
    private HuffmanTable? _table;

    private enum Kind
    {
        Raw = 0,
        Rle = 1,
        Compressed = 2,
        Treeless = 3,
    }

    /// <summary>Forgets the table: a new frame begins.</summary>
    public void Reset() => _table = null;

    /// <summary>
    /// Reads the section at the front of <paramref name="source"/> and moves past it. The literals are valid until the next call.
    /// </summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when it is malformed.</exception>
    public ReadOnlySpan<byte> Read(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
            throw ZstdFrame.Malformed();
        var kind = (Kind)(source[0] & 3);
        int format = source[0] >> 2 & 3;
        return kind is Kind.Raw or Kind.Rle ? ReadPlain(ref source, kind, format) : ReadHuffman(ref source, kind, format);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private ReadOnlySpan<byte> ReadPlain(ref ReadOnlySpan<byte> source, Kind kind, int format)
    {
        // The size takes 5, 12 or 20 bits; a format whose low bit is clear has one bit only.
        int headerSize = format switch { 1 => 2, 3 => 3, _ => 1 };
        int sizeShift = headerSize == 1 ? 3 : 4;
        int size = (int)(ReadHeader(ref source, headerSize) >> sizeShift);
        if (size > ZstdFrame.MaxBlockSize)
            throw ZstdFrame.Malformed();
        if (kind == Kind.Raw)
            return ZstdFrame.Take(ref source, size);
        _buffer.AsSpan(0, size).Fill(ZstdFrame.Take(ref source, 1)[0]);
        return _buffer.AsSpan(0, size);
    }

    private ReadOnlySpan<byte> ReadHuffman(ref ReadOnlySpan<byte> source, Kind kind, int format)
    {
        int headerSize = format switch { 2 => 4, 3 => 5, _ => 3 };
        int sizeBits = format switch { 2 => 14, 3 => 18, _ => 10 };
        ulong header = ReadHeader(ref source, headerSize) >> 4;
        int size = (int)(header & ((1UL << sizeBits) - 1));
        int compressedSize = (int)(header >> sizeBits);
        if (size > ZstdFrame.MaxBlockSize)
            throw ZstdFrame.Malformed();
        ReadOnlySpan<byte> data = ZstdFrame.Take(ref source, compressedSize);
        if (kind == Kind.Compressed)
            _table = HuffmanTable.Read(ref data);
        if (_table is null)
            throw ZstdFrame.Malformed(); // repeats a table that there is not
        Span<byte> target = _buffer.AsSpan(0, size);
        if (format == 0)
            _table.Decode(data, target);
        else
            DecodeFourStreams(_table, data, target);
        return target;
    }

    private static void DecodeFourStreams(HuffmanTable table, ReadOnlySpan<byte> data, Span<byte> target)
    {
        ReadOnlySpan<byte> jumps = ZstdFrame.Take(ref data, JumpTableSize);
        int part = (target.Length + 3) / 4;
        if (part * 3 > target.Length)
            throw ZstdFrame.Malformed();
        for (int stream = 0; stream < 3; stream++)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(jumps[(2 * stream)..]);
            table.Decode(ZstdFrame.Take(ref data, size), target.Slice(stream * part, part));
        }
        table.Decode(data, target[(3 * part)..]);
    }

    private static ulong ReadHeader(ref ReadOnlySpan<byte> source, int size)
    {
        ReadOnlySpan<byte> bytes = ZstdFrame.Take(ref source, size);
        ulong header = 0;
        for (int i = size - 1; i >= 0; i--)
            header = header << 8 | bytes[i];
        return header;
    }
}

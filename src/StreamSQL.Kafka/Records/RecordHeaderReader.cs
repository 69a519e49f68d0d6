using System.Diagnostics.CodeAnalysis;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// A cursor over the headers of one record (KIP-82): name length (varint), UTF-8 name, value length (varint, -1 is null), value.
/// </summary>
public ref struct RecordHeaderReader
{
    private readonly ReadOnlySpan<byte> _source;
    private int _position;
    private int _remaining;

    /// <summary>A cursor over <paramref name="count"/> encoded headers.</summary>
    public RecordHeaderReader(ReadOnlySpan<byte> source, int count)
    {
        _source = source;
        _remaining = count;
    }

    /// <summary>The header's name, UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The header's value; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the header has a value.</summary>
    public bool HasValue { get; private set; }

    /// <summary>Moves to the next header; false after the last.</summary>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.CorruptMessage"/> when the bytes are not headers, or when bytes are left over.
    /// </exception>
    public bool MoveNext()
    {
        if (_remaining <= 0)
        {
            if (_position != _source.Length)
                ThrowCorrupt();
            return false;
        }
        int nameLength = ReadLength();
        if (nameLength < 0)
            ThrowCorrupt();
        Name = _source.Slice(_position, nameLength);
        _position += nameLength;
        int valueLength = ReadLength();
        HasValue = valueLength >= 0;
        Value = _source.Slice(_position, Math.Max(valueLength, 0));
        _position += Value.Length;
        _remaining--;
        return true;
    }

    private int ReadLength()
    {
        if (!VarInt.TryReadInt32(_source, ref _position, out int length) || length < -1 || length > _source.Length - _position)
            ThrowCorrupt();
        return length;
    }

    [DoesNotReturn]
    private static void ThrowCorrupt() => throw new KafkaException(ErrorCode.CorruptMessage, "A record holds malformed headers.");
}

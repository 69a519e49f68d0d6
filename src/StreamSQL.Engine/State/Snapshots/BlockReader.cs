using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamSQL.Engine.State.Snapshots;

/// <summary>Reads a snapshot block from front to back; every length is checked against what is left. Numbers are little-endian.</summary>
internal ref struct BlockReader(ReadOnlySpan<byte> block, long rowLimit)
{
    private ReadOnlySpan<byte> _rest = block;

    /// <summary>Whether everything is read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>What is not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>The next bytes.</summary>
    /// <exception cref="InvalidDataException">There are fewer.</exception>
    public ReadOnlySpan<byte> Read(int length)
    {
        if ((uint)length > (uint)_rest.Length)
            throw new InvalidDataException("a snapshot's block ends too early");
        var bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }

    /// <summary>The next byte.</summary>
    public byte ReadByte() => Read(1)[0];

    /// <summary>The next INTEGER.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Read(sizeof(int)));

    /// <summary>The next BIGINT.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Read(sizeof(long)));

    /// <summary>The number of rows that follow; each has at least one byte.</summary>
    public int ReadRowCount()
    {
        var count = ReadInt32();
        return (uint)count <= (uint)_rest.Length ? count : throw new InvalidDataException($"a snapshot's block of {count} rows");
    }

    /// <summary>A number of rows to make room for; never more than the whole file can hold.</summary>
    public int ReadCapacity() => (int)Math.Clamp(ReadInt32(), 0, Math.Min(rowLimit, 1 << 30));

    /// <summary>The next values of a fixed size, copied.</summary>
    public void Read<T>(Span<T> target)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(target);
        Read(bytes.Length).CopyTo(bytes);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("snapshots are little-endian");
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State.Snapshots;

/// <summary>How snapshot blocks are written; <see cref="BlockReader"/> reads them.</summary>
internal static class BlockWriting
{
    /// <summary>Appends an INTEGER.</summary>
    public static void WriteInt32(this ByteWriter block, int value) =>
        BinaryPrimitives.WriteInt32LittleEndian(block.Append(sizeof(int)), value);

    /// <summary>Appends a BIGINT.</summary>
    public static void WriteInt64(this ByteWriter block, long value) =>
        BinaryPrimitives.WriteInt64LittleEndian(block.Append(sizeof(long)), value);

    /// <summary>Appends values of a fixed size as they lie in memory (little-endian).</summary>
    public static void WriteValues<T>(this ByteWriter block, ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).CopyTo(block.Append(checked(values.Length * Marshal.SizeOf<T>())));

    /// <summary>Appends the values of slots.</summary>
    public static void WriteSlots(this ByteWriter block, long[] values, ReadOnlySpan<int> slots)
    {
        var target = block.Append(checked(slots.Length * sizeof(long)));
        for (var i = 0; i < slots.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(target[(8 * i)..], values[slots[i]]);
    }
}

using System.Buffers.Binary;
using System.Numerics;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.Operators.ForeignKey;

/// <summary>
/// A hash of a row's values by which an answer knows whether the row is still the one that asked. It
/// stands in internal topics, so it never changes.
/// </summary>
internal sealed class RowHash
{
    private const uint FirstSeed = 0x9E3779B9;
    private const uint SecondSeed = 0x85EBCA6B;

    private readonly ByteWriter _row = new();

    /// <summary>The hash of a row.</summary>
    public long Of(ReadOnlySpan<Column> columns, int row)
    {
        _row.Clear();
        RowCodec.Write(_row, columns, row);
        ReadOnlySpan<byte> rest = _row.Written;
        var (first, second) = (FirstSeed + (uint)rest.Length, SecondSeed);
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            first = BitOperations.Crc32C(first, word);
            second = BitOperations.Crc32C(second, BitOperations.RotateLeft(word, 23) * 0x9E3779B97F4A7C15);
        }

        foreach (var value in rest)
        {
            first = BitOperations.Crc32C(first, value);
            second = BitOperations.Crc32C(second, value * 0x9E3779B1u);
        }

        return (long)(((ulong)second << 32) | first);
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.State;

/// <summary>
/// The order-preserving, self-delimiting form of one value inside a key. Numbers: big-endian with the sign bit flipped (doubles: all bits
/// flipped when negative; -0 is 0, every NaN is one, above all). Intervals: what is compared, so 1 month and 30 days are one key. jsonb and
/// numeric: their order's bytes. Bytes: each 0 as 0 255, then 0 0. Lists: per element a 1, then the element (0 for null inside a 1), then a
/// 0. Maps: the entries' encodings in ascending order, as a list. Structs: field after field, each with a null byte.
/// </summary>
internal static class KeyValueCodec
{
    private const long SignBit = long.MinValue;

    /// <summary>Writes a value that is not null.</summary>
    public static void Write(Column column, int row, KeyBatch target)
    {
        switch (column)
        {
            case FixedColumn<byte> booleans:
                target.Reserve(1)[0] = booleans.Values[row];
                break;
            case FixedColumn<int> integers:
                BinaryPrimitives.WriteInt32BigEndian(target.Reserve(4), integers.Values[row] ^ int.MinValue);
                break;
            case FixedColumn<long> longs:
                BinaryPrimitives.WriteInt64BigEndian(target.Reserve(8), longs.Values[row] ^ SignBit);
                break;
            case FixedColumn<double> doubles:
                BinaryPrimitives.WriteInt64BigEndian(target.Reserve(8), OrderedBits(doubles.Values[row]));
                break;
            case FixedColumn<Int128> decimals:
                BinaryPrimitives.WriteInt128BigEndian(target.Reserve(16), decimals.Values[row] ^ Int128.MinValue);
                break;
            case FixedColumn<Interval> spans:
                BinaryPrimitives.WriteInt128BigEndian(target.Reserve(16), spans.Values[row].Total ^ Int128.MinValue);
                break;
            case BytesColumn { Type.Kind: SqlTypeKind.Jsonb } jsonb:
                WriteBytes(JsonbOrder.ToBytes(jsonb[row]), target);
                break;
            case BytesColumn { Type.Kind: SqlTypeKind.Numeric } numbers:
                WriteNumeric(numbers[row], target);
                break;
            case BytesColumn bytes:
                WriteBytes(bytes[row], target);
                break;
            case ArrayColumn array:
                WriteArray(array, row, target);
                break;
            case MapColumn map:
                WriteMap(map, row, target);
                break;
            case StructColumn @struct:
                foreach (var field in @struct.Fields)
                    WriteNullable(field, row, target);
                break;
        }
    }

    /// <summary>
    /// Whether values that are equal may look different (1 month, 30 days; 1.0, 1.00), so that a key
    /// says no more how a value was written and cannot be read back.
    /// </summary>
    public static bool LosesForm(SqlType type) => type.Kind == SqlTypeKind.Interval || type.HasOwnOrder
        || (type.Element is { } element && LosesForm(element)) || type.Fields.Any(static field => LosesForm(field.Type));

    /// <summary>Reads what <see cref="Write"/> wrote into a row; not of types that lose their form.</summary>
    /// <exception cref="InvalidDataException">The bytes end too early.</exception>
    public static void Read(ref KeyReader reader, Column column, int row)
    {
        switch (column)
        {
            case FixedColumn<byte> booleans:
                booleans.Values[row] = reader.ReadByte();
                break;
            case FixedColumn<int> integers:
                integers.Values[row] = BinaryPrimitives.ReadInt32BigEndian(reader.Read(4)) ^ int.MinValue;
                break;
            case FixedColumn<long> longs:
                longs.Values[row] = BinaryPrimitives.ReadInt64BigEndian(reader.Read(8)) ^ SignBit;
                break;
            case FixedColumn<double> doubles:
                doubles.Values[row] = FromOrderedBits(BinaryPrimitives.ReadInt64BigEndian(reader.Read(8)));
                break;
            case FixedColumn<Int128> decimals:
                decimals.Values[row] = BinaryPrimitives.ReadInt128BigEndian(reader.Read(16)) ^ Int128.MinValue;
                break;
            case BytesColumn bytes:
                ReadBytes(ref reader, bytes, row);
                break;
            case ArrayColumn array:
                ReadArray(ref reader, array, row);
                break;
            case MapColumn map:
                ReadMap(ref reader, map, row);
                break;
            case StructColumn @struct:
                foreach (var field in @struct.Fields)
                    ReadNullable(ref reader, field, row);
                break;
        }
    }

    private static long OrderedBits(double value)
    {
        if (value == 0)
            value = 0;
        if (double.IsNaN(value))
            value = double.NaN;
        var bits = BitConverter.DoubleToInt64Bits(value) & (double.IsNaN(value) ? long.MaxValue : -1);
        return bits < 0 ? ~bits : bits ^ SignBit;
    }

    private static double FromOrderedBits(long bits) => BitConverter.Int64BitsToDouble(bits < 0 ? bits ^ SignBit : ~bits);

    private static void WriteNumeric(ReadOnlySpan<byte> value, KeyBatch target)
    {
        var bound = NumericColumns.OrderedBound(value);
        var room = bound == NumericColumns.SmallOrderedBytes ? stackalloc byte[NumericColumns.SmallOrderedBytes] : new byte[bound];
        var written = room[..NumericColumns.WriteOrdered(value, room)];
        written.CopyTo(target.Reserve(written.Length));
    }

    /// <summary>Writes bytes without what ends them: values that begin with them begin so.</summary>
    public static void WriteOpenBytes(ReadOnlySpan<byte> value, KeyBatch target)
    {
        for (var zero = value.IndexOf((byte)0); zero >= 0; zero = value.IndexOf((byte)0))
        {
            value[..(zero + 1)].CopyTo(target.Reserve(zero + 1));
            target.Reserve(1)[0] = byte.MaxValue;
            value = value[(zero + 1)..];
        }

        value.CopyTo(target.Reserve(value.Length));
    }

    private static void WriteBytes(ReadOnlySpan<byte> value, KeyBatch target)
    {
        WriteOpenBytes(value, target);
        target.Reserve(2).Clear();
    }

    private static void ReadBytes(ref KeyReader reader, BytesColumn column, int row)
    {
        var length = reader.EscapedLength();
        var value = column.Allocate(row, length);
        for (var i = 0; i < length; i++)
        {
            value[i] = reader.ReadByte();
            if (value[i] == 0)
                reader.ReadByte();
        }

        reader.Read(2);
    }

    private static void WriteNullable(Column column, int row, KeyBatch target)
    {
        var isNull = column.IsNull(row);
        target.Reserve(1)[0] = isNull ? (byte)0 : (byte)1;
        if (!isNull)
            Write(column, row, target);
    }

    private static void ReadNullable(ref KeyReader reader, Column column, int row)
    {
        if (reader.ReadByte() == 0)
            column.SetNull(row);
        else
            Read(ref reader, column, row);
    }

    private static void WriteArray(ArrayColumn array, int row, KeyBatch target)
    {
        for (var e = array.Starts[row]; e < array.Starts[row] + array.Lengths[row]; e++)
        {
            target.Reserve(1)[0] = 1;
            WriteNullable(array.Elements, e, target);
        }

        target.Reserve(1)[0] = 0;
    }

    private static void ReadArray(ref KeyReader reader, ArrayColumn array, int row)
    {
        // The element count is not written: it is found by reading into a spare row first.
        var counter = reader;
        var spare = Column.Create(array.Type.Element!);
        var length = 0;
        for (; counter.ReadByte() != 0; length++)
        {
            spare.Reset(1);
            ReadNullable(ref counter, spare, 0);
        }

        var start = array.Allocate(row, length);
        for (var e = 0; e < length; e++)
        {
            reader.ReadByte();
            ReadNullable(ref reader, array.Elements, start + e);
        }

        reader.ReadByte();
    }

    private static void WriteMap(MapColumn map, int row, KeyBatch target)
    {
        var entries = new byte[map.Lengths[row]][];
        var scratch = new KeyBatch();
        scratch.Begin(entries.Length);
        for (var e = 0; e < entries.Length; e++)
        {
            var start = scratch.Written;
            Write(map.Keys, map.Starts[row] + e, scratch);
            WriteNullable(map.Values, map.Starts[row] + e, scratch);
            scratch.End(e, start);
            entries[e] = scratch[e].ToArray();
        }

        Array.Sort(entries, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (var entry in entries)
        {
            target.Reserve(1)[0] = 1;
            entry.CopyTo(target.Reserve(entry.Length));
        }

        target.Reserve(1)[0] = 0;
    }

    private static void ReadMap(ref KeyReader reader, MapColumn map, int row)
    {
        var counter = reader;
        var key = Column.Create(map.Type.Key!);
        var value = Column.Create(map.Type.Element!);
        var length = 0;
        for (; counter.ReadByte() != 0; length++)
        {
            key.Reset(1);
            value.Reset(1);
            Read(ref counter, key, 0);
            ReadNullable(ref counter, value, 0);
        }

        var start = map.Allocate(row, length);
        for (var e = 0; e < length; e++)
        {
            reader.ReadByte();
            Read(ref reader, map.Keys, start + e);
            ReadNullable(ref reader, map.Values, start + e);
        }

        reader.ReadByte();
    }
}

/// <summary>Reads an encoded key from front to back; every read is checked against what is left.</summary>
internal ref struct KeyReader(ReadOnlySpan<byte> key)
{
    private ReadOnlySpan<byte> _rest = key;

    /// <summary>The next bytes.</summary>
    /// <exception cref="InvalidDataException">There are fewer.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Read(int count)
    {
        if (count > _rest.Length)
            throw new InvalidDataException("an encoded key ends too early");
        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    /// <summary>The next byte.</summary>
    public byte ReadByte() => Read(1)[0];

    /// <summary>All that is left.</summary>
    public ReadOnlySpan<byte> ReadRest() => Read(_rest.Length);

    /// <summary>How many bytes the escaped text has that comes next.</summary>
    public readonly int EscapedLength()
    {
        var length = 0;
        for (var i = 0; i + 1 < _rest.Length; i++, length++)
        {
            if (_rest[i] != 0)
                continue;
            if (_rest[i + 1] == 0)
                return length;
            i++;
        }

        throw new InvalidDataException("an encoded text has no end");
    }

    /// <summary>Checks that nothing is left.</summary>
    /// <exception cref="InvalidDataException">Something is.</exception>
    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            throw new InvalidDataException("an encoded key is too long");
    }
}

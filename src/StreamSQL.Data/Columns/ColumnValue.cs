using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>
/// Equality, order and hash of single values in columns of the same type, nested ones too. For cold paths: the type is asked at each call.
/// </summary>
public static class ColumnValue
{
    /// <summary>Whether two values are equal; two nulls are. Struct fields go by position, map entries by key, NaN equals NaN.</summary>
    public static bool AreEqual(Column left, int leftRow, Column right, int rightRow)
    {
        if (left.IsNull(leftRow) || right.IsNull(rightRow))
            return left.IsNull(leftRow) == right.IsNull(rightRow);
        leftRow = left.Physical(leftRow);
        rightRow = right.Physical(rightRow);
        return (left, right) switch
        {
            (FixedColumn<byte> l, FixedColumn<byte> r) => l.Values[leftRow] == r.Values[rightRow],
            (FixedColumn<int> l, FixedColumn<int> r) => l.Values[leftRow] == r.Values[rightRow],
            (FixedColumn<long> l, FixedColumn<long> r) => l.Values[leftRow] == r.Values[rightRow],
            (FixedColumn<double> l, FixedColumn<double> r) => l.Values[leftRow].Equals(r.Values[rightRow]),
            (FixedColumn<Int128> l, FixedColumn<Int128> r) => l.Values[leftRow] == r.Values[rightRow],
            (FixedColumn<Interval> l, FixedColumn<Interval> r) => l.Values[leftRow] == r.Values[rightRow],
            (BytesColumn l, BytesColumn r) when l.Type.HasOwnOrder => CompareOwn(l, leftRow, r, rightRow) == 0,
            (BytesColumn l, BytesColumn r) => l[leftRow].SequenceEqual(r[rightRow]),
            (ArrayColumn l, ArrayColumn r) => ArraysEqual(l, leftRow, r, rightRow),
            (MapColumn l, MapColumn r) => MapsEqual(l, leftRow, r, rightRow),
            (StructColumn l, StructColumn r) => StructsEqual(l, leftRow, r, rightRow),
            _ => false,
        };
    }

    /// <summary>
    /// Compares two values that are not null: negative, zero or positive. NaN is the largest DOUBLE and equal to itself; text compares by
    /// code point; arrays and structs element by element, nulls last.
    /// </summary>
    /// <exception cref="InvalidOperationException">The values are maps, or of different kinds.</exception>
    public static int Compare(Column left, int leftRow, Column right, int rightRow)
    {
        leftRow = left.Physical(leftRow);
        rightRow = right.Physical(rightRow);
        return (left, right) switch
        {
            (FixedColumn<byte> l, FixedColumn<byte> r) => l.Values[leftRow].CompareTo(r.Values[rightRow]),
            (FixedColumn<int> l, FixedColumn<int> r) => l.Values[leftRow].CompareTo(r.Values[rightRow]),
            (FixedColumn<long> l, FixedColumn<long> r) => l.Values[leftRow].CompareTo(r.Values[rightRow]),
            (FixedColumn<double> l, FixedColumn<double> r) => CompareDoubles(l.Values[leftRow], r.Values[rightRow]),
            (FixedColumn<Int128> l, FixedColumn<Int128> r) => l.Values[leftRow].CompareTo(r.Values[rightRow]),
            (FixedColumn<Interval> l, FixedColumn<Interval> r) => l.Values[leftRow].CompareTo(r.Values[rightRow]),
            (BytesColumn l, BytesColumn r) when l.Type.HasOwnOrder => CompareOwn(l, leftRow, r, rightRow),
            (BytesColumn l, BytesColumn r) => l[leftRow].SequenceCompareTo(r[rightRow]),
            (ArrayColumn l, ArrayColumn r) => CompareArrays(l, leftRow, r, rightRow),
            (StructColumn l, StructColumn r) => CompareStructs(l, leftRow, r, rightRow),
            _ => throw new InvalidOperationException($"Values of type {left.Type} and {right.Type} have no order."),
        };
    }

    /// <summary>The order of doubles in SQL: as IEEE 754, but NaN is the largest and equal to itself.</summary>
    public static int CompareDoubles(double left, double right)
    {
        if (left < right)
            return -1;
        if (left > right)
            return 1;
        return left == right ? 0 : double.IsNaN(left).CompareTo(double.IsNaN(right));
    }

    /// <summary>A hash of a value, the same for equal values of equal types; 0 for null. The same in every process.</summary>
    public static ulong Hash(Column column, int row)
    {
        if (column.IsNull(row))
            return 0;
        row = column.Physical(row);
        return column switch
        {
            FixedColumn<byte> c => Mix(c.Values[row]),
            FixedColumn<int> c => Mix((ulong)c.Values[row]),
            FixedColumn<long> c => Mix((ulong)c.Values[row]),
            FixedColumn<double> c => Mix(HashBits(c.Values[row])),
            FixedColumn<Int128> c => HashWide(c.Values[row]),
            FixedColumn<Interval> c => HashWide(c.Values[row].Total),
            BytesColumn { Type.Kind: SqlTypeKind.Jsonb } c => HashBytes(JsonbOrder.ToBytes(c[row])),
            BytesColumn { Type.Kind: SqlTypeKind.Numeric } c => HashNumeric(c[row]),
            BytesColumn c => HashBytes(c[row]),
            ArrayColumn c => HashElements(c, row),
            MapColumn c => HashEntries(c, row),
            StructColumn c => HashFields(c, row),
            _ => 0,
        };
    }

    /// <summary>A hash of bytes (FNV-1a over 8 bytes at a time, then mixed).</summary>
    internal static ulong HashBytes(ReadOnlySpan<byte> bytes)
    {
        const ulong Prime = 0x100000001b3;
        var hash = 0xcbf29ce484222325 ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = (hash ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Prime;
        foreach (var b in bytes)
            hash = (hash ^ b) * Prime;
        return Mix(hash);
    }

    /// <summary>Spreads the bits (the finaliser of MurmurHash3).</summary>
    internal static ulong Mix(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51afd7ed558ccd;
        value ^= value >> 33;
        value *= 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }

    private static int CompareOwn(BytesColumn left, int leftRow, BytesColumn right, int rightRow) => left.Type.Kind == SqlTypeKind.Numeric
        ? NumericColumns.Compare(left[leftRow], right[rightRow])
        : JsonbOrder.Compare(left[leftRow], right[rightRow]);

    private static ulong HashNumeric(ReadOnlySpan<byte> value)
    {
        var bound = NumericColumns.OrderedBound(value);
        var room = bound == NumericColumns.SmallOrderedBytes ? stackalloc byte[NumericColumns.SmallOrderedBytes] : new byte[bound];
        return HashBytes(room[..NumericColumns.WriteOrdered(value, room)]);
    }

    private static ulong HashWide(Int128 value) => Mix((ulong)value ^ Mix((ulong)(value >> 64)));

    private static ulong HashBits(double value) =>
        value == 0 ? 0UL : double.IsNaN(value) ? 1UL : (ulong)BitConverter.DoubleToInt64Bits(value);

    private static bool ArraysEqual(ArrayColumn left, int leftRow, ArrayColumn right, int rightRow)
    {
        if (left.Lengths[leftRow] != right.Lengths[rightRow])
            return false;
        for (var i = 0; i < left.Lengths[leftRow]; i++)
        {
            if (!AreEqual(left.Elements, left.Starts[leftRow] + i, right.Elements, right.Starts[rightRow] + i))
                return false;
        }

        return true;
    }

    private static bool MapsEqual(MapColumn left, int leftRow, MapColumn right, int rightRow)
    {
        if (left.Lengths[leftRow] != right.Lengths[rightRow])
            return false;
        for (var i = 0; i < left.Lengths[leftRow]; i++)
        {
            var entry = left.Starts[leftRow] + i;
            var other = FindKey(right, rightRow, left.Keys, entry);
            if (other < 0 || !AreEqual(left.Values, entry, right.Values, other))
                return false;
        }

        return true;
    }

    /// <summary>The entry of a row whose key equals a key of another column; -1 when there is none.</summary>
    internal static int FindKey(MapColumn map, int row, Column keys, int keyRow)
    {
        for (var i = map.Starts[row]; i < map.Starts[row] + map.Lengths[row]; i++)
        {
            if (AreEqual(map.Keys, i, keys, keyRow))
                return i;
        }

        return -1;
    }

    private static bool StructsEqual(StructColumn left, int leftRow, StructColumn right, int rightRow)
    {
        if (left.Fields.Length != right.Fields.Length)
            return false;
        for (var i = 0; i < left.Fields.Length; i++)
        {
            if (!AreEqual(left.Fields[i], leftRow, right.Fields[i], rightRow))
                return false;
        }

        return true;
    }

    private static int CompareArrays(ArrayColumn left, int leftRow, ArrayColumn right, int rightRow)
    {
        var common = Math.Min(left.Lengths[leftRow], right.Lengths[rightRow]);
        for (var i = 0; i < common; i++)
        {
            var order = CompareNullsLast(left.Elements, left.Starts[leftRow] + i, right.Elements, right.Starts[rightRow] + i);
            if (order != 0)
                return order;
        }

        return left.Lengths[leftRow].CompareTo(right.Lengths[rightRow]);
    }

    private static int CompareStructs(StructColumn left, int leftRow, StructColumn right, int rightRow)
    {
        for (var i = 0; i < left.Fields.Length && i < right.Fields.Length; i++)
        {
            var order = CompareNullsLast(left.Fields[i], leftRow, right.Fields[i], rightRow);
            if (order != 0)
                return order;
        }

        return 0;
    }

    private static int CompareNullsLast(Column left, int leftRow, Column right, int rightRow)
    {
        var leftNull = left.IsNull(leftRow);
        var rightNull = right.IsNull(rightRow);
        return leftNull || rightNull ? leftNull.CompareTo(rightNull) : Compare(left, leftRow, right, rightRow);
    }

    private static ulong HashElements(ArrayColumn column, int row)
    {
        var hash = (ulong)column.Lengths[row];
        for (var i = 0; i < column.Lengths[row]; i++)
            hash = Mix(hash ^ Hash(column.Elements, column.Starts[row] + i));
        return hash;
    }

    private static ulong HashEntries(MapColumn column, int row)
    {
        var hash = (ulong)column.Lengths[row];
        for (var i = column.Starts[row]; i < column.Starts[row] + column.Lengths[row]; i++)
            hash += Mix(Hash(column.Keys, i) ^ Hash(column.Values, i));
        return hash;
    }

    private static ulong HashFields(StructColumn column, int row)
    {
        var hash = 0UL;
        foreach (var field in column.Fields)
            hash = Mix(hash ^ Hash(field, row));
        return hash;
    }
}

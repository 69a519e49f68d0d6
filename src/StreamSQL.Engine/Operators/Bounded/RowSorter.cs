using System.Numerics;
using StreamSQL.Data.Columns;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>
/// Sorts row numbers by columns, stably. The keys of a row are packed into 64 bits as far as they fit: numbers take as many bits as their
/// range needs, text its first bytes. Where all keys and the row number fit, the packed values are sorted by radix; else they are compared
/// first, and the columns only where they are equal.
/// </summary>
internal sealed class RowSorter
{
    private const int KeyBits = 64;
    private const int DigitBits = 11;
    private const int MinRadixRows = 512;

    private ulong[] _packed = [];
    private ulong[] _scratch = [];
    private Entry[] _entries = [];

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => (8L * (_packed.Length + _scratch.Length)) + (16L * _entries.Length);

    /// <summary>Fills <paramref name="order"/> with rows 0..order.Length-1, sorted.</summary>
    /// <param name="columns">The key columns, the most significant first.</param>
    /// <param name="keys">Their directions.</param>
    /// <param name="order">The result.</param>
    public void Sort(IReadOnlyList<Column> columns, IReadOnlyList<SortKey> keys, Span<int> order)
    {
        var count = order.Length;
        if (count == 0)
            return;
        if (_packed.Length < count)
            _packed = new ulong[count];
        _packed.AsSpan(0, count).Clear();
        var used = 0;
        var compared = 0;
        for (; compared < columns.Count; compared++)
        {
            var code = SortCode.Create(columns[compared], keys[compared], count);
            if (code is null || code.Bits > KeyBits - used || !code.IsExact)
            {
                // Only the front of this key fits, if anything of it.
                if (code is not null && used < KeyBits)
                    used += code.Pack(_packed.AsSpan(0, count), KeyBits - used);
                break;
            }

            used += code.Pack(_packed.AsSpan(0, count), code.Bits);
        }

        var rowBits = KeyBits - BitOperations.LeadingZeroCount((ulong)(count - 1));
        if (compared == columns.Count && used + rowBits <= KeyBits)
            SortPacked(order, used, rowBits);
        else
            SortEntries(columns, keys, compared, order);
    }

    private void SortPacked(Span<int> order, int keyBits, int rowBits)
    {
        var packed = _packed.AsSpan(0, order.Length);
        if (order.Length < MinRadixRows)
        {
            for (var row = 0; row < packed.Length; row++)
                packed[row] = (rowBits == 0 ? 0 : packed[row] << rowBits) | (uint)row;
            packed.Sort();
        }
        else
        {
            // The low bits are the row number already in order: a stable sort need not look at them.
            for (var row = 0; row < packed.Length; row++)
                packed[row] = (packed[row] << rowBits) | (uint)row;
            packed = SortByRadix(packed, rowBits, keyBits + rowBits);
        }

        var mask = (1UL << rowBits) - 1;
        for (var i = 0; i < order.Length; i++)
            order[i] = (int)(packed[i] & mask);
    }

    private Span<ulong> SortByRadix(Span<ulong> values, int fromBit, int toBit)
    {
        if (_scratch.Length < values.Length)
            _scratch = new ulong[values.Length];
        var target = _scratch.AsSpan(0, values.Length);
        Span<int> starts = stackalloc int[1 << DigitBits];
        for (var shift = fromBit; shift < toBit; shift += DigitBits)
        {
            starts.Clear();
            foreach (var value in values)
                starts[(int)(value >> shift) & ((1 << DigitBits) - 1)]++;
            if (starts[(int)(values[0] >> shift) & ((1 << DigitBits) - 1)] == values.Length)
                continue;
            var sum = 0;
            foreach (ref var start in starts)
                (start, sum) = (sum, sum + start);
            foreach (var value in values)
                target[starts[(int)(value >> shift) & ((1 << DigitBits) - 1)]++] = value;
            var swap = values;
            values = target;
            target = swap;
        }

        return values;
    }

    private void SortEntries(IReadOnlyList<Column> columns, IReadOnlyList<SortKey> keys, int firstCompared, Span<int> order)
    {
        if (_entries.Length < order.Length)
            _entries = new Entry[order.Length];
        var entries = _entries.AsSpan(0, order.Length);
        for (var row = 0; row < entries.Length; row++)
            entries[row] = new(_packed[row], row);
        var comparers = new KeyComparer[columns.Count - firstCompared];
        for (var i = 0; i < comparers.Length; i++)
            comparers[i] = new(columns[firstCompared + i], keys[firstCompared + i]);
        entries.Sort(new EntryComparer(comparers));
        for (var i = 0; i < order.Length; i++)
            order[i] = entries[i].Row;
    }

    private readonly record struct Entry(ulong Packed, int Row);

    private sealed class EntryComparer(KeyComparer[] keys) : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y)
        {
            if (x.Packed != y.Packed)
                return x.Packed < y.Packed ? -1 : 1;
            foreach (var key in keys)
            {
                var order = key.Compare(x.Row, y.Row);
                if (order != 0)
                    return order;
            }

            // The row number makes the sort stable.
            return x.Row.CompareTo(y.Row);
        }
    }

    private sealed class KeyComparer(Column column, SortKey key)
    {
        private readonly ColumnOrder _order = ColumnOrder.Create(column);

        public int Compare(int row, int otherRow)
        {
            var isNull = column.IsNull(row);
            var otherIsNull = column.IsNull(otherRow);
            if (isNull || otherIsNull)
                return key.NullsFirst ? otherIsNull.CompareTo(isNull) : isNull.CompareTo(otherIsNull);
            var order = _order.Compare(row, otherRow);
            return key.Descending ? -order : order;
        }
    }
}

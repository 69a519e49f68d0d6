using System.Numerics;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// The ends of RANGE frames with offsets: the first and last row whose sort key lies within the offset of the row's own. Rows with a null
/// key are each other's frame. Each end is found by walking forward, so all frames of a partition cost one pass.
/// </summary>
internal abstract class RangeEdges
{
    /// <summary>Whether the order is descending.</summary>
    public required bool Descending { get; init; }

    /// <summary>Creates the ends for a sort key.</summary>
    /// <param name="type">The key's type.</param>
    /// <param name="start">The value of the start's offset, in the form of literals; null where it has none.</param>
    /// <param name="end">The value of the end's offset.</param>
    /// <param name="startType">The type of the start's offset.</param>
    /// <param name="endType">The type of the end's offset.</param>
    /// <param name="descending">Whether the order is descending.</param>
    public static RangeEdges Create(SqlType type, object? start, object? end, SqlType? startType, SqlType? endType, bool descending)
    {
        if (type.Kind == SqlTypeKind.Double)
            return new OfNumbers<double>((double)(start ?? 0d), (double)(end ?? 0d),
                static (column, row, _) => ((FixedColumn<double>)column)[row]) { Descending = descending };
        if (type.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz
            or SqlTypeKind.PlainTimestamp
            or SqlTypeKind.Interval or SqlTypeKind.PlainTime)
            return new TimeRangeEdges((Interval)(start ?? default(Interval)), (Interval)(end ?? default(Interval)))
                { Descending = descending };
        if (type.Kind == SqlTypeKind.Numeric || startType?.Kind == SqlTypeKind.Numeric || endType?.Kind == SqlTypeKind.Numeric)
            return new NumericRangeEdges(NumericRangeEdges.Offset(start, startType), NumericRangeEdges.Offset(end, endType))
                { Descending = descending };
        var scale = Math.Max(type.Scale, Math.Max(startType?.Scale ?? 0, endType?.Scale ?? 0));
        var factor = DecimalMath.PowerOfTen(scale - type.Scale);
        return new OfNumbers<Int128>(Whole(start, startType, scale), Whole(end, endType, scale), WholeKey, factor)
            { Descending = descending };
    }

    /// <summary>Takes in the keys of rows.</summary>
    public abstract void Read(Column keys, int count);

    /// <summary>Finds one end of the frames of a partition.</summary>
    public abstract void Place(WindowPartitions partitions, int from, int to, bool isPreceding, bool isEnd, int[] edges);

    /// <summary>The rows whose key is not null: they lie together. The others get their peers as frame.</summary>
    protected static (int First, int Last) WithoutNulls(Column keys, WindowPartitions partitions, int from, int to, bool isEnd, int[] edges)
    {
        var (first, last) = (from, to);
        while (first < to && keys.IsNull(first))
            first++;
        while (last > first && keys.IsNull(last - 1))
            last--;
        for (var row = from; row < to; row++)
        {
            if (row < first || row >= last)
                edges[row] = isEnd ? partitions.PeerEnd[row] : partitions.PeerStart[row];
        }

        return (first, last);
    }

    private static Int128 Whole(object? value, SqlType? type, int scale) => value switch
    {
        null => 0,
        int number => number,
        long number => number,
        Int128 unscaled => unscaled * DecimalMath.PowerOfTen(scale - type!.Scale),
        _ => throw new InvalidOperationException($"an offset of RANGE cannot be a {value.GetType().Name}"),
    };

    private static Int128 WholeKey(Column column, int row, Int128 factor) => factor * column switch
    {
        FixedColumn<int> integers => integers[row],
        FixedColumn<long> longs => longs[row],
        _ => ((FixedColumn<Int128>)column)[row],
    };

    private sealed class OfNumbers<T>(T startOffset, T endOffset, Func<Column, int, T, T> read, T factor = default) : RangeEdges
        where T : struct, INumber<T>
    {
        private T[] _keys = [];
        private Column? _column;

        public override void Read(Column keys, int count)
        {
            if (T.IsNegative(startOffset) || T.IsNegative(endOffset) || T.IsNaN(startOffset) || T.IsNaN(endOffset))
                throw WindowErrors.InvalidRange();
            _column = keys;
            if (_keys.Length < count)
                _keys = new T[count];
            for (var row = 0; row < count; row++)
                _keys[row] = keys.IsNull(row) ? default : read(keys, row, factor);
        }

        public override void Place(WindowPartitions partitions, int from, int to, bool isPreceding, bool isEnd, int[] edges)
        {
            var (first, last) = WithoutNulls(_column!, partitions, from, to, isEnd, edges);
            var offset = isEnd ? endOffset : startOffset;
            if (isPreceding != Descending)
                offset = -offset;
            var edge = first;
            for (var row = first; row < last; row++)
            {
                var bound = Add(_keys[row], offset);
                while (edge < last && IsBefore(_keys[edge], bound, orEqual: isEnd))
                    edge++;
                edges[row] = edge;
            }
        }

        private static T Add(T key, T offset)
        {
            // Infinite keys stay where they are, and do not become NaN.
            var sum = key + offset;
            return T.IsNaN(sum) && !T.IsNaN(key) ? key : sum;
        }

        private bool IsBefore(T key, T bound, bool orEqual)
        {
            var order = Compare(key, bound);
            if (Descending)
                order = -order;
            return orEqual ? order <= 0 : order < 0;
        }

        private static int Compare(T left, T right) =>
            T.IsNaN(left) || T.IsNaN(right) ? T.IsNaN(left).CompareTo(T.IsNaN(right)) : left.CompareTo(right);
    }
}

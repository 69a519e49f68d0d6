using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>The ends of frames of RANGE whose sort key or offset is a numeric.</summary>
/// <param name="startOffset">How far the start is from the row.</param>
/// <param name="endOffset">How far the end is from the row.</param>
internal sealed class NumericRangeEdges(NumericValue startOffset, NumericValue endOffset) : RangeEdges
{
    private NumericValue[] _keys = [];
    private Column? _column;

    /// <summary>An offset in the form of literals as a numeric.</summary>
    public static NumericValue Offset(object? value, SqlType? type) => value switch
    {
        null => new(Int128.Zero, 0),
        NumericValue number => number,
        Int128 unscaled => new(unscaled, type!.Scale),
        _ => throw new InvalidOperationException($"an offset of RANGE cannot be a {value.GetType().Name}"),
    };

    /// <inheritdoc/>
    public override void Read(Column keys, int count)
    {
        if (startOffset.Sign < 0 || endOffset.Sign < 0 || startOffset.IsNaN || endOffset.IsNaN)
            throw WindowErrors.InvalidRange();
        _column = keys;
        if (_keys.Length < count)
            _keys = new NumericValue[count];
        for (var row = 0; row < count; row++)
            _keys[row] = keys.IsNull(row) ? default : Key(keys, row);
    }

    /// <inheritdoc/>
    public override void Place(WindowPartitions partitions, int from, int to, bool isPreceding, bool isEnd, int[] edges)
    {
        var (first, last) = WithoutNulls(_column!, partitions, from, to, isEnd, edges);
        var offset = isEnd ? endOffset : startOffset;
        if (isPreceding != Descending)
            offset = NumericMath.Negate(offset);
        var edge = first;
        for (var row = first; row < last; row++)
        {
            // Infinite keys stay where they are, and do not become NaN.
            var sum = NumericMath.Add(_keys[row], offset);
            var bound = sum.IsNaN ? _keys[row] : sum;
            while (edge < last && IsBefore(_keys[edge], bound, orEqual: isEnd))
                edge++;
            edges[row] = edge;
        }
    }

    private static NumericValue Key(Column column, int row) => column switch
    {
        BytesColumn numbers => NumericColumns.Get(numbers, row),
        _ => new(((FixedColumn<Int128>)column)[row], column.Type.Scale),
    };

    private bool IsBefore(in NumericValue key, in NumericValue bound, bool orEqual)
    {
        var order = NumericValue.Compare(key, bound);
        if (Descending)
            order = -order;
        return orEqual ? order <= 0 : order < 0;
    }
}

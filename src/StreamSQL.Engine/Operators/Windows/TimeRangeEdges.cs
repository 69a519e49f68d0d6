using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.DatesAndTimes;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// The ends of RANGE frames over dates, times, timestamps and intervals: offsets are intervals, whose months are those of the calendar.
/// </summary>
internal sealed class TimeRangeEdges(Interval startOffset, Interval endOffset) : RangeEdges
{
    private Int128[] _keys = [];
    private Column? _column;

    /// <inheritdoc/>
    public override void Read(Column keys, int count)
    {
        if (startOffset < default(Interval) || endOffset < default(Interval))
            throw WindowErrors.InvalidRange();
        _column = keys;
        if (_keys.Length < count)
            _keys = new Int128[count];
        for (var row = 0; row < count; row++)
            _keys[row] = keys.IsNull(row) ? 0 : Micros(keys, row);
    }

    /// <inheritdoc/>
    public override void Place(WindowPartitions partitions, int from, int to, bool isPreceding, bool isEnd, int[] edges)
    {
        var (first, last) = WithoutNulls(_column!, partitions, from, to, isEnd, edges);
        var goesBack = isPreceding != Descending;
        var edge = first;
        for (var row = first; row < last; row++)
        {
            var bound = Shift(_keys[row], isEnd ? endOffset : startOffset, goesBack);
            while (edge < last && IsBefore(_keys[edge], bound, orEqual: isEnd))
                edge++;
            edges[row] = edge;
        }
    }

    private static Int128 Micros(Column column, int row) => (column, column.Type.Kind) switch
    {
        (FixedColumn<int> days, SqlTypeKind.Date) => days[row] * (Int128)Interval.MicrosPerDay,
        (FixedColumn<int> times, _) => times[row] * 1000L,
        (FixedColumn<long> millis, SqlTypeKind.Timestamp) => millis[row] * (Int128)1000,
        (FixedColumn<long> micros, _) => micros[row],
        _ => ((FixedColumn<Interval>)column)[row].Total,
    };

    private Int128 Shift(Int128 key, Interval offset, bool goesBack)
    {
        var isOnCalendar = offset.Months != 0
            && _column!.Type.Kind is not (SqlTypeKind.Time or SqlTypeKind.PlainTime or SqlTypeKind.Interval);
        if (!isOnCalendar)
            return goesBack ? key - offset.Total : key + offset.Total;
        var span = goesBack && TimestampMath.TryNegate(offset, out var negative) ? negative : offset;
        var fits = key >= long.MinValue && key <= long.MaxValue;
        return fits && TimestampMath.TryAdd((long)key, span, out var bound) ? bound : goesBack ? Int128.MinValue : Int128.MaxValue;
    }

    private bool IsBefore(Int128 key, Int128 bound, bool orEqual)
    {
        var order = Descending ? bound.CompareTo(key) : key.CompareTo(bound);
        return orEqual ? order <= 0 : order < 0;
    }
}

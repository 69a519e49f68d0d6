using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.DatesAndTimes;

/// <summary>
/// (start, end) OVERLAPS (start, end) over microseconds; an end may be an interval from its start. A span holds its start and not its
/// end, but for one of no length, which is its start. NULL where the ends that are known do not decide.
/// </summary>
internal sealed class OverlapsKernel : ScalarKernel
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var zone = arguments[0].Type.Kind == SqlTypeKind.TimestampTz ? StatementClock.ZoneOf(context.Time) : TimeZoneInfo.Utc;
        foreach (var row in context.Rows)
        {
            var (start, end) = Span(arguments[0], arguments[1], row, zone);
            var (otherStart, otherEnd) = Span(arguments[2], arguments[3], row, zone);
            if (Overlap(start, end, otherStart, otherEnd) is { } answer)
                ((FixedColumn<byte>)result).Values[row] = answer ? (byte)1 : (byte)0;
            else
                result.SetNull(row);
        }
    }

    /// <summary>The ends in order; a single one that is known is the start.</summary>
    private static (long? Start, long? End) Span(Column first, Column second, int row, TimeZoneInfo zone)
    {
        var start = Value(first, row);
        var end = second is FixedColumn<Interval> lengths
            ? start is { } from && !lengths.IsNull(row) ? After(first.Type, from, lengths[row], zone) : null
            : Value(second, row);
        return start is null || end < start ? (end, start) : (start, end);
    }

    private static long? After(SqlType type, long start, Interval length, TimeZoneInfo zone) => type.Kind == SqlTypeKind.PlainTime
        ? CivilCalendar.FloorMod(start + (length.Micros % Interval.MicrosPerDay), Interval.MicrosPerDay)
        : TimestampMath.TryAddIn(zone, start, length, out var end) ? end : null;

    private static long? Value(Column column, int row) => column.IsNull(row) ? null : ((FixedColumn<long>)column)[row];

    private static bool? Overlap(long? start, long? end, long? otherStart, long? otherEnd)
    {
        if (start is not { } a || otherStart is not { } b)
            return null;
        if (a > b)
            return otherEnd is { } bEnd ? a < bEnd ? true : end is null ? null : false : null;
        if (a < b)
            return end is { } aEnd ? b < aEnd ? true : otherEnd is null ? null : false : null;
        return end is null || otherEnd is null ? null : true;
    }
}

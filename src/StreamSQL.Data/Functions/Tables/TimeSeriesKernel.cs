using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.DatesAndTimes;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>
/// generate_series of timestamps. A step of days and time alone gives any row by its number; with months each row follows from the one
/// before, as the day that a short month has taken away does not come back, and so it does with days of
/// a zone, which are not all of one length.
/// </summary>
internal sealed class TimeSeriesKernel(bool isInstant, TimeZoneInfo zone) : TableFunctionKernel
{
    /// <summary>Rows of a series whose rows follow from each other.</summary>
    private const long MaxCounted = 1_000_000;

    /// <inheritdoc/>
    public override TableFunctionKernel In(TimeProvider time) =>
        isInstant ? new TimeSeriesKernel(isInstant, StatementClock.ZoneOf(time)) : this;

    /// <inheritdoc/>
    public override long Count(ReadOnlySpan<Column> arguments, int row, EvaluationErrors errors)
    {
        if (HasNull(arguments, row))
            return 0;
        var (start, stop, step) = (Value(arguments[0], row), Value(arguments[1], row), ((FixedColumn<Interval>)arguments[2])[row]);
        if (step == default)
        {
            errors.Report(row, PostgresErrorCodes.InvalidParameterValue, "step size cannot equal zero");
            return 0;
        }

        var rises = step > default(Interval);
        if (IsBehind(start, stop, rises) || MicrosText.IsInfinite(start))
            return 0;
        if (IsEven(step))
        {
            var count = (((Int128)stop - start) / step.Total) + 1;
            return count > long.MaxValue ? long.MaxValue : (long)count;
        }

        var rows = 0L;
        for (var at = start; !IsBehind(at, stop, rises); rows++)
        {
            if (rows == MaxCounted)
            {
                errors.Report(row, PostgresErrorCodes.ProgramLimitExceeded,
                    $"a series with months, or with days of a zone, has at most {MaxCounted} rows");
                return 0;
            }

            if (!TimestampMath.TryAddIn(zone, at, step, out at))
                return rows + 1;
        }

        return rows;
    }

    /// <inheritdoc/>
    public override void Fill(ReadOnlySpan<Column> arguments, ReadOnlySpan<int> rows, ReadOnlySpan<long> ordinals, Column result)
    {
        var target = ((FixedColumn<long>)result).Values;
        var (lastRow, lastOrdinal, at) = (-1, 0L, 0L);
        for (var i = 0; i < rows.Length; i++)
        {
            if (HasNull(arguments, rows[i]))
            {
                result.SetNull(i);
                continue;
            }

            var (start, stop, step) = (Value(arguments[0], rows[i]), Value(arguments[1], rows[i]),
                ((FixedColumn<Interval>)arguments[2])[rows[i]]);
            if (rows[i] != lastRow || ordinals[i] < lastOrdinal)
                (lastRow, lastOrdinal, at) = (rows[i], 0, start);
            var isWithin = TryAdvance(ref at, step, ordinals[i] - lastOrdinal);
            lastOrdinal = ordinals[i];
            if (isWithin && !IsBehind(at, stop, step > default(Interval)))
                target[i] = at;
            else
                result.SetNull(i);
        }
    }

    /// <summary>Whether every step is as long as the others.</summary>
    private bool IsEven(Interval step) => step.Months == 0 && (step.Days == 0 || ReferenceEquals(zone, TimeZoneInfo.Utc));

    private bool TryAdvance(ref long at, Interval step, long times)
    {
        if (IsEven(step))
        {
            var sum = at + (step.Total * times);
            at = PostgresDates.IsTimestamp(sum) ? (long)sum : at;
            return PostgresDates.IsTimestamp(sum);
        }

        for (; times > 0; times--)
        {
            if (!TimestampMath.TryAddIn(zone, at, step, out at))
                return false;
        }

        return true;
    }

    private static bool IsBehind(long at, long stop, bool rises) => rises ? at > stop : at < stop;

    private static bool HasNull(ReadOnlySpan<Column> arguments, int row)
    {
        var isNull = false;
        foreach (var argument in arguments)
            isNull |= argument.IsNull(row);
        return isNull;
    }

    private static long Value(Column column, int row) => ((FixedColumn<long>)column)[row];
}

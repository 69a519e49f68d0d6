using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>
/// generate_series of whole numbers (<see cref="NumericSeriesKernel"/> has those of decimals, <see cref="TimeSeriesKernel"/> those of
/// timestamps): any of its rows is computed from its number, so a series needs no room.
/// </summary>
internal sealed class SeriesFunction : TableFunction
{
    /// <inheritdoc/>
    public override string Name => "GENERATE_SERIES";

    /// <inheritdoc/>
    public override FunctionDoc Doc => FunctionDocs.Create(
        "Table", "The values from the first argument to the second, both included, one or a given step apart.",
        ["generate_series(start, stop [, step]) -> INTEGER, BIGINT or numeric",
            "generate_series(timestamp, timestamp, step INTERVAL) -> timestamp"], []) with { Rules = RuleSet.Postgres };

    /// <inheritdoc/>
    public override bool IsIn(RuleSet rules) => rules == RuleSet.Postgres;

    /// <inheritdoc/>
    public override TableFunctionBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count is not (2 or 3))
            return null;
        if (arguments.Take(2).Any(IsTime))
        {
            if (arguments.Count != 3 || !arguments.Take(2).All(static type => IsTime(type) || type.Kind == SqlTypeKind.Unknown)
                || arguments[2].Kind is not (SqlTypeKind.Interval or SqlTypeKind.Unknown))
                return null;
            // Dates become instants, as PostgreSQL prefers them.
            var type = arguments.Take(2).All(static type => type.Kind is SqlTypeKind.PlainTimestamp or SqlTypeKind.Unknown)
                ? SqlType.PlainTimestamp
                : TypeCoercion.CommonType(arguments[0], arguments[1], rules) is { Kind: SqlTypeKind.PlainTimestamp } plain
                    ? plain : SqlType.TimestampTz;
            return new([type, type, SqlType.Interval], type, new TimeSeriesKernel(type.Kind == SqlTypeKind.TimestampTz, TimeZoneInfo.Utc));
        }

        var common = SqlType.Unknown;
        foreach (var type in arguments)
            common = TypeCoercion.CommonType(common, type, rules) ?? SqlType.Boolean;
        return common.Kind switch
        {
            SqlTypeKind.Varchar or SqlTypeKind.SmallInt
                when arguments.All(static type => type.Kind is SqlTypeKind.Unknown or SqlTypeKind.SmallInt) =>
                Of(SqlType.Integer, arguments.Count),
            SqlTypeKind.Integer or SqlTypeKind.BigInt => Of(common, arguments.Count),
            SqlTypeKind.Decimal or SqlTypeKind.Numeric =>
                new([.. arguments.Select(static type => Kernels.ExactNumbers.Parameter(type)!)], SqlType.Numeric,
                    new NumericSeriesKernel()),
            _ => null,
        };
    }

    private static bool IsTime(SqlType type) =>
        type.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.Date;

    private static TableFunctionBinding Of(SqlType type, int count) => new([.. Enumerable.Repeat(type, count)], type, new NumberKernel());

    private sealed class NumberKernel : TableFunctionKernel
    {
        /// <inheritdoc/>
        public override long Count(ReadOnlySpan<Column> arguments, int row, EvaluationErrors errors)
        {
            foreach (var argument in arguments)
            {
                if (argument.IsNull(row))
                    return 0;
            }

            var (start, stop, step) = (Value(arguments[0], row), Value(arguments[1], row), Step(arguments, row));
            if (step == 0)
            {
                errors.Report(row, PostgresErrorCodes.InvalidParameterValue, "step size cannot equal zero");
                return 0;
            }

            if (step > 0 ? start > stop : start < stop)
                return 0;
            var count = ((stop - start) / step) + 1;
            return count > long.MaxValue ? long.MaxValue : (long)count;
        }

        /// <inheritdoc/>
        public override void Fill(ReadOnlySpan<Column> arguments, ReadOnlySpan<int> rows, ReadOnlySpan<long> ordinals, Column result)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (HasNull(arguments, rows[i]))
                {
                    result.SetNull(i);
                    continue;
                }

                var (start, stop, step) = (Value(arguments[0], rows[i]), Value(arguments[1], rows[i]), Step(arguments, rows[i]));
                var isWithin = step != 0 && ordinals[i] <= Int128.MaxValue / 4 / Int128.Abs(step);
                var value = isWithin ? start + (ordinals[i] * step) : 0;
                if (!isWithin || (step > 0 ? value > stop : value < stop))
                    result.SetNull(i);
                else
                    Set(result, i, value);
            }
        }

        private static bool HasNull(ReadOnlySpan<Column> arguments, int row)
        {
            var isNull = false;
            foreach (var argument in arguments)
                isNull |= argument.IsNull(row);
            return isNull;
        }

        private static Int128 Step(ReadOnlySpan<Column> arguments, int row) => arguments.Length > 2 ? Value(arguments[2], row) : 1;

        private static Int128 Value(Column column, int row) => column switch
        {
            FixedColumn<int> c => c[row],
            _ => ((FixedColumn<long>)column)[row],
        };

        private static void Set(Column column, int row, Int128 value)
        {
            switch (column)
            {
                case FixedColumn<int> c:
                    c.Values[row] = (int)value;
                    break;
                default:
                    ((FixedColumn<long>)column).Values[row] = (long)value;
                    break;
            }
        }
    }
}

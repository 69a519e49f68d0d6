using System.Globalization;
using System.Numerics;
using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>Casts from and to numeric, by PostgreSQL's rules.</summary>
internal static class NumericCasts
{
    // .NET writes an infinity as a sign.
    private static readonly NumberFormatInfo s_names = new() { PositiveInfinitySymbol = "Infinity", NegativeInfinitySymbol = "-Infinity" };

    /// <summary>The cast from a type; null where there is none.</summary>
    public static ScalarKernel? To(SqlType from, SqlType numeric)
    {
        ScalarKernel? kernel = from.Kind switch
        {
            SqlTypeKind.Numeric when numeric.Precision == 0 => new CopyKernel(),
            SqlTypeKind.Double => new RowKernel<FromDouble>(),
            SqlTypeKind.Real => new RowKernel<FromReal>(),
            SqlTypeKind.Jsonb => new ChainKernel(new JsonbScalarKernel(numeric), SqlType.Varchar, new RowKernel<FromText>()),
            _ when TypeCoercion.IsText(from) => new RowKernel<FromText>(),
            _ => TypeCoercion.IsExact(from) ? new RowKernel<FromExact>() : null,
        };
        return kernel is null || numeric.Precision == 0 ? kernel
            : TypeCoercion.IsExact(from) ? new BoundNumericKernel(numeric)
            : new ChainKernel(kernel, SqlType.Numeric, new BoundNumericKernel(numeric));
    }

    /// <summary>The cast to a type; null where there is none.</summary>
    public static ScalarKernel? From(SqlType to) => to.Kind switch
    {
        SqlTypeKind.SmallInt => new NumericToIntegerKernel<short>("smallint"),
        SqlTypeKind.Integer => new NumericToIntegerKernel<int>("integer"),
        SqlTypeKind.BigInt => new NumericToIntegerKernel<long>("bigint"),
        SqlTypeKind.Double => new RowKernel<ToDouble>(),
        SqlTypeKind.Real =>
            new ChainKernel(new RowKernel<ToDouble>(), SqlType.Double, new CheckedUnaryKernel<double, double, DoubleToSingleChecked>()),
        SqlTypeKind.Decimal => new NumericToDecimalKernel(to),
        _ => TypeCoercion.IsText(to) ? new FormatNumericKernel() : null,
    };

    private readonly struct FromExact : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(call.Numeric(0));
    }

    /// <summary>The 15 digits that every double has.</summary>
    private readonly struct FromDouble : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Numbers.FromText(call.Double(0).ToString("G15", s_names)));
    }

    /// <summary>The six digits that every real has.</summary>
    private readonly struct FromReal : IRowFunction
    {
        public static void Apply(in RowCall call) => call.Return(Numbers.FromText(((float)call.Double(0)).ToString("G6", s_names)));
    }

    private readonly struct FromText : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var outcome = NumericText.TryParse(call.Text(0), out var value);
            if (outcome == ParseResult.Ok)
                call.Return(value);
            else if (outcome == ParseResult.OutOfRange)
                call.Fail(PostgresErrorCodes.NumericValueOutOfRange, Numbers.Overflow);
            else
                call.Fail(PostgresErrorCodes.InvalidTextRepresentation, TextErrors.Malformed("numeric", call.Text(0)));
        }
    }

    private readonly struct ToDouble : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var value = call.Numeric(0);
            var result = value.ToDouble();
            if (double.IsInfinity(result) && value.IsFinite)
                call.Fail(PostgresErrorCodes.NumericValueOutOfRange, "value out of range: overflow");
            else
                call.Return(result);
        }
    }

    private static class Numbers
    {
        public const string Overflow = "value overflows numeric format";

        public static NumericValue FromText(string text) =>
            NumericText.TryParse(Encoding.ASCII.GetBytes(text), out var value) == ParseResult.Ok
                ? value
                : throw new InvalidOperationException($"a double was written as {text}");
    }
}

/// <summary>
/// An exact number to numeric(p, s): rounded half away from zero; too many digits before the point are 22003. NaN passes, infinities do
/// not.
/// </summary>
internal sealed class BoundNumericKernel(SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        foreach (var row in context.Rows)
        {
            var value = NumericMath.Round(ExactNumbers.Get(arguments[0], row), type.Scale, NumericRounding.Nearest);
            if (value.IsInfinity || (value.IsFinite && !value.IsZero && NumericMath.Exponent(value) >= type.Precision - type.Scale))
                Overflow(context, row, result);
            else
                NumericColumns.Set((BytesColumn)result, row, value);
        }
    }

    private static void Overflow(in KernelContext context, int row, Column result)
    {
        context.Errors.Report(row, PostgresErrorCodes.NumericValueOutOfRange, "numeric field overflow");
        result.SetNull(row);
    }
}

/// <summary>numeric to a DECIMAL of a stream or table.</summary>
internal sealed class NumericToDecimalKernel(SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var target = ((FixedColumn<Int128>)result).Values;
        foreach (var row in context.Rows)
        {
            var value = NumericMath.Round(ExactNumbers.Get(arguments[0], row), type.Scale, NumericRounding.Nearest);
            if (!value.IsFinite)
                DecimalErrors.Special(context, row, result);
            else if (!value.IsSmall || !DecimalMath.Fits(value.Small, type.Precision))
                DecimalErrors.Overflow(context, row, result, type);
            else
                target[row] = value.Small;
        }
    }
}

/// <summary>numeric to an integer, to the nearest, halves away from zero.</summary>
internal sealed class NumericToIntegerKernel<T>(string typeName) : StrictKernel
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    private static readonly Int128 s_least = Int128.CreateChecked(T.MinValue);
    private static readonly Int128 s_most = Int128.CreateChecked(T.MaxValue);

    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        foreach (var row in context.Rows)
        {
            var value = NumericMath.Round(ExactNumbers.Get(arguments[0], row), 0, NumericRounding.Nearest);
            if (!value.IsFinite)
                Fail(context, row, result, PostgresErrorCodes.FeatureNotSupported, Special(value));
            else if (!value.IsSmall || value.Small < s_least || value.Small > s_most)
                Fail(context, row, result, PostgresErrorCodes.NumericValueOutOfRange, typeName + " out of range");
            else if (result is FixedColumn<long> longs)
                longs.Values[row] = (long)value.Small;
            else
                ((FixedColumn<int>)result).Values[row] = (int)value.Small;
        }
    }

    private string Special(in NumericValue value) => $"cannot convert {(value.IsNaN ? "NaN" : "infinity")} to {typeName}";

    private static void Fail(in KernelContext context, int row, Column result, string sqlState, string message)
    {
        context.Errors.Report(row, sqlState, message);
        result.SetNull(row);
    }
}

/// <summary>numeric to text.</summary>
internal sealed class FormatNumericKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var row in context.Rows)
        {
            writer.ResetWrittenCount();
            NumericText.Write(ExactNumbers.Get(arguments[0], row), writer);
            ((BytesColumn)result).Set(row, writer.WrittenSpan);
        }
    }
}

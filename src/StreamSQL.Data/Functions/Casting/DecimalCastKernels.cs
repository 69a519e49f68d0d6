using System.Globalization;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>A number to a DECIMAL, rounding half away from zero; more digits than it has room for are an error.</summary>
internal sealed class ToDecimalKernel<T, TOp>(int fromScale, SqlType type) : StrictKernel
    where T : unmanaged
    where TOp : struct, IUnaryOp<T, Int128>
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var values = new ValueReader<T>(arguments[0]);
        var target = ((FixedColumn<Int128>)result).Values;
        var shift = type.Scale - fromScale;
        if (shift < 0 || shift > SqlType.MaxPrecision)
        {
            Rescale(context, values, target, result);
            return;
        }

        // The value fits when it fits before it is moved: one comparison instead of two wide ones.
        var factor = DecimalMath.PowerOfTen(shift);
        var bound = DecimalMath.PowerOfTen(Math.Max(0, type.Precision - shift));
        foreach (var row in context.Rows)
        {
            var value = TOp.Apply(values[row]);
            if (value < bound && value > -bound)
                target[row] = value * factor;
            else if (!DecimalMath.TryRescale(value, fromScale, type.Scale, type.Precision, out target[row]))
                DecimalErrors.Overflow(context, row, result, type);
        }
    }

    private void Rescale(in KernelContext context, ValueReader<T> values, Int128[] target, Column result)
    {
        foreach (var row in context.Rows)
        {
            if (!DecimalMath.TryRescale(TOp.Apply(values[row]), fromScale, type.Scale, type.Precision, out target[row]))
                DecimalErrors.Overflow(context, row, result, type);
        }
    }
}

/// <summary>INTEGER as an unscaled decimal.</summary>
internal readonly struct Int32ToInt128 : IUnaryOp<int, Int128>
{
    public static Int128 Apply(int value) => value;
}

/// <summary>BIGINT as an unscaled decimal.</summary>
internal readonly struct Int64ToInt128 : IUnaryOp<long, Int128>
{
    public static Int128 Apply(long value) => value;
}

/// <summary>An unscaled decimal as it is.</summary>
internal readonly struct SameInt128 : IUnaryOp<Int128, Int128>
{
    public static Int128 Apply(Int128 value) => value;
}

/// <summary>DOUBLE to DECIMAL: its shortest text, rounded half away from zero.</summary>
internal sealed class DoubleToDecimalKernel(SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var values = new ValueReader<double>(arguments[0]);
        var target = ((FixedColumn<Int128>)result).Values;
        foreach (var row in context.Rows)
        {
            if (!double.IsFinite(values[row]))
                DecimalErrors.Special(context, row, result);
            else if (!DecimalMath.TryFromDouble(values[row], type.Precision, type.Scale, out target[row]))
                DecimalErrors.Overflow(context, row, result, type);
        }
    }
}

/// <summary>real to DECIMAL: the six digits that every real has.</summary>
internal sealed class RealToDecimalKernel(SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var values = new ValueReader<double>(arguments[0]);
        var target = ((FixedColumn<Int128>)result).Values;
        Span<byte> text = stackalloc byte[DoubleText.MaxLength];
        foreach (var row in context.Rows)
        {
            if (!double.IsFinite(values[row]))
                DecimalErrors.Special(context, row, result);
            else if (!((float)values[row]).TryFormat(text, out var length, "G6", CultureInfo.InvariantCulture)
                || DecimalText.TryParse(text[..length], type.Precision, type.Scale, out target[row]) != ParseResult.Ok)
                DecimalErrors.Overflow(context, row, result, type);
        }
    }
}

/// <summary>DECIMAL to DOUBLE, the nearest.</summary>
internal sealed class DecimalToDoubleKernel(int scale) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var values = new ValueReader<Int128>(arguments[0]);
        var target = ((FixedColumn<double>)result).Values;
        foreach (var row in context.Rows)
            target[row] = DecimalMath.ToDouble(values[row], scale);
    }
}

/// <summary>
/// DECIMAL to INTEGER or BIGINT. ksqlDB's rule: towards zero, the low bits. PostgreSQL's: to the nearest, an error outside the range.
/// </summary>
internal sealed class DecimalToIntegerKernel<T>(int scale, RuleSet rules, string typeName) : StrictKernel
    where T : unmanaged, System.Numerics.IBinaryInteger<T>
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var values = new ValueReader<Int128>(arguments[0]);
        var target = ((FixedColumn<T>)result).Values;
        var power = DecimalMath.PowerOfTen(scale);
        foreach (var row in context.Rows)
        {
            if (rules == RuleSet.Ksql)
            {
                target[row] = T.CreateTruncating(values[row] / power);
                continue;
            }

            var rounded = DecimalMath.DivideRounded(values[row], scale);
            target[row] = T.CreateTruncating(rounded);
            if (Int128.CreateTruncating(target[row]) == rounded)
                continue;
            context.Errors.Report(row, PostgresErrorCodes.NumericValueOutOfRange,
                context.Errors.WantsMessage ? typeName + " out of range" : "");
            result.SetNull(row);
        }
    }
}

/// <summary>What a decimal without enough room is reported as.</summary>
internal static class DecimalErrors
{
    /// <summary>What a value that PostgreSQL's numeric has beside the numbers is answered with.</summary>
    public const string NoSpecial = "a numeric holds no NaN or Infinity here: use double precision";

    /// <summary>Whether a text is NaN or an infinity.</summary>
    public static bool IsSpecial(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        text = text.Length > 1 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        return System.Text.Ascii.EqualsIgnoreCase(text, "NaN"u8) || System.Text.Ascii.EqualsIgnoreCase(text, "inf"u8)
            || System.Text.Ascii.EqualsIgnoreCase(text, "infinity"u8);
    }

    public static void Special(in KernelContext context, int row, Column result)
    {
        context.Errors.Report(row, PostgresErrorCodes.FeatureNotSupported, NoSpecial);
        result.SetNull(row);
    }

    public static void Overflow(in KernelContext context, int row, Column result, SqlType type)
    {
        var message = context.Errors.WantsMessage
            ? $"Numeric field overflow: a field with precision {type.Precision}, scale {type.Scale} holds values below 10^" +
                $"{type.Precision - type.Scale}"
            : "";
        context.Errors.Report(row, PostgresErrorCodes.NumericValueOutOfRange, message);
        result.SetNull(row);
    }
}

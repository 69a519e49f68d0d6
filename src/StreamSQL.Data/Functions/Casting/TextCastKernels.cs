using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>Text to a value of fixed size.</summary>
internal sealed class ParseKernel<T, TParser> : StrictKernel
    where T : unmanaged
    where TParser : struct, ITextParser<T>
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var target = ((FixedColumn<T>)result).Values;
        foreach (var row in context.Rows)
        {
            var outcome = TParser.TryParse(texts[row], out target[row]);
            if (outcome == ParseResult.Ok)
                continue;
            result.SetNull(row);
            TextErrors.Report(context, row, outcome, TParser.TypeName, TParser.IsDateTime, texts[row]);
        }
    }
}

/// <summary>Text to DECIMAL.</summary>
internal sealed class ParseDecimalKernel(SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var target = ((FixedColumn<Int128>)result).Values;
        foreach (var row in context.Rows)
        {
            var outcome = DecimalText.TryParse(texts[row].Trim(" \t\r\n"u8), type.Precision, type.Scale, out target[row]);
            if (outcome == ParseResult.Ok)
                continue;
            result.SetNull(row);
            if (DecimalErrors.IsSpecial(texts[row]))
                context.Errors.Report(row, PostgresErrorCodes.FeatureNotSupported, DecimalErrors.NoSpecial);
            else
                TextErrors.Report(context, row, outcome, "numeric", isDateTime: false, texts[row]);
        }
    }
}

/// <summary>A value of fixed size to text.</summary>
internal sealed class FormatKernel<T, TFormatter> : StrictKernel
    where T : unmanaged
    where TFormatter : struct, ITextFormatter<T>
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var values = new ValueReader<T>(arguments[0]);
        var texts = (BytesColumn)result;
        Span<byte> scratch = stackalloc byte[64];
        foreach (var row in context.Rows)
            texts.Set(row, scratch[..TFormatter.Format(values[row], scratch)]);
    }
}

/// <summary>DECIMAL to text.</summary>
internal sealed class FormatDecimalKernel(int scale) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var values = new ValueReader<Int128>(arguments[0]);
        var texts = (BytesColumn)result;
        Span<byte> scratch = stackalloc byte[DecimalText.MaxLength];
        foreach (var row in context.Rows)
            texts.Set(row, scratch[..DecimalText.Write(scratch, values[row], scale)]);
    }
}

/// <summary>Nested values to text as Java writes them.</summary>
internal sealed class FormatNestedKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)result;
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var row in context.Rows)
        {
            writer.ResetWrittenCount();
            JavaText.Write(arguments[0], row, writer);
            texts.Set(row, writer.WrittenSpan);
        }
    }
}

/// <summary>Arrays to text as PostgreSQL writes them.</summary>
internal sealed class FormatArrayKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)result;
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var row in context.Rows)
        {
            writer.ResetWrittenCount();
            ColumnText.Format(arguments[0], row, writer, TextStyle.Postgres, StatementClock.FormsOf(context.Time));
            texts.Set(row, writer.WrittenSpan);
        }
    }
}

/// <summary>What a text that is no value of a type is reported as, in PostgreSQL's words.</summary>
internal static class TextErrors
{
    private const int MaxShown = 200;

    public static void Report(in KernelContext context, int row, ParseResult outcome, string typeName, bool isDateTime,
        ReadOnlySpan<byte> text)
    {
        var sqlState = (outcome, isDateTime) switch
        {
            (ParseResult.Malformed, false) => PostgresErrorCodes.InvalidTextRepresentation,
            (ParseResult.Malformed, true) => PostgresErrorCodes.InvalidDatetimeFormat,
            (_, false) => PostgresErrorCodes.NumericValueOutOfRange,
            (_, true) => PostgresErrorCodes.DatetimeFieldOverflow,
        };
        context.Errors.Report(row, sqlState, context.Errors.WantsMessage ? Explain(outcome, typeName, isDateTime, text) : "");
    }

    /// <summary>What a text of the wrong form is reported as.</summary>
    public static string Malformed(string typeName, ReadOnlySpan<byte> text) =>
        Explain(ParseResult.Malformed, typeName, isDateTime: false, text);

    private static string Explain(ParseResult outcome, string typeName, bool isDateTime, ReadOnlySpan<byte> text)
    {
        var shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxShown)]);
        return (outcome, isDateTime) switch
        {
            (ParseResult.Malformed, _) => $"invalid input syntax for type {typeName}: \"{shown}\"",
            (_, false) => $"value \"{shown}\" is out of range for type {typeName}",
            (_, true) => $"date/time field value out of range: \"{shown}\"",
        };
    }
}

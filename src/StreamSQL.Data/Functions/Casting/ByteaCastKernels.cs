using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>BYTES to text in PostgreSQL's hex form: <c>\x0aff</c>.</summary>
internal sealed class FormatByteaKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var source = (BytesColumn)arguments[0];
        var texts = (BytesColumn)result;
        foreach (var row in context.Rows)
        {
            var bytes = source[row];
            var text = texts.Allocate(row, 2 + (2 * bytes.Length));
            @"\x"u8.CopyTo(text);
            Convert.TryToHexStringLower(bytes, text[2..], out _);
        }
    }
}

/// <summary>Text in PostgreSQL's hex form to BYTES; other text gives its own bytes (the escape form without escapes).</summary>
internal sealed class ParseByteaKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var target = (BytesColumn)result;
        foreach (var row in context.Rows)
        {
            var text = texts[row];
            if (!text.StartsWith(@"\x"u8))
            {
                target.Set(row, text);
                continue;
            }

            var hex = text[2..];
            if (hex.Length % 2 == 0 && Convert.FromHexString(hex, target.Allocate(row, hex.Length / 2), out _, out _) == OperationStatus.Done)
                continue;
            result.SetNull(row);
            TextErrors.Report(context, row, ParseResult.Malformed, "bytea", isDateTime: false, text);
        }
    }
}

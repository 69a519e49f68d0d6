using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>Text to uuid: 32 hexadecimal digits in any case, a hyphen after any four of them, braces around.</summary>
internal sealed class ParseUuidKernel : StrictKernel
{
    private const int Digits = 32;

    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var target = (BytesColumn)result;
        Span<byte> digits = stackalloc byte[Digits];
        Span<byte> canonical = stackalloc byte[Digits + 4];
        foreach (var row in context.Rows)
        {
            if (TryRead(texts[row], digits) && Guid.TryParseExact(Encoding.ASCII.GetString(digits), "N", out var value))
            {
                value.TryFormat(canonical, out _, "D");
                target.Set(row, canonical);
                continue;
            }

            result.SetNull(row);
            TextErrors.Report(context, row, ParseResult.Malformed, "uuid", isDateTime: false, texts[row]);
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> text, Span<byte> digits)
    {
        if (text.Length > 2 && text[0] == '{' && text[^1] == '}')
            text = text[1..^1];
        var count = 0;
        foreach (var c in text)
        {
            if (c == '-' && count > 0 && count < Digits && count % 4 == 0)
                continue;
            if (count == Digits || !char.IsAsciiHexDigit((char)c))
                return false;
            digits[count++] = c;
        }

        return count == Digits;
    }
}

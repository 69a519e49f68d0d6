using System.Buffers;
using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;

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

/// <summary>The escape form of bytes: <c>\\</c> is a backslash, <c>\ooo</c> a byte in octal digits.</summary>
internal static class ByteaText
{
    /// <summary>The bytes; null when an escape is malformed.</summary>
    public static byte[]? TryReadEscapes(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '\\')
            {
                bytes.Add(text[at++]);
            }
            else if (text.Length > at + 1 && text[at + 1] == '\\')
            {
                bytes.Add((byte)'\\');
                at += 2;
            }
            else if (text.Length > at + 3 && text[at + 1] is >= (byte)'0' and <= (byte)'3' && text[at + 2] is >= (byte)'0' and <= (byte)'7'
                && text[at + 3] is >= (byte)'0' and <= (byte)'7')
            {
                bytes.Add((byte)(((text[at + 1] - '0') << 6) | ((text[at + 2] - '0') << 3) | (text[at + 3] - '0')));
                at += 4;
            }
            else
            {
                return null;
            }
        }

        return [.. bytes];
    }
}

/// <summary>Text in PostgreSQL's hex or escape form to BYTES.</summary>
internal sealed class ParseByteaKernel : StrictKernel
{
    private static readonly SearchValues<byte> s_digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var target = (BytesColumn)result;
        foreach (var row in context.Rows)
        {
            var text = texts[row];
            if (text.StartsWith(@"\x"u8))
                ReadHex(context, text[2..], target, row);
            else if (!text.Contains((byte)'\\'))
                target.Set(row, text);
            else if (ByteaText.TryReadEscapes(text) is { } bytes)
                target.Set(row, bytes);
            else
                Fail(context, target, row, PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax for type bytea");
        }
    }

    private static void ReadHex(in KernelContext context, ReadOnlySpan<byte> hex, BytesColumn target, int row)
    {
        var wrong = hex.IndexOfAnyExcept(s_digits);
        if (wrong >= 0)
        {
            Rune.DecodeFromUtf8(hex[wrong..], out var rune, out _);
            Fail(context, target, row, PostgresErrorCodes.InvalidParameterValue, $"invalid hexadecimal digit: \"{rune}\"");
        }
        else if (hex.Length % 2 != 0)
        {
            Fail(context, target, row, PostgresErrorCodes.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
        }
        else
        {
            Convert.FromHexString(hex, target.Allocate(row, hex.Length / 2), out _, out _);
        }
    }

    private static void Fail(in KernelContext context, Column result, int row, string sqlState, string message)
    {
        result.SetNull(row);
        context.Errors.Report(row, sqlState, message);
    }
}

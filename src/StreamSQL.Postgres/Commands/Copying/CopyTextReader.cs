using System.Buffers;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>COPY's text format: values between tabs; a backslash stands before what is not meant as it is.</summary>
internal sealed class CopyTextReader(CopyOptions options, CopyRows rows, int maxRowBytes) : CopyLineReader(options, rows, maxRowBytes)
{
    private const byte Backslash = (byte)'\\';

    private readonly ArrayBufferWriter<byte> _value = new();

    /// <inheritdoc/>
    protected override int FindLineEnd(ReadOnlySpan<byte> rest, int from)
    {
        for (var at = from; ; at++)
        {
            var next = rest[at..].IndexOf((byte)'\n');
            if (next < 0)
                return -1;
            at += next;
            var backslashes = at - 1 - rest[..at].LastIndexOfAnyExcept(Backslash);
            if (backslashes % 2 == 0)
                return at;
        }
    }

    /// <inheritdoc/>
    protected override void ReadFields(ReadOnlySpan<byte> line)
    {
        var column = 0;
        while (true)
        {
            var end = FieldEnd(line, out var hasEscapes);
            var field = line[..end];
            if (field.SequenceEqual(Null))
                Take(column, default, isNull: true);
            else
                Take(column, hasEscapes ? Unescape(field) : field, isNull: false);
            column++;
            if (end == line.Length)
                break;
            line = line[(end + 1)..];
        }

        RequireAll(column);
    }

    private int FieldEnd(ReadOnlySpan<byte> line, out bool hasEscapes)
    {
        hasEscapes = false;
        for (var at = 0; ;)
        {
            var next = line[at..].IndexOfAny(Options.Delimiter, Backslash);
            if (next < 0)
                return line.Length;
            at += next;
            if (line[at] == Options.Delimiter)
                return at;
            hasEscapes = true;
            at = Math.Min(at + 2, line.Length);
        }
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> field)
    {
        _value.ResetWrittenCount();
        while (!field.IsEmpty)
        {
            var next = field.IndexOf(Backslash);
            var plain = next < 0 ? field : field[..next];
            _value.Write(plain);
            field = field[plain.Length..];
            if (field.Length < 2)
            {
                _value.Write(field);
                break;
            }

            _value.Write([ReadEscape(field[1..], out var length)]);
            field = field[(1 + length)..];
        }

        return _value.WrittenSpan;
    }

    /// <summary>The byte that an escape means: a letter, up to three octal digits, or x and up to two hexadecimal ones.</summary>
    private static byte ReadEscape(ReadOnlySpan<byte> escape, out int length)
    {
        length = 1;
        switch (escape[0])
        {
            case (byte)'b':
                return (byte)'\b';
            case (byte)'f':
                return (byte)'\f';
            case (byte)'n':
                return (byte)'\n';
            case (byte)'r':
                return (byte)'\r';
            case (byte)'t':
                return (byte)'\t';
            case (byte)'v':
                return (byte)'\v';
            case >= (byte)'0' and <= (byte)'7':
                var octal = 0;
                for (length = 0; length < Math.Min(3, escape.Length) && escape[length] is >= (byte)'0' and <= (byte)'7'; length++)
                    octal = (octal * 8) + escape[length] - '0';
                return (byte)octal;
            case (byte)'x' when escape.Length > 1 && char.IsAsciiHexDigit((char)escape[1]):
                var hex = 0;
                for (; length < Math.Min(3, escape.Length) && char.IsAsciiHexDigit((char)escape[length]); length++)
                    hex = (hex * 16) + Convert.ToInt32(((char)escape[length]).ToString(), 16);
                return (byte)hex;
            default:
                return escape[0];
        }
    }
}

using System.Buffers;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>COPY's CSV: a quote begins and ends a part of a value in which delimiters and line ends are meant as they are.</summary>
internal sealed class CopyCsvReader(CopyOptions options, CopyRows rows, int maxRowBytes) : CopyLineReader(options, rows, maxRowBytes)
{
    private readonly ArrayBufferWriter<byte> _value = new();

    // Where the scan for the line's end stands: inside quotes, and right behind an escape there.
    private bool _quoted;
    private bool _escaped;

    /// <inheritdoc/>
    protected override int FindLineEnd(ReadOnlySpan<byte> rest, int from)
    {
        for (var at = from; at < rest.Length; at++)
        {
            var value = rest[at];
            if (!_quoted && value == (byte)'\n')
                return at;
            if (_escaped)
                _escaped = false;
            else if (_quoted && value == Options.Escape && Options.Escape != Options.Quote)
                _escaped = true;
            else if (value == Options.Quote)
                _quoted = !_quoted;
        }

        return -1;
    }

    /// <inheritdoc/>
    protected override void ReadFields(ReadOnlySpan<byte> line)
    {
        if (_quoted)
            throw Malformed("unterminated CSV quoted field");
        var column = 0;
        while (true)
        {
            var plain = line.IndexOfAny(Options.Delimiter, Options.Quote);
            int end;
            if (plain >= 0 && line[plain] == Options.Quote)
            {
                end = ReadQuoted(line);
                Take(column++, _value.WrittenSpan, isNull: false);
            }
            else
            {
                end = plain < 0 ? line.Length : plain;
                var field = line[..end];
                Take(column++, field, field.SequenceEqual(Null));
            }

            if (end == line.Length)
                break;
            line = line[(end + 1)..];
        }

        RequireAll(column);
    }

    /// <summary>Reads a value with a quoted part, of which there may be several; returns where it ends.</summary>
    private int ReadQuoted(ReadOnlySpan<byte> line)
    {
        _value.ResetWrittenCount();
        var quoted = false;
        for (var at = 0; at < line.Length; at++)
        {
            var value = line[at];
            if (quoted && value == Options.Escape && at + 1 < line.Length
                && (line[at + 1] == Options.Quote || line[at + 1] == Options.Escape))
                _value.Write([line[++at]]);
            else if (value == Options.Quote)
                quoted = !quoted;
            else if (!quoted && value == Options.Delimiter)
                return at;
            else
                _value.Write([value]);
        }

        return line.Length;
    }
}

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>Reads the formats of lines: finds each line's end, leaves out the header, and knows the line that ends the data.</summary>
internal abstract class CopyLineReader(CopyOptions options, CopyRows rows, int maxRowBytes) : CopyReader(rows, maxRowBytes)
{
    private bool _skipsHeader = options.Header;

    /// <summary>Bytes of the present line that were looked at before the rest of it came.</summary>
    private int _scanned;

    /// <summary>The options of the command.</summary>
    protected CopyOptions Options => options;

    /// <summary>What stands for null.</summary>
    protected byte[] Null { get; } = System.Text.Encoding.UTF8.GetBytes(options.Null);

    /// <inheritdoc/>
    protected sealed override bool TryReadRow(bool isLast)
    {
        while (true)
        {
            var rest = Rest;
            var end = FindLineEnd(rest, _scanned);
            if (end < 0 && (!isLast || rest.IsEmpty))
            {
                _scanned = rest.Length;
                return false;
            }

            var line = end < 0 ? rest : rest[..end];
            _scanned = 0;
            Skip(end < 0 ? rest.Length : end + 1);
            if (line.EndsWith("\r"u8))
                line = line[..^1];
            if (line.SequenceEqual("\\."u8))
            {
                HasEnded = true;
                return false;
            }

            if (_skipsHeader)
            {
                _skipsHeader = false;
                Line++;
                continue;
            }

            ReadFields(line);
            Rows.EndRow(Line++);
            return true;
        }
    }

    /// <summary>
    /// Where the line ends whose first <paramref name="from"/> bytes were looked at before; -1 when its end is not there yet.
    /// </summary>
    protected abstract int FindLineEnd(ReadOnlySpan<byte> rest, int from);

    /// <summary>Reads the values of a line.</summary>
    protected abstract void ReadFields(ReadOnlySpan<byte> line);

    /// <summary>Takes a value.</summary>
    /// <param name="column">Its column.</param>
    /// <param name="value">The value, without quotes and escapes.</param>
    /// <param name="isNull">Whether it stands for null.</param>
    protected void Take(int column, ReadOnlySpan<byte> value, bool isNull)
    {
        if (column >= Rows.ColumnCount)
            throw Malformed("extra data after last expected column");
        if (isNull)
            Rows.SetNull(column);
        else
            Rows.Set(column, value, Line);
    }

    /// <summary>Checks that a line had all the values.</summary>
    protected void RequireAll(int columns)
    {
        if (columns < Rows.ColumnCount)
            throw Malformed($"missing data for column \"{Rows.NameOf(columns)}\"");
    }
}

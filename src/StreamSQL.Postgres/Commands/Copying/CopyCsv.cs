using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>COPY's CSV: a value is quoted when it holds a delimiter, quote or line break, or would be read as null.</summary>
internal sealed class CopyCsv(RowFormat row, CopyOptions options) : CopyFormat(row)
{
    private readonly byte[] _null = Encoding.UTF8.GetBytes(options.Null);

    /// <inheritdoc/>
    public override bool WriteHeader(OutputBuffer output)
    {
        if (!options.Header)
            return false;
        for (var i = 0; i < ColumnCount; i++)
        {
            if (i > 0)
                output.WriteByte(options.Delimiter);
            var start = output.Length;
            output.WriteText(Row.Columns[i].Name);
            QuoteFrom(output, start);
        }

        output.WriteByte((byte)'\n');
        return true;
    }

    /// <inheritdoc/>
    public override void WriteRow(OutputBuffer output, ChangeBatch batch, int row)
    {
        for (var i = 0; i < ColumnCount; i++)
        {
            if (i > 0)
                output.WriteByte(options.Delimiter);
            var column = batch.Columns[i];
            if (column.IsNull(row))
            {
                output.WriteBytes(_null);
                continue;
            }

            var start = output.Length;
            Row.Columns[i].Codec.WriteText(output, column, row);
            QuoteFrom(output, start);
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>Makes room for quotes and escapes from the end, so that each byte moves once.</summary>
    private void QuoteFrom(OutputBuffer output, int start)
    {
        var value = output.From(start);
        var needed = value.SequenceEqual(_null);
        var escapes = 0;
        foreach (var one in value)
        {
            needed |= one == options.Delimiter || one is (byte)'\n' or (byte)'\r';
            escapes += NeedsEscape(one) ? 1 : 0;
        }

        if (!needed && escapes == 0)
            return;
        var length = value.Length;
        output.Take(escapes + 2);
        var bytes = output.From(start);
        var to = bytes.Length;
        bytes[--to] = options.Quote;
        for (var from = length - 1; from >= 0; from--)
        {
            var one = bytes[from];
            bytes[--to] = one;
            if (NeedsEscape(one))
                bytes[--to] = options.Escape;
        }

        bytes[0] = options.Quote;
    }

    private bool NeedsEscape(byte value) => value == options.Quote || value == options.Escape;
}

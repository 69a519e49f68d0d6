using StreamSQL.Data.Batches;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>COPY's text format: values between tabs, a backslash before what would be misread.</summary>
internal sealed class CopyText(RowFormat row, CopyOptions options) : CopyFormat(row)
{
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
            EscapeFrom(output, start);
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
                output.WriteText(options.Null);
                continue;
            }

            var start = output.Length;
            Row.Columns[i].Codec.WriteText(output, column, row);
            EscapeFrom(output, start);
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>Makes room for the backslashes from the end, so that each byte moves once.</summary>
    private void EscapeFrom(OutputBuffer output, int start)
    {
        var extra = 0;
        foreach (var value in output.From(start))
            extra += EscapeOf(value) != 0 ? 1 : 0;
        if (extra == 0)
            return;
        var length = output.Length - start;
        output.Take(extra);
        var bytes = output.From(start);
        var to = bytes.Length;
        for (var from = length - 1; to > from + 1; from--)
        {
            var escape = EscapeOf(bytes[from]);
            bytes[--to] = escape == 0 ? bytes[from] : escape;
            if (escape != 0)
                bytes[--to] = (byte)'\\';
        }
    }

    private byte EscapeOf(byte value) => value switch
    {
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        (byte)'\v' => (byte)'v',
        (byte)'\\' => (byte)'\\',
        _ => value == options.Delimiter ? value : (byte)0,
    };
}

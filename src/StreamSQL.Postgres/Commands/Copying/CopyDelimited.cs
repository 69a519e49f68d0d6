using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>
/// COPY's formats of lines: values between delimiters, the line's end behind them. What would be misread is marked, each format in its way.
/// </summary>
internal abstract class CopyDelimited(RowFormat row, CopyOptions options) : CopyFormat(row)
{
    private readonly byte[] _null = Encoding.UTF8.GetBytes(options.Null);

    /// <summary>What stands for a null.</summary>
    protected ReadOnlySpan<byte> Null => _null;

    /// <summary>The options of the command.</summary>
    protected CopyOptions Options { get; } = options;

    /// <inheritdoc/>
    public sealed override bool WriteHeader(OutputBuffer output)
    {
        if (!Options.Header)
            return false;
        for (var i = 0; i < ColumnCount; i++)
        {
            if (i > 0)
                output.WriteByte(Options.Delimiter);
            var start = output.Length;
            output.WriteText(Row.Columns[i].Name);
            EscapeFrom(output, start);
        }

        output.WriteByte((byte)'\n');
        return true;
    }

    /// <inheritdoc/>
    public sealed override void WriteRow(OutputBuffer output, ChangeBatch batch, int row)
    {
        for (var i = 0; i < ColumnCount; i++)
        {
            if (i > 0)
                output.WriteByte(Options.Delimiter);
            var column = batch.Columns[i];
            if (column.IsNull(row))
            {
                output.WriteBytes(_null);
                continue;
            }

            var start = output.Length;
            Row.Columns[i].Codec.WriteText(output, column, row);
            EscapeFrom(output, start);
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>Escapes the value that the output ends with.</summary>
    protected abstract void EscapeFrom(OutputBuffer output, int start);
}

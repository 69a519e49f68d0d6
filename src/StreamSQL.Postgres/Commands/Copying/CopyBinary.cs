using StreamSQL.Data.Batches;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>COPY's binary format: a signature, rows as in DataRow, and a count of -1 at the end.</summary>
internal sealed class CopyBinary(RowFormat row) : CopyFormat(row)
{
    /// <inheritdoc/>
    public override bool IsBinary => true;

    /// <inheritdoc/>
    public override bool WriteHeader(OutputBuffer output)
    {
        output.WriteBytes([.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0]);
        output.WriteInt32(0); // flags
        output.WriteInt32(0); // bytes of header extension
        return true;
    }

    /// <inheritdoc/>
    public override void WriteRow(OutputBuffer output, ChangeBatch batch, int row) => Row.WriteRow(output, batch, row);

    /// <inheritdoc/>
    public override bool WriteTrailer(OutputBuffer output)
    {
        output.WriteInt16(-1);
        return true;
    }
}

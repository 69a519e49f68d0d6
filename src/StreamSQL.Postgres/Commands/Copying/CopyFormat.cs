using StreamSQL.Data.Batches;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>How COPY ... TO STDOUT writes rows. The header and each row become one CopyData message.</summary>
internal abstract class CopyFormat(RowFormat row)
{
    /// <summary>Names and codecs of the columns.</summary>
    protected RowFormat Row { get; } = row;

    /// <summary>Columns of a row.</summary>
    public int ColumnCount => Row.Columns.Length;

    /// <summary>Whether the format is binary.</summary>
    public virtual bool IsBinary => false;

    /// <summary>Makes the format that the options name.</summary>
    public static CopyFormat Create(CopyOptions options, RowFormat row) => options.Format switch
    {
        CopyFormatKind.Binary => new CopyBinary(row),
        CopyFormatKind.Csv => new CopyCsv(row, options),
        _ => new CopyText(row, options),
    };

    /// <summary>Writes what comes before the rows; false when that is nothing.</summary>
    public abstract bool WriteHeader(OutputBuffer output);

    /// <summary>Writes a row.</summary>
    public abstract void WriteRow(OutputBuffer output, ChangeBatch batch, int row);

    /// <summary>Writes what comes behind the rows; false when that is nothing.</summary>
    public virtual bool WriteTrailer(OutputBuffer output) => false;
}

using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>int2vector and oidvector: text is <c>1 2</c>, binary that of an array of one dimension whose places count from 0.</summary>
internal sealed class VectorCodec(PgType pgType, SqlType type, PgCodec element) : PgCodec(pgType)
{
    private readonly ArrayCodec _array = new(pgType, element, Data.Text.DateForms.Utc, lowerBound: 0);

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) => _array.WriteBinary(output, column, row);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => VectorText.Read(text, type);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes) => _array.ReadBinary(bytes);
}

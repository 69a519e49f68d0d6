using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Text;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>Rows as values: <c>ROW(1, 'a')</c>, a whole row by its alias. They go to clients only.</summary>
internal sealed class RecordCodec(PgCodec[] fields, DateForms forms) : PgCodec(PgTypes.Record)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var record = (StructColumn)column;
        row = record.Physical(row);
        output.WriteInt32(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            output.WriteInt32((int)fields[i].Type.Oid);
            if (record.Fields[i].IsNull(row))
            {
                output.WriteInt32(-1);
                continue;
            }

            var length = output.BeginLength();
            fields[i].WriteBinary(output, record.Fields[i], row);
            output.EndLength(length);
        }
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => throw NotAnInput();

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes) => throw NotAnInput();

    private static SqlException NotAnInput() =>
        new(PostgresErrorCodes.FeatureNotSupported, "input of anonymous composite types is not implemented");
}

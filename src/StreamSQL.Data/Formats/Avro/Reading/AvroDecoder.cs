using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>
/// Decodes what one schema wrote. The wanted columns and the schema together are compiled to steps, each of which is one loop over a chunk
/// of rows: the loop knows its types, the rows are independent of each other for the processor, and
/// their bytes stay in the first-level cache.
/// </summary>
internal sealed unsafe class AvroDecoder : PayloadDecoder
{
    /// <summary>Stands for a buffer without bytes, whose address would be null.</summary>
    private static readonly byte[] NoBytes = [0];

    private readonly AvroSchema _writer;
    private readonly AvroSchema? _reader;
    private readonly StructField[] _fields;
    private readonly bool _wrapped;
    private readonly bool[] _wanted;
    private readonly AvroContext _context = new();
    private AvroProgram? _program;

    /// <summary>Creates a decoder.</summary>
    /// <param name="fields">The columns.</param>
    /// <param name="wrapped">Whether they are the fields of a record.</param>
    /// <param name="writer">The schema of the data.</param>
    /// <param name="reader">The schema that they are read by, for aliases and defaults; null for none.</param>
    /// <exception cref="SqlException">22023: the columns are a record's, and the writer has none.</exception>
    public AvroDecoder(IReadOnlyList<FormatField> fields, bool wrapped, AvroSchema writer, AvroSchema? reader)
    {
        _fields = [.. fields.Select(static f => new StructField(f.Name, f.Type))];
        _wrapped = wrapped;
        _writer = writer;
        _reader = reader is null || (wrapped && AvroColumns.NonNull(reader).Kind != AvroKind.Record) ? null : reader;
        _wanted = new bool[fields.Count];
        if (wrapped && !AvroProgram.BranchesOf(writer).Any(static branch => branch.Kind == AvroKind.Record))
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"the Avro schema is {writer}, but the columns need a record");
    }

    /// <inheritdoc/>
    public override void Attach(byte[] buffer, Column?[] columns)
    {
        SharedBuffer.Attach(buffer, columns, withBytes: true);
    }

    /// <inheritdoc/>
    public override void Decode(SliceList source, int first, int end, Column?[] columns, DecodeErrors errors)
    {
        var program = ProgramFor(columns);
        // In bounds: a chunk has at most MaxCount rows.
        var rows = stackalloc AvroRow[AvroRows.MaxCount];
        fixed (byte* buffer = source.Buffer.Length == 0 ? NoBytes : source.Buffer)
        {
            _context.Open(source.Buffer, buffer);
            while (first < end)
            {
                var count = 0;
                for (; first < end && count < AvroRows.MaxCount; first++)
                {
                    if (source.IsNull(first))
                        SetNulls(columns, first);
                    else
                        rows[count++] = RowAt(source, first);
                }

                program.Run(new AvroRows(_context, rows, count), columns);
                for (var row = rows; row < rows + count; row++)
                    Finish(row, program, columns, errors);
            }
        }
    }

    private AvroRow RowAt(SliceList source, int row)
    {
        // The slice is checked once more here: from now on only its end is looked at.
        var bytes = source[row];
        var start = _context.Start + (bytes.IsEmpty ? 0 : source.Starts[row]);
        return new AvroRow { Position = start, End = start + bytes.Length, Number = row, FaultStep = -1 };
    }

    private static void Finish(AvroRow* row, AvroProgram program, Column?[] columns, DecodeErrors errors)
    {
        if (row->Fault == AvroFault.None && row->Position != row->End)
            row->Fault = AvroFault.TrailingBytes;
        if (row->Fault == AvroFault.None)
            return;
        SetNulls(columns, row->Number);
        errors.Report(row->Number, errors.WantsReason ? AvroFaults.Describe(row->Fault, program.StepAt(row->FaultStep)) : "");
    }

    private AvroProgram ProgramFor(Column?[] columns)
    {
        var isNew = _program is null;
        for (var i = 0; i < columns.Length; i++)
        {
            isNew |= _wanted[i] != (columns[i] is not null);
            _wanted[i] = columns[i] is not null;
        }

        if (isNew || _program is null)
            _program = AvroProgram.Create(_writer, _reader, _fields, _wrapped, _wanted);
        return _program;
    }

    private static void SetNulls(Column?[] columns, int row)
    {
        foreach (var column in columns)
            column?.SetNull(row);
    }
}

using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>The steps for one writer's schema and one choice of wanted columns.</summary>
internal sealed unsafe class AvroProgram
{
    private readonly IReadOnlyList<AvroStep> _steps;
    private readonly AvroRecordStep?[]? _records;
    private readonly bool _isUnion;
    private readonly AvroStep? _value;
    private readonly AvroSkip? _skip;

    private AvroProgram(IReadOnlyList<AvroStep> steps, AvroRecordStep?[]? records, bool isUnion, AvroStep? value, AvroSkip? skip)
    {
        _steps = steps;
        _records = records;
        _isUnion = isUnion;
        _value = value;
        _skip = skip;
    }

    /// <summary>Compiles a program.</summary>
    public static AvroProgram Create(AvroSchema writer, AvroSchema? reader, StructField[] fields, bool wrapped, bool[] wanted)
    {
        var resolution = new AvroResolution();
        if (!wrapped)
        {
            var value = wanted[0] ? resolution.Value(writer, reader, fields[0].Type, fields[0].Name) : null;
            return new(resolution.Steps, null, false, value, value is null ? resolution.Skip(writer) : null);
        }

        var own = (bool[])wanted.Clone();
        var readerRecord = reader is null ? null : AvroColumns.NonNull(reader);
        var records = BranchesOf(writer)
            .Select(branch => branch.Kind == AvroKind.Record ? resolution.Record(branch, readerRecord, fields, i => own[i], "") : null);
        return new(resolution.Steps, [.. records], writer.Kind == AvroKind.Union, null, null);
    }

    /// <summary>The branches of a union; any other schema is its own only branch.</summary>
    public static IReadOnlyList<AvroSchema> BranchesOf(AvroSchema schema) => schema.Kind == AvroKind.Union ? schema.Branches : [schema];

    /// <summary>The step of a number; null for -1.</summary>
    public AvroStep? StepAt(int number) => number < 0 ? null : _steps[number];

    /// <summary>Reads the rows.</summary>
    public void Run(in AvroRows rows, Column?[] columns)
    {
        if (_value is not null)
            _value.Run(rows, columns[0]!);
        else if (_skip is not null)
            _skip.Run(rows);
        else if (!_isUnion)
            _records![0]!.Run(rows, columns);
        else
            RunUnion(rows, columns);
    }

    /// <summary>
    /// Records of several kinds, or none: row by row, each with the program of its branch. The null branch makes all columns null.
    /// </summary>
    private void RunUnion(in AvroRows rows, Column?[] columns)
    {
        for (var row = rows.First; row < rows.Last; row++)
        {
            var next = rows.Context.ReadSmall(row->Position, row->End, out var branch);
            if (next != null && (ulong)branch >= (ulong)_records!.Length)
                next = rows.Context.Fail(AvroFault.BadBranch);
            row->MoveTo(next, rows.Context);
            if (next == null)
                continue;
            if (_records![branch] is { } record)
            {
                record.Run(new AvroRows(rows.Context, row, 1), columns);
                continue;
            }

            foreach (var column in columns)
                column?.SetNull(row->Number);
        }
    }
}

using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>
/// A record: its fields in the writer's order, each read into a column or, with those beside it,
/// skipped; and the columns that the writer has no field for.
/// </summary>
internal sealed unsafe class AvroRecordStep(IReadOnlyList<AvroFieldPart> parts, IReadOnlyList<AvroFieldPart> missing) : AvroStep
{
    private readonly AvroFieldPart[] _parts = [.. parts];
    private readonly AvroFieldPart[] _missing = [.. missing];

    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        var fields = ((StructColumn)column).Fields;
        foreach (var part in _parts)
        {
            position = part.Step is { } step
                ? step.Read(context, position, end, fields[part.Target], row)
                : part.Skip!.Skip(context, position, end);
            if (position == null)
                return null;
        }

        foreach (var part in _missing)
            part.Step!.Read(context, position, end, fields[part.Target], row);
        return position;
    }

    /// <inheritdoc/>
    public override void Run(in AvroRows rows, Column column) => Run(rows, ((StructColumn)column).Fields);

    /// <summary>Reads a record of each row, field by field.</summary>
    public void Run(in AvroRows rows, ReadOnlySpan<Column?> columns)
    {
        foreach (var part in _parts)
        {
            if (part.Step is { } step)
                step.Run(rows, columns[part.Target]!);
            else
                part.Skip!.Run(rows);
        }

        foreach (var part in _missing)
            part.Step!.Run(rows, columns[part.Target]!);
    }
}

/// <summary>A part of a record: a field that is read into a column, or fields that are skipped.</summary>
/// <param name="Step">What reads it.</param>
/// <param name="Target">Which of the record's columns.</param>
/// <param name="Skip">What skips them.</param>
internal readonly record struct AvroFieldPart(AvroStep? Step, int Target, AvroSkip? Skip);

/// <summary>A column that the writer has no field for, and the reader no default: NULL.</summary>
internal sealed unsafe class AvroNullStep : AvroStep
{
    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        column.SetNull(row);
        return position;
    }
}

/// <summary>A column that the writer has no field for: the reader's default, which is read anew for each row.</summary>
internal sealed unsafe class AvroDefaultStep : AvroStep
{
    private readonly AvroStep _value;
    private readonly AvroContext _context = new();
    private readonly byte[] _bytes;

    /// <summary>Creates a step from the default's binary form.</summary>
    public AvroDefaultStep(AvroStep value, byte[] binary)
    {
        _value = value;
        // On the pinned heap: the context keeps a pointer.
        _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(1, binary.Length), pinned: true);
        binary.CopyTo(_bytes, 0);
        _context.Open(_bytes, (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0));
        Length = binary.Length;
    }

    private int Length { get; }

    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        if (_value.Read(_context, _context.Start, _context.Start + Length, column, row) != null)
            return position;
        context.Fail(_context.Fault);
        context.FaultStep = _context.FaultStep;
        return null;
    }
}

/// <summary>A field whose type cannot be read as the column's: every row that has it fails.</summary>
internal sealed unsafe class AvroMismatchStep(string reason) : AvroStep
{
    /// <inheritdoc/>
    public override string? Reason => reason;

    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row) =>
        Fail(context, AvroFault.Incompatible);
}

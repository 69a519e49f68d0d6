using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>A union, each of whose branches is read as the column's type. A branch without a step is null.</summary>
internal sealed unsafe class AvroUnionStep(AvroStep?[] branches) : AvroStep
{
    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        var next = context.ReadSmall(position, end, out var branch);
        if (next == null || (ulong)branch >= (ulong)branches.Length)
            return next == null ? null : Fail(context, AvroFault.BadBranch);
        if (branches[branch] is { } step)
            return step.Read(context, next, end, column, row);
        column.SetNull(row);
        return next;
    }
}

/// <summary>A union as a STRUCT with a field for each branch: the one that is there has its value, the others are null.</summary>
/// <param name="branches">What reads or skips each branch; all three are null for the null branch, which makes the STRUCT null.</param>
internal sealed unsafe class AvroBranchesStep(AvroFieldPart[] branches) : AvroStep
{
    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        var next = context.ReadSmall(position, end, out var branch);
        if (next == null || (ulong)branch >= (ulong)branches.Length)
            return next == null ? null : Fail(context, AvroFault.BadBranch);
        var part = branches[branch];
        if (part.Step is null && part.Skip is null)
        {
            column.SetNull(row);
            return next;
        }

        var fields = ((StructColumn)column).Fields;
        foreach (var field in fields)
            field.SetNull(row);
        if (part.Step is null)
            return part.Skip!.Skip(context, next, end);
        fields[part.Target].SetValid(row);
        return part.Step.Read(context, next, end, fields[part.Target], row);
    }
}

using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>
/// Reads the values of one place in the writer's schema into a column: for a chunk of rows at once, so that one loop knows its type, or for
/// one value inside another one.
/// </summary>
internal abstract unsafe class AvroStep
{
    /// <summary>The step's number in its program; rows that fail note it.</summary>
    public int Number { get; set; }

    /// <summary>The column's name, for a field inside it with the way to it.</summary>
    public string Path { get; init; } = "";

    /// <summary>The column's type.</summary>
    public SqlType? Type { get; init; }

    /// <summary>Why the step cannot read anything; null for all but one kind of step.</summary>
    public virtual string? Reason => null;

    /// <summary>Reads a value into a row of the column; returns the position behind it, or null after a fault.</summary>
    public abstract byte* Read(AvroContext context, byte* position, byte* end, Column column, int row);

    /// <summary>Reads a value of each row.</summary>
    public virtual void Run(in AvroRows rows, Column column)
    {
        for (var row = rows.First; row < rows.Last; row++)
            row->MoveTo(Read(rows.Context, row->Position, row->End, column, row->Number), rows.Context);
    }

    /// <summary>Reads values that lie one after the other into rows of the column that do, too.</summary>
    public virtual byte* ReadMany(AvroContext context, byte* position, byte* end, Column column, int first, int count)
    {
        for (var row = first; row < first + count && position != null; row++)
            position = Read(context, position, end, column, row);
        return position;
    }

    /// <summary>Notes a fault of this step; returns null.</summary>
    protected byte* Fail(AvroContext context, AvroFault fault)
    {
        context.Fail(fault);
        context.FaultStep = this;
        return null;
    }
}

/// <summary>How a value of one Avro type becomes one of a column: a struct, so that the loops around it are compiled for it.</summary>
internal unsafe interface IAvroReader<in TColumn>
    where TColumn : Column
{
    /// <summary>Reads a value into a row; returns the position behind it, or null after a fault.</summary>
    byte* Read(AvroContext context, byte* position, byte* end, TColumn column, int row);
}

/// <summary>A step that reads simple values.</summary>
internal sealed unsafe class AvroValueStep<TReader, TColumn>(TReader reader) : AvroStep
    where TReader : struct, IAvroReader<TColumn>
    where TColumn : Column
{
    /// <inheritdoc/>
    public override void Run(in AvroRows rows, Column column)
    {
        var own = reader;
        var typed = (TColumn)column;
        var context = rows.Context;
        var last = rows.Last;
        for (var row = rows.First; row < last; row++)
        {
            var next = own.Read(context, row->Position, row->End, typed, row->Number);
            if (next != null)
            {
                row->Position = next;
                continue;
            }

            context.FaultStep = this;
            row->Fail(context);
        }
    }

    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        var next = reader.Read(context, position, end, (TColumn)column, row);
        if (next == null)
            context.FaultStep = this;
        return next;
    }

    /// <inheritdoc/>
    public override byte* ReadMany(AvroContext context, byte* position, byte* end, Column column, int first, int count)
    {
        var own = reader;
        var typed = (TColumn)column;
        for (var row = first; row < first + count; row++)
        {
            position = own.Read(context, position, end, typed, row);
            if (position != null)
                continue;
            context.FaultStep = this;
            return null;
        }

        return position;
    }
}

/// <summary>A union of null and one simple type, in either order; no branch has a number of more than one byte.</summary>
internal readonly unsafe struct AvroNullableReader<TReader, TColumn>(TReader inner, int nullBranch) : IAvroReader<TColumn>
    where TReader : struct, IAvroReader<TColumn>
    where TColumn : Column
{
    private readonly byte _null = (byte)(2 * nullBranch);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Read(AvroContext context, byte* position, byte* end, TColumn column, int row)
    {
        if (position >= end)
            return context.Fail(AvroFault.Truncated);
        var branch = *position;
        if (branch == (_null ^ 2))
            return inner.Read(context, position + 1, end, column, row);
        if (branch != _null)
            return ReadLongForm(context, position, end, column, row);
        column.SetNull(row);
        return position + 1;
    }

    /// <summary>A branch in more bytes than it needs, or none.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* ReadLongForm(AvroContext context, byte* position, byte* end, TColumn column, int row)
    {
        var next = context.ReadLong(position, end, out var branch);
        if (next == null)
            return null;
        if (branch is not (0 or 1))
            return context.Fail(AvroFault.BadBranch);
        if (branch != _null >> 1)
            return inner.Read(context, next, end, column, row);
        column.SetNull(row);
        return next;
    }
}

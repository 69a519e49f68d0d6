using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Formats.Avro.Writing;

/// <summary>Writes the values of a column as one Avro type.</summary>
internal abstract class AvroWriter
{
    /// <summary>Writes the value of a row, which may be null where the type permits it.</summary>
    /// <exception cref="SqlException">A value that the type cannot hold.</exception>
    public abstract void Write(ref SliceOutput output, Column column, int row);

    /// <summary>Writes an integer.</summary>
    protected static void WriteLong(ref SliceOutput output, long value) =>
        output.Advance(AvroVarint.Write(output.Reserve(AvroVarint.MaxLength), value));

    /// <summary>Writes bytes and their length before them.</summary>
    protected static void WriteBytes(ref SliceOutput output, scoped ReadOnlySpan<byte> bytes)
    {
        var room = output.Reserve(AvroVarint.MaxLength + bytes.Length);
        var length = AvroVarint.Write(room, bytes.Length);
        bytes.CopyTo(room[length..]);
        output.Advance(length + bytes.Length);
    }

    /// <summary>The error for a value that the type cannot hold.</summary>
    protected static SqlException Unfit(string path, string reason) =>
        new(PostgresErrorCodes.InvalidParameterValue, $"The Avro schema cannot hold a value of column {path}: {reason}.");
}

/// <summary>Writes one value: a struct, so that the writer around it is compiled for it.</summary>
internal interface IAvroValue<in TColumn>
    where TColumn : Column
{
    /// <summary>
    /// Writes the value to the room, which has space for <see cref="AvroVarint.MaxLength"/> bytes;
    /// returns its length, -1 when the type cannot hold it.
    /// </summary>
    int Write(Span<byte> room, TColumn column, int row);
}

/// <summary>Writes values of at most ten bytes.</summary>
internal sealed class AvroValueWriter<TValue, TColumn>(TValue value, string path, string bounds) : AvroWriter
    where TValue : struct, IAvroValue<TColumn>
    where TColumn : Column
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (column.IsNull(row))
            throw Unfit(path, "it is NULL, and the type has no null");
        var length = value.Write(output.Reserve(AvroVarint.MaxLength), (TColumn)column, column.Physical(row));
        if (length < 0)
            throw Unfit(path, $"it is out of range of {bounds}");
        output.Advance(length);
    }
}

/// <summary>Writes values, and nulls as their branch of a union.</summary>
internal sealed class AvroUnionWriter(AvroWriter value, int branch, int nullBranch, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        if (!column.IsNull(row))
        {
            WriteLong(ref output, branch);
            value.Write(ref output, column, row);
            return;
        }

        if (nullBranch < 0)
            throw Unfit(path, "it is NULL, and the union has no null");
        WriteLong(ref output, nullBranch);
    }
}

/// <summary>Writes a STRUCT that stands for a union: the branch whose field is not null.</summary>
/// <param name="branches">The writer of each branch, and the field it belongs to (-1: none).</param>
/// <param name="nullBranch">The branch for a STRUCT that is null or has nothing else; -1 for none.</param>
/// <param name="path">The column.</param>
internal sealed class AvroBranchesWriter((AvroWriter? Writer, int Field)[] branches, int nullBranch, string path) : AvroWriter
{
    /// <inheritdoc/>
    public override void Write(ref SliceOutput output, Column column, int row)
    {
        var isNull = column.IsNull(row);
        row = column.Physical(row);
        for (var branch = 0; branch < branches.Length && !isNull; branch++)
        {
            var (writer, index) = branches[branch];
            if (writer is null || ((StructColumn)column).Fields[index] is not { } field || field.IsNull(row))
                continue;
            WriteLong(ref output, branch);
            writer.Write(ref output, field, row);
            return;
        }

        if (nullBranch < 0)
            throw Unfit(path, "it is NULL, and the union has no null");
        WriteLong(ref output, nullBranch);
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// The value of a record in a repartition topic: version, flags, then the new row and the old row where the flags say so. One record is one
/// change, so that a change is never split on its way.
/// </summary>
internal static class ChangeCodec
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const byte Version = 1;

    /// <summary>Appends a row of a batch.</summary>
    public static void Write(ByteWriter writer, ChangeBatch batch, int row, ChangeFlags flags)
    {
        if (batch.OldColumns is null)
            flags &= ~ChangeFlags.HasOld;
        var head = writer.Append(2);
        head[0] = Version;
        head[1] = (byte)flags;
        if ((flags & ChangeFlags.HasNew) != 0)
            RowCodec.Write(writer, batch.Columns, row);
        if ((flags & ChangeFlags.HasOld) != 0)
            RowCodec.Write(writer, batch.OldColumns, row);
    }

    /// <summary>Reads a change into a row of a batch and returns its flags.</summary>
    /// <exception cref="InvalidDataException">Not a change, or of a version that this program does not know.</exception>
    public static ChangeFlags Read(ReadOnlySpan<byte> source, ChangeBatch batch, int row)
    {
        if (source.Length < 2)
            throw new InvalidDataException("a change of an internal topic is cut off");
        if (source[0] != Version)
            throw new InvalidDataException($"a change of an internal topic has format version {source[0]}; this program knows {Version}");
        var flags = (ChangeFlags)source[1];
        var position = 2;
        if ((flags & ChangeFlags.HasNew) != 0)
            RowCodec.Read(source, ref position, batch.Columns, row);
        else
            SetNull(batch.Columns, row);
        if ((flags & ChangeFlags.HasOld) != 0)
            RowCodec.Read(source, ref position,
                batch.OldColumns ?? throw new InvalidDataException("a change has an old row that nobody asked for"), row);
        else if (batch.OldColumns is not null)
            SetNull(batch.OldColumns, row);
        return flags;
    }

    private static void SetNull(Column[] columns, int row)
    {
        foreach (var column in columns)
            column.SetNull(row);
    }
}

using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>Reads the values of one field into a column. Compiled from a writer's field and a SQL type.</summary>
internal abstract class FieldReader
{
    /// <summary>Creates a reader.</summary>
    protected FieldReader(string path, WireType wireType)
    {
        Path = path;
        WireType = wireType;
    }

    /// <summary>The column's name with those of the STRUCTs around it, for errors.</summary>
    public string Path { get; }

    /// <summary>How the values stand on the wire; with another wire type the field is not known.</summary>
    public WireType WireType { get; }

    /// <summary>Whether a delimited value is a packed list.</summary>
    public virtual bool TakesPacked => false;

    /// <summary>Whether a list's elements must be initialised before they are read.</summary>
    public virtual bool IsMerged => false;

    /// <summary>What the writer declared and what was wanted; for the words of <see cref="WireFault.WrongType"/>.</summary>
    public virtual string Mismatch => "";

    /// <summary>Sets the column that is filled from now on.</summary>
    public abstract void Bind(Column column);

    /// <summary>Gives rows what they have when the field is absent. Rows are fresh: valid unless set otherwise.</summary>
    public abstract void Init(int first, int count);

    /// <summary>Reads a varint or fixed value.</summary>
    public virtual WireFault ReadNumber(ulong value, int row) => WireFault.WrongType;

    /// <summary>Reads a delimited value.</summary>
    public virtual WireFault ReadSlice(WireState state, int start, int length, int row) => WireFault.WrongType;

    /// <summary>Ends a row: called after its message was read.</summary>
    public virtual void Finish(int row)
    {
    }

    /// <summary>Makes rows null.</summary>
    protected static void SetNulls(Column column, int first, int count)
    {
        for (var row = first; row < first + count; row++)
            column.SetNull(row);
    }
}

using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Protobuf.Schema;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>Writes the values of a column as a field, from its end to its start.</summary>
/// <param name="path">The column's name with those of the STRUCTs around it, for errors.</param>
/// <param name="number">The field's number.</param>
internal abstract class FieldWriter(string path, int number)
{
    /// <summary>The field's number.</summary>
    public int Number { get; } = number;

    /// <summary>The column's name.</summary>
    public string Path { get; } = path;

    /// <summary>Sets the column that is written from now on.</summary>
    public abstract void Bind(Column column);

    /// <summary>Writes a row's field; nothing for NULL, nor for the default where an absent field means it.</summary>
    public abstract void Write(WireOutput output, int row);
}

/// <summary>Writes single values, in a field of their own or inside a list.</summary>
/// <param name="path">The column's name.</param>
/// <param name="field">The field.</param>
internal abstract class ValueWriter(string path, ProtoField field) : FieldWriter(path, field.Number)
{
    private readonly bool _isImplicit = !field.IsNullable && field.Label == ProtoLabel.Implicit;
    private readonly uint _tag = WireFormat.Tag(field.Number, ProtoTypes.WireTypeOf(field.Type));

    /// <summary>The column.</summary>
    protected abstract Column Column { get; }

    /// <inheritdoc/>
    public override void Write(WireOutput output, int row)
    {
        var column = Column;
        if (column.IsNull(row))
            return;
        row = column.Physical(row);
        if (_isImplicit && IsDefault(row))
            return;
        WriteValue(output, row);
        output.Varint(_tag);
    }

    /// <summary>Writes a value that is not NULL, without its tag; the row is physical.</summary>
    public abstract void WriteValue(WireOutput output, int row);

    /// <summary>Writes what stands for NULL inside a list: the type's default.</summary>
    public abstract void WriteDefault(WireOutput output);

    /// <summary>Whether a value that is not NULL is the type's default; the row is physical.</summary>
    protected virtual bool IsDefault(int row) => false;
}

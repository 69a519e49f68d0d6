using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Protobuf.Schema;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>Writes the fields of a message: those with the highest numbers first, so that they stand in ascending order.</summary>
internal sealed class MessageWriter
{
    private readonly (int Column, FieldWriter Writer)[] _writers;

    /// <summary>Creates a writer from those of columns or STRUCT fields.</summary>
    public MessageWriter(IEnumerable<(int Column, FieldWriter Writer)> writers) =>
        _writers = [.. writers.OrderByDescending(static writer => writer.Writer.Number)];

    /// <summary>Sets the columns that are written from now on.</summary>
    public void Bind(ReadOnlySpan<Column> columns)
    {
        foreach (var (column, writer) in _writers)
            writer.Bind(columns[column]);
    }

    /// <summary>Writes a row.</summary>
    public void Write(WireOutput output, int row)
    {
        foreach (var (_, writer) in _writers)
            writer.Write(output, row);
    }
}

/// <summary>Writes STRUCTs as sub-messages.</summary>
internal sealed class StructWriter(string path, ProtoField field, MessageWriter message) : ValueWriter(path, field)
{
    private StructColumn _column = null!;

    /// <inheritdoc/>
    protected override Column Column => _column;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (StructColumn)column;
        message.Bind(_column.Fields);
    }

    /// <inheritdoc/>
    public override void WriteValue(WireOutput output, int row)
    {
        var before = output.Length;
        message.Write(output, row);
        output.LengthSince(before);
    }

    /// <inheritdoc/>
    public override void WriteDefault(WireOutput output) => output.Varint(0);
}

/// <summary>Writes the fields of a STRUCT that stands for a oneof: the one that is not NULL, the last of several.</summary>
internal sealed class OneofWriter(string path, int number, IReadOnlyList<FieldWriter?> members) : FieldWriter(path, number)
{
    private StructColumn _column = null!;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (StructColumn)column;
        for (var i = 0; i < members.Count; i++)
            members[i]?.Bind(_column.Fields[i]);
    }

    /// <inheritdoc/>
    public override void Write(WireOutput output, int row)
    {
        if (_column.IsNull(row))
            return;
        row = _column.Physical(row);
        for (var i = members.Count - 1; i >= 0; i--)
        {
            if (_column.Fields[i].IsNull(row))
                continue;
            members[i]?.Write(output, row);
            return;
        }
    }
}

/// <summary>Writes values wrapped in a message that can be absent.</summary>
internal sealed class WrapperWriter(string path, ProtoField field, FieldWriter value) : ValueWriter(path, field)
{
    private Column _column = null!;

    /// <inheritdoc/>
    protected override Column Column => _column;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = column;
        value.Bind(column);
    }

    /// <inheritdoc/>
    public override void WriteValue(WireOutput output, int row)
    {
        var before = output.Length;
        value.Write(output, row);
        output.LengthSince(before);
    }

    /// <inheritdoc/>
    public override void WriteDefault(WireOutput output) => output.Varint(0);
}

/// <summary>Writes ARRAYs as repeated fields; NULL is empty.</summary>
internal sealed class ArrayWriter(string path, ProtoField field, ValueWriter element) : FieldWriter(path, field.Number)
{
    private readonly bool _isPacked = field.IsPacked && ProtoTypes.IsPackable(field.Type);
    private readonly uint _tag = WireFormat.Tag(
        field.Number, field.IsPacked && ProtoTypes.IsPackable(field.Type) ? WireType.Delimited : ProtoTypes.WireTypeOf(field.Type));
    private ArrayColumn _column = null!;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (ArrayColumn)column;
        element.Bind(_column.Elements);
    }

    /// <inheritdoc/>
    public override void Write(WireOutput output, int row)
    {
        if (_column.IsNull(row))
            return;
        row = _column.Physical(row);
        var (start, count) = (_column.Starts[row], _column.Lengths[row]);
        if (count == 0)
            return;
        var before = output.Length;
        for (var i = start + count - 1; i >= start; i--)
        {
            if (_column.Elements.IsNull(i))
                element.WriteDefault(output);
            else
                element.WriteValue(output, _column.Elements.Physical(i));
            if (!_isPacked)
                output.Varint(_tag);
        }

        if (!_isPacked)
            return;
        output.LengthSince(before);
        output.Varint(_tag);
    }
}

/// <summary>Writes MAPs as lists of entries; NULL is empty.</summary>
internal sealed class MapWriter(string path, ProtoField field, FieldWriter key, FieldWriter value) : FieldWriter(path, field.Number)
{
    private readonly uint _tag = WireFormat.Tag(field.Number, WireType.Delimited);
    private MapColumn _column = null!;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (MapColumn)column;
        key.Bind(_column.Keys);
        value.Bind(_column.Values);
    }

    /// <inheritdoc/>
    public override void Write(WireOutput output, int row)
    {
        if (_column.IsNull(row))
            return;
        row = _column.Physical(row);
        for (var i = _column.Starts[row] + _column.Lengths[row] - 1; i >= _column.Starts[row]; i--)
        {
            var before = output.Length;
            value.Write(output, i);
            key.Write(output, i);
            output.LengthSince(before);
            output.Varint(_tag);
        }
    }
}

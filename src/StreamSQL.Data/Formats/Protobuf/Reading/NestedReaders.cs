using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>Reads a sub-message as a STRUCT; an absent one is NULL, several are merged.</summary>
/// <param name="path">The column.</param>
/// <param name="message">Reads the message into the STRUCT's fields.</param>
internal sealed class StructReader(string path, MessageReader message) : FieldReader(path, WireType.Delimited)
{
    private StructColumn _column = null!;

    /// <inheritdoc/>
    public override bool IsMerged => true;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (StructColumn)column;
        message.Bind(_column.Fields);
    }

    /// <inheritdoc/>
    public override void Init(int first, int count) => SetNulls(_column, first, count);

    /// <inheritdoc/>
    public override WireFault ReadSlice(WireState state, int start, int length, int row)
    {
        if (_column.IsNull(row))
        {
            _column.SetValid(row);
            message.Init(row, 1);
        }

        return message.Read(state, start, start + length, row) ? WireFault.None : state.Fault;
    }
}

/// <summary>Reads a wrapper message, such as <c>google.protobuf.StringValue</c>, as its only field; an absent message is NULL.</summary>
internal sealed class WrapperReader : FieldReader
{
    private readonly MessageReader _message = new();
    private readonly Column?[] _columns = new Column?[1];
    private Column _column = null!;

    /// <summary>Creates a reader.</summary>
    public WrapperReader(string path, FieldReader value)
        : base(path, WireType.Delimited)
    {
        _message.AddInitial(0, value);
        _message.AddMember(1, 0, value);
    }

    /// <inheritdoc/>
    public override bool IsMerged => true;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _columns[0] = _column = column;
        _message.Bind(_columns);
    }

    /// <inheritdoc/>
    public override void Init(int first, int count) => SetNulls(_column, first, count);

    /// <inheritdoc/>
    public override WireFault ReadSlice(WireState state, int start, int length, int row)
    {
        if (_column.IsNull(row))
        {
            _column.SetValid(row);
            _message.Init(row, 1);
        }

        return _message.Read(state, start, start + length, row) ? WireFault.None : state.Fault;
    }
}

/// <summary>Reads a repeated field, packed or not, as an ARRAY; an absent one is empty.</summary>
/// <param name="element">Reads an element.</param>
internal sealed class ArrayReader(FieldReader element) : FieldReader(element.Path, element.WireType)
{
    private readonly bool _isMerged = element.IsMerged;
    private ArrayColumn _column = null!;

    /// <inheritdoc/>
    public override bool TakesPacked => element.WireType != WireType.Delimited;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (ArrayColumn)column;
        element.Bind(_column.Elements);
    }

    /// <inheritdoc/>
    public override void Init(int first, int count) => _column.Lengths.AsSpan(first, count).Clear();

    /// <inheritdoc/>
    public override WireFault ReadNumber(ulong value, int row) => element.ReadNumber(value, _column.Extend(row, 1));

    /// <inheritdoc/>
    public override WireFault ReadSlice(WireState state, int start, int length, int row)
    {
        if (TakesPacked)
            return ReadPacked(state, start, start + length, row);
        var index = _column.Extend(row, 1);
        if (_isMerged)
            element.Init(index, 1);
        return element.ReadSlice(state, start, length, index);
    }

    private WireFault ReadPacked(WireState state, int at, int end, int row)
    {
        if (at == end)
            return WireFault.None;
        if (WireType == WireType.Varint)
            return ReadPackedVarints(state.Buffer, at, end, row);
        var size = WireType == WireType.Fixed32 ? sizeof(uint) : sizeof(ulong);
        var index = _column.Extend(row, (end - at) / size);
        for (; end - at >= size; at += size)
        {
            var value = size == sizeof(uint) ? BitConverter.ToUInt32(state.Buffer, at) : BitConverter.ToUInt64(state.Buffer, at);
            var fault = element.ReadNumber(value, index++);
            if (fault != WireFault.None)
                return fault;
        }

        return at == end ? WireFault.None : WireFault.Truncated;
    }

    private WireFault ReadPackedVarints(byte[] buffer, int at, int end, int row)
    {
        // Each varint has one byte without the high bit, its last.
        var count = 0;
        foreach (var value in buffer.AsSpan(at, end - at))
            count += (value ^ 0x80) >> 7;
        var index = _column.Extend(row, count);
        while (at < end)
        {
            if (!WireFormat.TryReadVarint(buffer, ref at, end, out var value, out var fault))
                return fault;
            fault = element.ReadNumber(value, index++);
            if (fault != WireFault.None)
                return fault;
        }

        return WireFault.None;
    }
}

/// <summary>A field that the writer does not have: NULL.</summary>
internal sealed class AbsentReader(string path) : FieldReader(path, WireType.EndGroup)
{
    private Column _column = null!;

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = column;

    /// <inheritdoc/>
    public override void Init(int first, int count) => SetNulls(_column, first, count);
}

/// <summary>A field whose type the column cannot be read from: a record that has it fails.</summary>
internal sealed class MismatchReader(string path, WireType wireType, string mismatch) : FieldReader(path, wireType)
{
    private Column _column = null!;

    /// <inheritdoc/>
    public override bool TakesPacked => true;

    /// <inheritdoc/>
    public override string Mismatch => mismatch;

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = column;

    /// <inheritdoc/>
    public override void Init(int first, int count) => SetNulls(_column, first, count);
}

using System.Text;
using System.Text.Unicode;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>Reads text and bytes; they stay where they lie.</summary>
/// <param name="path">The column.</param>
/// <param name="isNullable">Whether an absent one is NULL.</param>
/// <param name="defaultValue">What an absent one is otherwise.</param>
internal sealed class BytesReader(string path, bool isNullable, byte[] defaultValue) : FieldReader(path, WireType.Delimited)
{
    private BytesColumn _column = null!;
    private bool _isText;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (BytesColumn)column;
        _isText = column.Type.Kind != SqlTypeKind.Bytes;
    }

    /// <inheritdoc/>
    public override void Init(int first, int count)
    {
        if (isNullable)
            SetNulls(_column, first, count);
        else if (defaultValue.Length > 0)
            Fill(_column, first, count, defaultValue);
        else
            SetEmpty(first, count);
    }

    /// <inheritdoc/>
    public override WireFault ReadSlice(WireState state, int start, int length, int row)
    {
        if (_isText && !Utf8.IsValid(state.Buffer.AsSpan(start, length)))
            return WireFault.InvalidUtf8;
        if (isNullable)
            _column.SetValid(row);
        if (!ReferenceEquals(_column.Buffer, state.Buffer))
        {
            _column.Set(row, state.Buffer.AsSpan(start, length));
            return WireFault.None;
        }

        _column.Starts[row] = start;
        _column.Lengths[row] = length;
        return WireFault.None;
    }

    /// <summary>Gives all rows one value, stored once.</summary>
    internal static void Fill(BytesColumn column, int first, int count, ReadOnlySpan<byte> value)
    {
        if (count == 0)
            return;
        column.Set(first, value);
        for (var row = first + 1; row < first + count; row++)
            column.SetSame(row, first);
    }

    private void SetEmpty(int first, int count)
    {
        _column.Starts.AsSpan(first, count).Clear();
        _column.Lengths.AsSpan(first, count).Clear();
    }
}

/// <summary>Reads enums as the names of their values; a number without one as its digits.</summary>
internal sealed class EnumReader : FieldReader
{
    private readonly Dictionary<int, byte[]> _names = [];
    private readonly byte[] _default;
    private readonly bool _isNullable;
    private BytesColumn _column = null!;

    /// <summary>Creates a reader.</summary>
    public EnumReader(string path, ProtoEnum type, bool isNullable, string? defaultValue)
        : base(path, WireType.Varint)
    {
        _isNullable = isNullable;
        // Of names for one number the first counts.
        foreach (var value in type.Values)
            _names.TryAdd(value.Number, Encoding.UTF8.GetBytes(value.Name));
        _default = Encoding.UTF8.GetBytes(defaultValue ?? (type.Values.Count > 0 ? type.Values[0].Name : ""));
    }

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = (BytesColumn)column;

    /// <inheritdoc/>
    public override void Init(int first, int count)
    {
        if (_isNullable)
            SetNulls(_column, first, count);
        else
            BytesReader.Fill(_column, first, count, _default);
    }

    /// <inheritdoc/>
    public override WireFault ReadNumber(ulong value, int row)
    {
        if (_isNullable)
            _column.SetValid(row);
        var number = (int)value;
        if (_names.TryGetValue(number, out var name))
        {
            _column.Set(row, name);
            return WireFault.None;
        }

        Span<byte> digits = stackalloc byte[Text.IntegerText.MaxLength];
        _column.Set(row, digits[..Text.IntegerText.Write(digits, number)]);
        return WireFault.None;
    }
}

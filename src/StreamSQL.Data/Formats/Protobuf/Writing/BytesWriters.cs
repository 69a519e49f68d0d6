using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>Writes text and bytes.</summary>
internal sealed class BytesWriter(string path, ProtoField field) : ValueWriter(path, field)
{
    private BytesColumn _column = null!;

    /// <inheritdoc/>
    protected override Column Column => _column;

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = (BytesColumn)column;

    /// <inheritdoc/>
    public override void WriteValue(WireOutput output, int row) => output.Delimited(_column[row]);

    /// <inheritdoc/>
    public override void WriteDefault(WireOutput output) => output.Varint(0);

    /// <inheritdoc/>
    protected override bool IsDefault(int row) => _column.Lengths[row] == 0;
}

/// <summary>Writes the names of an enum's values, or their numbers in digits, as the enum.</summary>
internal sealed class EnumWriter : ValueWriter
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byText;
    private readonly ProtoEnum _type;
    private BytesColumn _column = null!;
    private char[] _text = new char[64];

    /// <summary>Creates a writer.</summary>
    public EnumWriter(string path, ProtoField field)
        : base(path, field)
    {
        _type = field.Enum!;
        foreach (var value in _type.Values)
            _numbers.TryAdd(value.Name, value.Number);
        _byText = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <inheritdoc/>
    protected override Column Column => _column;

    /// <inheritdoc/>
    public override void Bind(Column column) => _column = (BytesColumn)column;

    /// <inheritdoc/>
    public override void WriteValue(WireOutput output, int row) => output.Varint((ulong)(long)NumberOf(row));

    /// <inheritdoc/>
    public override void WriteDefault(WireOutput output) => output.Varint(0);

    /// <inheritdoc/>
    protected override bool IsDefault(int row) => NumberOf(row) == 0;

    private int NumberOf(int row)
    {
        var text = _column[row];
        if (_text.Length < text.Length)
            _text = new char[text.Length];
        if (_byText.TryGetValue(_text.AsSpan(0, Encoding.UTF8.GetChars(text, _text)), out var number))
            return number;
        if (IntegerText.TryParse(text, out var digits) == ParseResult.Ok && digits == (int)digits)
            return (int)digits;
        throw new SqlException(
            PostgresErrorCodes.InvalidTextRepresentation,
            $"column {Path}: {_type.FullName} has no value '{Encoding.UTF8.GetString(text[..Math.Min(text.Length, 100)])}'");
    }
}

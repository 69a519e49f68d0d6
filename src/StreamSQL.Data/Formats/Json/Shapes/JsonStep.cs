using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>What kind of value a step has met; only the speed of skipping depends on it.</summary>
internal enum JsonValueKind : byte
{
    /// <summary>true, false or null.</summary>
    Word,

    /// <summary>A number without fraction and exponent.</summary>
    Integer,

    /// <summary>Another number.</summary>
    Number,

    /// <summary>A string.</summary>
    Text,

    /// <summary>An object or array.</summary>
    Container,

    /// <summary>No value: the literal is the front of a longer one, or the record's end.</summary>
    None,
}

/// <summary>One step through a record: a literal, and what becomes of the value behind it.</summary>
internal sealed unsafe class JsonStep
{
    private readonly JsonLiteral _literal;
    private readonly JsonValueReader? _reader;
    private JsonValueKind _kind;

    /// <summary>Creates a step for a field (-1: none, the value is always skipped) and its reader.</summary>
    public JsonStep(JsonLiteral literal, int field, JsonValueReader? reader, JsonValueKind kind)
    {
        _literal = literal;
        Field = field;
        _reader = reader;
        _kind = kind;
    }

    /// <summary>The field that the value belongs to, -1 for none.</summary>
    public int Field { get; }

    /// <summary>The kind of a well-formed value.</summary>
    public static JsonValueKind KindOf(ReadOnlySpan<byte> value) => value[0] switch
    {
        (byte)'"' => JsonValueKind.Text,
        (byte)'{' or (byte)'[' => JsonValueKind.Container,
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => value.IndexOfAny(".eE"u8) < 0 ? JsonValueKind.Integer : JsonValueKind.Number,
        _ => JsonValueKind.Word,
    };

    /// <summary>Whether another step has the same literal and as much of a value.</summary>
    public bool IsSame(JsonStep other) => _literal.IsSame(other._literal)
        && (_kind == JsonValueKind.None) == (other._kind == JsonValueKind.None);

    /// <summary>Takes the step on all rows; without a column the value is skipped.</summary>
    public void Run(in JsonRows rows, Column? column)
    {
        if (column is null)
            Skip(rows);
        else
            Read(rows, column);
    }

    /// <summary>Skips a value that is not of the kind last met, and expects its kind from then on.</summary>
    public void SkipGeneral(in JsonRows rows, JsonRow* row)
    {
        var value = rows.SkipGeneral(row, _literal.Length);
        if (value.IsEmpty)
            return;
        var kind = KindOf(value);
        // A null says nothing about the next value, and what skips numbers skips integers too.
        if (kind != JsonValueKind.Word && !(kind == JsonValueKind.Integer && _kind == JsonValueKind.Number))
            _kind = kind;
    }

    private void Skip(in JsonRows rows)
    {
        switch (_kind)
        {
            case JsonValueKind.Text:
                JsonTextStep.Skip(rows, _literal, this);
                break;
            case JsonValueKind.Integer:
                JsonIntegerStep.Skip(rows, _literal, this);
                break;
            case JsonValueKind.Number:
                JsonDoubleStep.Skip(rows, _literal, this);
                break;
            case JsonValueKind.Word:
                JsonWordStep.Skip(rows, _literal, this);
                break;
            case JsonValueKind.Container:
                SkipAny(rows);
                break;
            default:
                SkipLiteral(rows);
                break;
        }
    }

    private void Read(in JsonRows rows, Column column)
    {
        switch (column.Type.Kind)
        {
            case SqlTypeKind.BigInt or SqlTypeKind.Timestamp:
                JsonIntegerStep.Read(rows, _literal, _reader!, (FixedColumn<long>)column, 0, 0);
                break;
            case SqlTypeKind.Integer or SqlTypeKind.Date:
                JsonIntegerStep.Read(rows, _literal, _reader!, (FixedColumn<int>)column, int.MinValue, int.MaxValue);
                break;
            case SqlTypeKind.Time:
                JsonIntegerStep.Read(rows, _literal, _reader!, (FixedColumn<int>)column, 0, 86_399_999);
                break;
            case SqlTypeKind.Double:
                JsonDoubleStep.Read(rows, _literal, _reader!, (FixedColumn<double>)column);
                break;
            case SqlTypeKind.Boolean:
                JsonWordStep.Read(rows, _literal, _reader!, (FixedColumn<byte>)column);
                break;
            case SqlTypeKind.Varchar:
                JsonTextStep.Read(rows, _literal, _reader!, (BytesColumn)column);
                break;
            default:
                ReadAny(rows, column);
                break;
        }
    }

    private void SkipLiteral(in JsonRows rows)
    {
        for (var row = rows.First; row < rows.Last; row++)
        {
            if (_literal.Matches(rows.Buffer + row->Position))
                JsonRows.MoveTo(row, row->Position + _literal.Length);
            else
                row->Failed = true;
        }
    }

    private void SkipAny(in JsonRows rows)
    {
        for (var row = rows.First; row < rows.Last; row++)
        {
            if (_literal.Matches(rows.Buffer + row->Position))
                SkipGeneral(rows, row);
            else
                row->Failed = true;
        }
    }

    private void ReadAny(in JsonRows rows, Column column)
    {
        for (var row = rows.First; row < rows.Last; row++)
        {
            if (_literal.Matches(rows.Buffer + row->Position))
                rows.ReadGeneral(row, _literal.Length, _reader!, column);
            else
                row->Failed = true;
        }
    }
}

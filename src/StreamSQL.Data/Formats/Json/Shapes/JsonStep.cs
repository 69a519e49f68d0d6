using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>What kind of value a step has met; only the speed depends on it.</summary>
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
}

/// <summary>One member of a shape: the bytes before its value, and what becomes of the value.</summary>
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

    /// <summary>The field that the member stands for, -1 for none.</summary>
    public int Field { get; }

    /// <summary>The bytes before the value.</summary>
    public JsonLiteral Literal => _literal;

    /// <summary>The kind of value that a first byte starts.</summary>
    public static JsonValueKind KindOf(ReadOnlySpan<byte> value)
    {
        if (value[0] == (byte)'"')
            return JsonValueKind.Text;
        if (value[0] is (byte)'{' or (byte)'[')
            return JsonValueKind.Container;
        if (value[0] != (byte)'-' && (uint)value[0] - '0' > 9)
            return JsonValueKind.Word;
        return JsonScan.NumberLength(value, out var whole) > 0 && whole ? JsonValueKind.Integer : JsonValueKind.Number;
    }

    /// <summary>Takes the step on all rows; without a column the value is skipped.</summary>
    public void Run(in JsonRows rows, Column? column)
    {
        if (column is null)
            Skip(rows);
        else
            Read(rows, column);
    }

    /// <summary>Skips a value that is not of the kind last met, and expects its kind from then on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void SkipGeneral(in JsonRows rows, int index, byte* at)
    {
        var position = (int)(at - rows.Buffer);
        var start = position;
        if (rows.Failed[index] != 0 || position > rows.Ends[index] || !rows.ReadGeneral(null, null, index, ref position))
        {
            rows.Failed[index] = 1;
            return;
        }

        rows.Positions[index] = position;
        var kind = KindOf(new ReadOnlySpan<byte>(rows.Buffer + start, position - start));
        // null says nothing about the next one, and what skips numbers skips integers too.
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
            default:
                SkipAny(rows);
                break;
        }
    }

    private void Read(in JsonRows rows, Column column)
    {
        switch (column.Type.Kind)
        {
            case SqlTypeKind.BigInt or SqlTypeKind.Timestamp:
                JsonIntegerStep.Read(rows, _literal, _reader!, (FixedColumn<long>)column, long.MinValue, long.MaxValue);
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

    private void SkipAny(in JsonRows rows)
    {
        var front = _literal.Load();
        for (var i = 0; i < rows.Count; i++)
        {
            var at = rows.Buffer + rows.Positions[i];
            if (front.Matches(at))
                SkipGeneral(rows, i, at + front.Length);
            else
                rows.Failed[i] = 1;
        }
    }

    private void ReadAny(in JsonRows rows, Column column)
    {
        var front = _literal.Load();
        for (var i = 0; i < rows.Count; i++)
        {
            var at = rows.Buffer + rows.Positions[i];
            if (front.Matches(at))
                JsonIntegerStep.ReadGeneral(rows, _reader!, column, i, at + front.Length);
            else
                rows.Failed[i] = 1;
        }
    }
}

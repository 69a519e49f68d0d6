using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// A literal and a number with or without a fraction, read into a DOUBLE column or skipped; built like <see cref="JsonIntegerStep"/>.
/// </summary>
internal static unsafe class JsonDoubleStep
{
    /// <summary>Reads doubles of up to 15 digits in all: those digits are an exact double, and so is the power of ten.</summary>
    public static void Read(in JsonRows rows, in JsonLiteral literal, JsonValueReader reader, FixedColumn<double> column)
    {
        fixed (double* values = column.Values)
        {
            for (var row = rows.First; ; row++)
            {
                row = ReadUsual(row, rows.Last, rows.Buffer, literal, values);
                if (row == rows.Last)
                    return;
                rows.ReadGeneral(row, literal.Length, reader, column);
            }
        }
    }

    /// <summary>Skips numbers.</summary>
    public static void Skip(in JsonRows rows, in JsonLiteral literal, JsonStep step)
    {
        for (var row = rows.First; ; row++)
        {
            row = SkipUsual(row, rows.Last, rows.Buffer, literal);
            if (row == rows.Last)
                return;
            step.SkipGeneral(rows, row);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static JsonRow* ReadUsual(JsonRow* row, JsonRow* last, byte* buffer, in JsonLiteral literalBytes, double* values)
    {
        var literal = literalBytes;
        for (; row < last; row++)
        {
            var at = buffer + row->Position;
            if (!literal.Matches(at))
            {
                row->Failed = true;
                continue;
            }

            at += literal.Length;
            var length = Measure(at, out var whole, out var fraction);
            if (length == 0 || whole.Count + fraction.Count > 15)
                break;
            var mantissa = whole.ToUInt64();
            if (fraction.Count > 0)
                mantissa = (mantissa * JsonDigits.PowersOfTen[fraction.Count]) + fraction.ToUInt64();
            if (!JsonNumber.TryScale(mantissa, fraction.Count, *at == (byte)'-', out values[row->Number]))
                break;
            JsonRows.MoveTo(row, at - buffer + length);
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static JsonRow* SkipUsual(JsonRow* row, JsonRow* last, byte* buffer, in JsonLiteral literalBytes)
    {
        var literal = literalBytes;
        for (; row < last; row++)
        {
            var at = buffer + row->Position;
            if (!literal.Matches(at))
            {
                row->Failed = true;
                continue;
            }

            at += literal.Length;
            var length = Measure(at, out _, out _);
            if (length == 0)
                break;
            JsonRows.MoveTo(row, at - buffer + length);
        }

        return row;
    }

    /// <summary>The bytes of a number without an exponent, of up to 15 digits on each side of its point; 0 for anything else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Measure(byte* at, out JsonDigits whole, out JsonDigits fraction)
    {
        var length = *at == (byte)'-' ? 1 : 0;
        whole = new JsonDigits(at + length);
        fraction = default;
        if ((uint)(whole.Count - 1) >= JsonDigits.Many - 1 || (at[length] == (byte)'0' && whole.Count > 1))
            return 0;
        length += whole.Count;
        if (at[length] == (byte)'.')
        {
            fraction = new JsonDigits(at + length + 1);
            if ((uint)(fraction.Count - 1) >= JsonDigits.Many - 1)
                return 0;
            length += 1 + fraction.Count;
        }

        return (at[length] | 0x20) == 'e' ? 0 : length;
    }
}

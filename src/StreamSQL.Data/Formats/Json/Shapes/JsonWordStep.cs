using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>A literal and true, false or null, read into a BOOLEAN column or skipped; built like <see cref="JsonIntegerStep"/>.</summary>
internal static unsafe class JsonWordStep
{
    // The words as four bytes, the first in the lowest place.
    private const uint True = 0x65757274;
    private const uint Fals = 0x736C6166;
    private const uint Null = 0x6C6C756E;

    /// <summary>Reads booleans.</summary>
    public static void Read(in JsonRows rows, in JsonLiteral literal, JsonValueReader reader, FixedColumn<byte> column)
    {
        fixed (byte* values = column.Values)
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

    /// <summary>Skips the three words.</summary>
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
    private static JsonRow* ReadUsual(JsonRow* row, JsonRow* last, byte* buffer, in JsonLiteral literalBytes, byte* values)
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
            var word = *(uint*)at;
            var isTrue = word == True;
            if (!isTrue && !(word == Fals && at[4] == (byte)'e'))
                break;
            values[row->Number] = isTrue ? (byte)1 : (byte)0;
            JsonRows.MoveTo(row, at - buffer + (isTrue ? 4 : 5));
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
            var word = *(uint*)at;
            var isFalse = word == Fals && at[4] == (byte)'e';
            if (!isFalse && word is not (True or Null))
                break;
            JsonRows.MoveTo(row, at - buffer + (isFalse ? 5 : 4));
        }

        return row;
    }
}

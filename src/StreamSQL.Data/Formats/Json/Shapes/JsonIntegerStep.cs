using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// A literal and an integer, read into a column or skipped. The loops make no calls, so that all they need stays in registers: a row whose
/// value they do not know ends them, is taken the general way, and the loop goes on behind it.
/// </summary>
internal static unsafe class JsonIntegerStep
{
    /// <summary>
    /// Reads into a BIGINT or TIMESTAMP (T = long), INTEGER, DATE or TIME (T = int) column; of the latter the values from least to most.
    /// </summary>
    public static void Read<T>(in JsonRows rows, in JsonLiteral literal, JsonValueReader reader, FixedColumn<T> column, int least, int most)
        where T : unmanaged
    {
        fixed (T* values = column.Values)
        {
            for (var row = rows.First; ; row++)
            {
                row = ReadUsual(row, rows.Last, rows.Buffer, literal, values, least, most);
                if (row == rows.Last)
                    return;
                rows.ReadGeneral(row, literal.Length, reader, column);
            }
        }
    }

    /// <summary>Skips integers.</summary>
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
    private static JsonRow* ReadUsual<T>(JsonRow* row, JsonRow* last, byte* buffer, in JsonLiteral literalBytes, T* values,
        int least, int most)
        where T : unmanaged
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
            if (!ReadMagnitude(at, out var negative, out var digits))
                break;
            var value = ((long)digits.ToUInt64() ^ -negative) + negative;
            if (typeof(T) == typeof(long))
                ((long*)values)[row->Number] = value;
            else if (value < least || value > most)
                break;
            else
                ((int*)values)[row->Number] = (int)value;
            JsonRows.MoveTo(row, at - buffer + (negative + digits.Count));
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
            if (!ReadMagnitude(at, out var negative, out var digits) || at[negative + digits.Count] == (byte)'.')
                break;
            JsonRows.MoveTo(row, at - buffer + (negative + digits.Count));
        }

        return row;
    }

    /// <summary>
    /// The sign and up to 15 digits at a place; false for anything else. What follows must be looked at by the next literal.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool ReadMagnitude(byte* at, out int negative, out JsonDigits digits)
    {
        negative = *at == (byte)'-' ? 1 : 0;
        digits = new JsonDigits(at + negative);
        return (uint)(digits.Count - 1) < JsonDigits.Many - 1 && (at[negative] != (byte)'0' || digits.Count == 1);
    }
}

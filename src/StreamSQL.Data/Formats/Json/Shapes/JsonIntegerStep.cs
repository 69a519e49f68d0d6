using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>A literal and an integer, read into a column or skipped.</summary>
internal static unsafe class JsonIntegerStep
{
    /// <summary>Reads into a BIGINT, TIMESTAMP (T = long), INTEGER, DATE or TIME (T = int) column the values from least to most.</summary>
    public static void Read<T>(in JsonRows rows, JsonLiteral literal, JsonValueReader reader, FixedColumn<T> column, long least, long most)
        where T : unmanaged
    {
        var front = literal.Load();
        fixed (T* values = column.Values)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var at = rows.Buffer + rows.Positions[i];
                if (!front.Matches(at))
                {
                    rows.Failed[i] = 1;
                    continue;
                }

                at += front.Length;
                var negative = *at == (byte)'-' ? 1 : 0;
                var digits = at + negative;
                var count = JsonDigits.Count(digits);
                if (count is 0 or JsonDigits.Max || (*digits == (byte)'0' && count > 1))
                {
                    ReadGeneral(rows, reader, column, i, at);
                    continue;
                }

                var magnitude = (long)(count <= 8 ? JsonDigits.UpToEight(digits, count) : JsonDigits.UpToSixteen(digits, count));
                var value = (magnitude ^ -negative) + negative;
                var row = rows.Rows[i];
                if (typeof(T) == typeof(long))
                    *(long*)(values + row) = value;
                else
                    *(int*)(values + row) = (int)value;
                if (column.MayHaveNulls)
                    column.SetValid(row);
                Finish(rows, i, digits + count, value >= least && value <= most);
            }
        }
    }

    /// <summary>Skips integers.</summary>
    public static void Skip(in JsonRows rows, JsonLiteral literal, JsonStep step)
    {
        var front = literal.Load();
        for (var i = 0; i < rows.Count; i++)
        {
            var at = rows.Buffer + rows.Positions[i];
            if (!front.Matches(at))
            {
                rows.Failed[i] = 1;
                continue;
            }

            at += front.Length;
            var digits = at + (*at == (byte)'-' ? 1 : 0);
            var count = JsonDigits.Count(digits);
            if (count is 0 or JsonDigits.Max || (*digits == (byte)'0' && count > 1) || digits[count] is (byte)'.' or (byte)'e' or (byte)'E')
                step.SkipGeneral(rows, i, at);
            else
                Finish(rows, i, digits + count, true);
        }
    }

    /// <summary>Moves a row's position behind its value; what lies beyond the row's end belongs to another record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(in JsonRows rows, int index, byte* at, bool fits)
    {
        var position = (int)(at - rows.Buffer);
        if (position <= rows.Ends[index] && fits)
            rows.Positions[index] = position;
        else
            rows.Failed[index] = 1;
    }

    /// <summary>Reads a value that is none of the usual ones.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ReadGeneral(in JsonRows rows, JsonValueReader reader, Column column, int index, byte* at)
    {
        var position = (int)(at - rows.Buffer);
        if (rows.Failed[index] == 0 && position <= rows.Ends[index] && rows.ReadGeneral(reader, column, index, ref position))
            rows.Positions[index] = position;
        else
            rows.Failed[index] = 1;
    }
}

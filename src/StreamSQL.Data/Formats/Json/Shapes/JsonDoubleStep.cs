using System.Runtime.CompilerServices;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>A literal and a number with or without a fraction, read into a DOUBLE column or skipped.</summary>
internal static unsafe class JsonDoubleStep
{
    /// <summary>Reads doubles of up to eight digits before and after the point: those digits are an exact double, and so is the power of ten.</summary>
    public static void Read(in JsonRows rows, JsonLiteral literal, JsonValueReader reader, FixedColumn<double> column)
    {
        var front = literal.Load();
        fixed (double* values = column.Values)
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
                var end = Measure(at, out var whole, out var fraction);
                if (end == null || whole > 8 || fraction > 8)
                {
                    JsonIntegerStep.ReadGeneral(rows, reader, column, i, at);
                    continue;
                }

                var negative = *at == (byte)'-';
                var mantissa = JsonDigits.UpToEight(at + (negative ? 1 : 0), whole);
                if (fraction > 0)
                    mantissa = (mantissa * (ulong)JsonDigits.PowersOfTen[fraction]) + JsonDigits.UpToEight(end - fraction, fraction);
                if (!JsonNumber.TryScale(mantissa, fraction, negative, out values[rows.Rows[i]]))
                {
                    JsonIntegerStep.ReadGeneral(rows, reader, column, i, at);
                    continue;
                }

                if (column.MayHaveNulls)
                    column.SetValid(rows.Rows[i]);
                JsonIntegerStep.Finish(rows, i, end, true);
            }
        }
    }

    /// <summary>Skips numbers.</summary>
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
            var end = Measure(at, out _, out _);
            if (end == null)
                step.SkipGeneral(rows, i, at);
            else
                JsonIntegerStep.Finish(rows, i, end, true);
        }
    }

    /// <summary>The end of a number without an exponent, of up to 15 digits on each side of its point; null for anything else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Measure(byte* at, out int whole, out int fraction)
    {
        at += *at == (byte)'-' ? 1 : 0;
        whole = JsonDigits.Count(at);
        fraction = 0;
        if (whole is 0 or JsonDigits.Max || (*at == (byte)'0' && whole > 1))
            return null;
        at += whole;
        if (*at == (byte)'.')
        {
            at++;
            fraction = JsonDigits.Count(at);
            if (fraction is 0 or JsonDigits.Max)
                return null;
            at += fraction;
        }

        return (*at | 0x20) == 'e' ? null : at;
    }
}

using System.Buffers.Text;
using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>Spans of time as text, PostgreSQL's way: <c>2 days 03:04:05.006</c>. Months and years have no fixed length and are refused.</summary>
public static class IntervalText
{
    /// <summary>Writes a span; returns the bytes written (at most 40).</summary>
    public static int Write(Span<byte> destination, long millis)
    {
        var days = millis / CivilCalendar.MillisPerDay;
        var rest = millis % CivilCalendar.MillisPerDay;
        var at = 0;
        if (days != 0)
        {
            at = IntegerText.Write(destination, days);
            var unit = days is 1 ? " day"u8 : " days"u8;
            unit.CopyTo(destination[at..]);
            at += unit.Length;
            if (rest == 0)
                return at;
            destination[at++] = (byte)' ';
        }

        if (rest < 0)
            destination[at++] = (byte)'-';
        return at + DateTimeText.WriteTime(destination[at..], (int)Math.Abs(rest), FractionStyle.Trimmed);
    }

    /// <summary>Reads numbers with units (milliseconds to weeks, singular, plural or abbreviated) and at most one time of day, in any order.</summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, out long millis)
    {
        millis = 0;
        var parts = 0;
        for (text = text.Trim((byte)' '); text.Length > 0; text = text.TrimStart((byte)' '), parts++)
        {
            var end = text.IndexOf((byte)' ');
            var word = end < 0 ? text : text[..end];
            if (word.Contains((byte)':'))
            {
                var negative = word[0] == '-';
                if (DateTimeText.TryParseTime(negative ? word[1..] : word, out var time) is not ParseResult.Ok and var failure)
                    return failure;
                millis += negative ? -time : time;
                text = end < 0 ? default : text[end..];
                continue;
            }

            if (!Utf8Parser.TryParse(text, out decimal number, out var used))
                return ParseResult.Malformed;
            text = text[used..].TrimStart((byte)' ');
            end = text.IndexOf((byte)' ');
            if (!TryUnit(end < 0 ? text : text[..end], out var unit))
                return ParseResult.Malformed;
            var span = number * unit;
            if (span is > long.MaxValue / 4 or < long.MinValue / 4)
                return ParseResult.OutOfRange;
            millis += (long)span;
            text = end < 0 ? default : text[end..];
        }

        return parts > 0 ? ParseResult.Ok : ParseResult.Malformed;
    }

    private static bool TryUnit(ReadOnlySpan<byte> word, out long millis)
    {
        if (word.Length > 2 && word[^1] is (byte)'s' or (byte)'S')
            word = word[..^1];
        millis = Is(word, "millisecond"u8) || Is(word, "ms"u8) ? 1
            : Is(word, "second"u8) || Is(word, "sec"u8) || Is(word, "s"u8) || Is(word, ""u8) ? 1_000
            : Is(word, "minute"u8) || Is(word, "min"u8) || Is(word, "m"u8) ? 60_000
            : Is(word, "hour"u8) || Is(word, "h"u8) ? 3_600_000
            : Is(word, "day"u8) || Is(word, "d"u8) ? CivilCalendar.MillisPerDay
            : Is(word, "week"u8) || Is(word, "w"u8) ? 7 * CivilCalendar.MillisPerDay : 0;
        return millis > 0;
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> unit) => Ascii.EqualsIgnoreCase(word, unit);
}

using System.Globalization;
using System.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>Intervals in the style of a session; each takes at most <see cref="IntervalText.MaxLength"/> bytes.</summary>
public static class StyledIntervals
{
    /// <summary>Writes an interval; returns the bytes written.</summary>
    public static int Write(Span<byte> destination, Interval value, IntervalStyle style)
    {
        if (style == IntervalStyle.Postgres)
            return IntervalText.Write(destination, value);
        var fields = new Fields(value);
        var text = style switch
        {
            IntervalStyle.PostgresVerbose => Verbose(fields),
            IntervalStyle.SqlStandard => SqlStandard(fields),
            _ => Iso(fields),
        };
        return Encoding.ASCII.GetBytes(text, destination);
    }

    /// <summary>The sign of the first part that is not zero counts for all; others show theirs only where it is another.</summary>
    private static string Verbose(Fields fields)
    {
        var text = new StringBuilder("@");
        bool? isBefore = null;
        foreach (var (value, unit) in new[] { (fields.Years, "year"), (fields.Months, "mon"), (fields.Days, "day"), (fields.Hours, "hour"),
            (fields.Minutes, "min") })
        {
            if (value == 0)
                continue;
            isBefore ??= value < 0;
            var shown = isBefore.Value ? -value : value;
            text.Append(CultureInfo.InvariantCulture, $" {shown} {unit}{(shown == 1 ? "" : "s")}");
        }

        if (fields.Micros != 0)
        {
            isBefore ??= fields.Micros < 0;
            var isOne = Math.Abs(fields.Micros) == 1_000_000;
            text.Append(fields.Micros < 0 != isBefore.Value ? " -" : " ").Append(Seconds(fields.Micros, "0"))
                .Append(isOne ? " sec" : " secs");
        }

        return isBefore is null ? "@ 0" : text.Append(isBefore.Value ? " ago" : "").ToString();
    }

    /// <summary>Parts of one sign and one kind have one sign in front; all others show the signs of years, days and time.</summary>
    private static string SqlStandard(Fields fields)
    {
        var hasDate = fields.Years != 0 || fields.Months != 0;
        var hasTime = fields.Days != 0 || fields.HasTime;
        if (!hasDate && !hasTime)
            return "0";
        var isMixed = (fields.HasNegative && fields.HasPositive) || (hasDate && hasTime);
        if (isMixed)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"{Sign(fields.Years < 0 || fields.Months < 0)}{Math.Abs(fields.Years)}-{Math.Abs(fields.Months)} {Sign(fields.Days < 0)}" +
                $"{Math.Abs(fields.Days)} "
                + $"{Sign(fields.Hours < 0 || fields.Minutes < 0 || fields.Micros < 0)}{Clock(fields)}");
        }

        var sign = fields.HasNegative ? "-" : "";
        return hasDate ? string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(fields.Years)}-{Math.Abs(fields.Months)}")
            : fields.Days != 0 ? string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(fields.Days)} {Clock(fields)}")
            : sign + Clock(fields);
    }

    private static string Iso(Fields fields)
    {
        var text = new StringBuilder("P");
        foreach (var (value, unit) in new[] { (fields.Years, 'Y'), (fields.Months, 'M'), (fields.Days, 'D') })
        {
            if (value != 0)
                text.Append(CultureInfo.InvariantCulture, $"{value}{unit}");
        }

        if (fields.HasTime)
            text.Append('T');
        if (fields.Hours != 0)
            text.Append(CultureInfo.InvariantCulture, $"{fields.Hours}H");
        if (fields.Minutes != 0)
            text.Append(CultureInfo.InvariantCulture, $"{fields.Minutes}M");
        if (fields.Micros != 0)
            text.Append(fields.Micros < 0 ? "-" : "").Append(Seconds(fields.Micros, "0")).Append('S');
        return text.Length == 1 ? "PT0S" : text.ToString();
    }

    private static char Sign(bool isNegative) => isNegative ? '-' : '+';

    private static string Clock(Fields fields) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Math.Abs(fields.Hours)}:{Math.Abs(fields.Minutes):00}:{Seconds(fields.Micros, "00")}");

    /// <summary>Seconds and their fraction, without a sign.</summary>
    private static string Seconds(long micros, string format)
    {
        var seconds = (Math.Abs(micros) / 1_000_000).ToString(format, CultureInfo.InvariantCulture);
        var fraction = Math.Abs(micros) % 1_000_000;
        return fraction == 0 ? seconds : $"{seconds}.{fraction.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0')}";
    }

    /// <summary>The parts, each with its sign; seconds as microseconds.</summary>
    private readonly struct Fields(Interval value)
    {
        private const long MicrosPerHour = 3_600_000_000;
        private const long MicrosPerMinute = 60_000_000;

        public long Years { get; } = value.Months / 12;

        public long Months { get; } = value.Months % 12;

        public long Days { get; } = value.Days;

        public long Hours { get; } = value.Micros / MicrosPerHour;

        public long Minutes { get; } = value.Micros % MicrosPerHour / MicrosPerMinute;

        public long Micros { get; } = value.Micros % MicrosPerMinute;

        public bool HasTime => Hours != 0 || Minutes != 0 || Micros != 0;

        public bool HasNegative => Years < 0 || Months < 0 || Days < 0 || Hours < 0 || Minutes < 0 || Micros < 0;

        public bool HasPositive => Years > 0 || Months > 0 || Days > 0 || Hours > 0 || Minutes > 0 || Micros > 0;
    }
}

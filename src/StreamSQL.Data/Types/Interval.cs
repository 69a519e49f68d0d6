using System.Numerics;

namespace StreamSQL.Data.Types;

/// <summary>
/// A span of time as PostgreSQL keeps it: months, days and microseconds apart, since a month has no fixed number of days and a day none of
/// hours. Equality, order and hash take a month for 30 days and a day for 24 hours (PostgreSQL's
/// documentation, section 9.9), so 1 month equals 30 days.
/// </summary>
/// <param name="months">Months; 12 are a year.</param>
/// <param name="days">Days.</param>
/// <param name="micros">Microseconds.</param>
public readonly struct Interval(int months, int days, long micros)
    : IEquatable<Interval>, IComparable<Interval>, IComparisonOperators<Interval, Interval, bool>
{
    /// <summary>Microseconds of 24 hours.</summary>
    public const long MicrosPerDay = 86_400_000_000;

    /// <summary>Days that a month counts where it must be some number.</summary>
    public const int DaysPerMonth = 30;

    /// <summary>Months; 12 are a year.</summary>
    public int Months { get; } = months;

    /// <summary>Days.</summary>
    public int Days { get; } = days;

    /// <summary>Microseconds, any number of hours.</summary>
    public long Micros { get; } = micros;

    /// <summary>Microseconds of all: what is compared.</summary>
    public Int128 Total => ((Int128)(((long)Months * DaysPerMonth) + Days) * MicrosPerDay) + Micros;

    /// <summary>The span of so many milliseconds, without days.</summary>
    public static Interval FromMillis(long millis) => new(0, 0, millis * 1000);

    /// <summary>The sum, part by part; false when a part is out of range.</summary>
    public static bool TryAdd(Interval left, Interval right, out Interval sum)
    {
        var (months, days, micros) = ((long)left.Months + right.Months, (long)left.Days + right.Days, (Int128)left.Micros + right.Micros);
        return TryCreate(months, days, micros, out sum);
    }

    /// <summary>The difference, part by part; false when a part is out of range.</summary>
    public static bool TrySubtract(Interval left, Interval right, out Interval difference)
    {
        var (months, days, micros) = ((long)left.Months - right.Months, (long)left.Days - right.Days, (Int128)left.Micros - right.Micros);
        return TryCreate(months, days, micros, out difference);
    }

    /// <summary>
    /// The product. A fraction of a month becomes days (30 a month) and one of a day becomes time; never the other way round. False when a
    /// part is out of range.
    /// </summary>
    public bool TryMultiply(double factor, out Interval product) => TryScale(Months * factor, Days * factor, Micros * factor, out product);

    /// <summary>The quotient, with fractions as in a product. False when a part is out of range; the divisor must not be zero.</summary>
    public bool TryDivide(double divisor, out Interval quotient) =>
        TryScale(Months / divisor, Days / divisor, Micros / divisor, out quotient);

    /// <summary>A span of parts that may be too large.</summary>
    public static bool TryCreate(Int128 months, Int128 days, Int128 micros, out Interval interval)
    {
        var fits = months >= int.MinValue && months <= int.MaxValue && days >= int.MinValue && days <= int.MaxValue
            && micros >= long.MinValue && micros <= long.MaxValue;
        interval = fits ? new((int)months, (int)days, (long)micros) : default;
        return fits;
    }

    private static bool TryScale(double months, double days, double micros, out Interval result)
    {
        result = default;
        if (!(Math.Abs(months) < int.MaxValue) || !(Math.Abs(days) < int.MaxValue))
            return false;
        var (wholeMonths, wholeDays) = (Math.Truncate(months), Math.Truncate(days));
        // Rounded to the microsecond, so that 0.1 of a month is 3 days and not a bit less.
        var monthDays = RoundMicros((months - wholeMonths) * DaysPerMonth);
        var wholeMonthDays = Math.Truncate(monthDays);
        var seconds = RoundMicros((days - wholeDays + (monthDays - wholeMonthDays)) * 86_400);
        if (Math.Abs(seconds) >= 86_400)
        {
            wholeMonthDays += Math.Truncate(seconds / 86_400);
            seconds -= Math.Truncate(seconds / 86_400) * 86_400;
        }

        var total = Math.Round(micros + (seconds * 1e6), MidpointRounding.ToEven);
        if (!(Math.Abs(total) < 9.2e18) || Math.Abs(wholeDays + wholeMonthDays) > int.MaxValue)
            return false;
        result = new((int)wholeMonths, (int)(wholeDays + wholeMonthDays), (long)total);
        return true;
    }

    private static double RoundMicros(double value) => Math.Round(value * 1e6, MidpointRounding.ToEven) / 1e6;

    /// <inheritdoc/>
    public bool Equals(Interval other) => Total == other.Total;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Interval other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Total.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(Interval other) => Total.CompareTo(other.Total);

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[Text.IntervalText.MaxLength];
        return System.Text.Encoding.ASCII.GetString(text[..Text.IntervalText.Write(text, this)]);
    }

    /// <summary>Whether both are the same span.</summary>
    public static bool operator ==(Interval left, Interval right) => left.Total == right.Total;

    /// <summary>Whether both are different spans.</summary>
    public static bool operator !=(Interval left, Interval right) => left.Total != right.Total;

    /// <summary>Whether the left is shorter.</summary>
    public static bool operator <(Interval left, Interval right) => left.Total < right.Total;

    /// <summary>Whether the left is longer.</summary>
    public static bool operator >(Interval left, Interval right) => left.Total > right.Total;

    /// <summary>Whether the left is not longer.</summary>
    public static bool operator <=(Interval left, Interval right) => left.Total <= right.Total;

    /// <summary>Whether the left is not shorter.</summary>
    public static bool operator >=(Interval left, Interval right) => left.Total >= right.Total;
}

namespace StreamSQL.Data.Text;

/// <summary>The fields that a text gave, before they are put together to an instant.</summary>
internal struct DateFieldValues
{
    public int Year;
    public int Month;
    public int Day;
    public int DayOfYear;
    public int Hour;
    public int HalfDay;
    public bool IsHourOfHalfDay;
    public int Minute;
    public int Second;
    public int Millis;
    public bool HasOffset;
    public long OffsetMillis;
    public bool IsBeforeChrist;

    /// <summary>1970-01-01T00:00:00.</summary>
    public static DateFieldValues Default => new() { Year = 1970, Month = 1, Day = 1 };

    /// <summary>Puts the fields together; false when one is out of range. A day beyond its month's end is the last of the month.</summary>
    public readonly bool TryResolve(TimeZoneInfo? zone, out long millis)
    {
        millis = 0;
        var year = IsBeforeChrist ? 1 - Year : Year;
        var hour = IsHourOfHalfDay ? (Hour % 12) + (HalfDay * 12) : Hour;
        if (Month is < 1 or > 12 || Day is < 1 or > 31 || hour > 24 || Minute > 59 || Second > 59 || DayOfYear > 366)
            return false;
        if (hour == 24 && (Minute | Second | Millis) != 0)
            return false;
        if (DayOfYear == 366 && !CivilCalendar.IsLeap(year))
            return false;
        var days = DayOfYear > 0
            ? CivilCalendar.DayNumber(year, 1, 1) + DayOfYear - 1
            : CivilCalendar.DayNumber(year, Month, Math.Min(Day, CivilCalendar.DaysInMonth(year, Month)));
        var local = (days * CivilCalendar.MillisPerDay) + (((((hour * 60L) + Minute) * 60) + Second) * 1000) + Millis;
        millis = local - (HasOffset ? OffsetMillis : ZoneOffsets.OfLocal(zone, local));
        return true;
    }
}

/// <summary>An instant taken apart in a zone, for writing.</summary>
internal readonly struct LocalMoment
{
    public LocalMoment(long localMillis, long offsetMillis, TimeZoneInfo? zone)
    {
        DayNumber = CivilCalendar.FloorDiv(localMillis, CivilCalendar.MillisPerDay);
        MillisOfDay = (int)(localMillis - (DayNumber * CivilCalendar.MillisPerDay));
        (Year, Month, Day) = CivilCalendar.Date(DayNumber);
        OffsetMinutes = (int)(offsetMillis / 60_000);
        Zone = zone;
    }

    public long DayNumber { get; }

    public int MillisOfDay { get; }

    public int Year { get; }

    public int Month { get; }

    public int Day { get; }

    public int OffsetMinutes { get; }

    public TimeZoneInfo? Zone { get; }

    public int Hour => MillisOfDay / 3_600_000;
}

/// <summary>Offsets of zones from UTC, in milliseconds; null is UTC. Beyond the years 1 to 9999 a zone's base offset is used.</summary>
public static class ZoneOffsets
{
    private const long MinMillis = -62_135_596_800_000;
    private const long MaxMillis = 253_402_300_799_000;

    /// <summary>The offset at an instant.</summary>
    public static long OfInstant(TimeZoneInfo? zone, long millis)
    {
        if (zone is null)
            return 0;
        var offset = millis is > MinMillis and < MaxMillis ? zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(millis)) : zone.BaseUtcOffset;
        return (long)offset.TotalMilliseconds;
    }

    /// <summary>The offset at a local time: within an hour that comes twice the earlier offset, within one that is left out the later.</summary>
    public static long OfLocal(TimeZoneInfo? zone, long localMillis)
    {
        if (zone is null)
            return 0;
        if (localMillis is <= MinMillis or >= MaxMillis)
            return (long)zone.BaseUtcOffset.TotalMilliseconds;
        var local = DateTime.UnixEpoch.AddMilliseconds(localMillis);
        var unspecified = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (zone.IsAmbiguousTime(unspecified))
            return (long)zone.GetAmbiguousTimeOffsets(unspecified).Max().TotalMilliseconds;
        return (long)zone.GetUtcOffset(unspecified).TotalMilliseconds;
    }

    /// <summary>A zone by its IANA name, an offset (<c>+02:00</c>), UTC, GMT or Z; false when it is unknown.</summary>
    public static bool TryFind(string name, out TimeZoneInfo? zone)
    {
        zone = null;
        if (name is "UTC" or "GMT" or "Z")
            return true;
        if (name.Length > 1 && name[0] is '+' or '-' && TimeSpan.TryParse(name.TrimStart('+'), System.Globalization.CultureInfo.InvariantCulture, out var offset)
            && name.Contains(':') && Math.Abs(offset.TotalHours) <= 14)
        {
            zone = TimeZoneInfo.CreateCustomTimeZone(name, offset, name, name);
            return true;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }
}

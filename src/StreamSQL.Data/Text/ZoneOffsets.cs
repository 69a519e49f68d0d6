namespace StreamSQL.Data.Text;

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
        var offset = millis is > MinMillis and < MaxMillis ? zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(millis))
            : zone.BaseUtcOffset;
        return (long)offset.TotalMilliseconds;
    }

    /// <summary>
    /// The offset at a local time: within an hour that comes twice the earlier offset, within one that is left out the later.
    /// </summary>
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
        if (name.Length > 1 && name[0] is '+' or '-'
            && TimeSpan.TryParse(name.TrimStart('+'), System.Globalization.CultureInfo.InvariantCulture, out var offset)
            && name.Contains(':') && Math.Abs(offset.TotalHours) <= 14)
        {
            zone = TimeZoneInfo.CreateCustomTimeZone(name, offset, name, name);
            return true;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }
}

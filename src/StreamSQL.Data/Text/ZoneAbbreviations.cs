namespace StreamSQL.Data.Text;

/// <summary>
/// Short names of zones' times. .NET's data has none, so only the best known are told; others are their
/// offset, as PostgreSQL writes zones without a short name.
/// </summary>
internal static class ZoneAbbreviations
{
    private static readonly Dictionary<string, (string Standard, string Summer)> ByZone = Build(
        ("CET CEST", "Europe/Berlin Europe/Paris Europe/Madrid Europe/Rome Europe/Vienna Europe/Amsterdam Europe/Brussels Europe/Zurich " +
            "Europe/Stockholm Europe/Oslo "
            + "Europe/Copenhagen Europe/Prague Europe/Budapest Europe/Warsaw Europe/Belgrade Europe/Zagreb Europe/Luxembourg CET"),
        ("EET EEST", "Europe/Athens Europe/Helsinki Europe/Kyiv Europe/Kiev Europe/Bucharest Europe/Sofia Europe/Riga Europe/Tallinn " +
            "Europe/Vilnius EET"),
        ("GMT BST", "Europe/London"), ("WET WEST", "Europe/Lisbon WET"), ("GMT IST", "Europe/Dublin"), ("MSK MSK", "Europe/Moscow"),
        ("EST EDT", "America/New_York America/Detroit America/Toronto US/Eastern EST5EDT"),
        ("CST CDT", "America/Chicago America/Winnipeg US/Central CST6CDT"),
        ("MST MDT", "America/Denver America/Edmonton US/Mountain MST7MDT"),
        ("PST PDT", "America/Los_Angeles America/Vancouver US/Pacific PST8PDT"),
        ("MST MST", "America/Phoenix"), ("AKST AKDT", "America/Anchorage"), ("HST HST", "Pacific/Honolulu"), ("AST ADT", "America/Halifax"),
        ("NST NDT", "America/St_Johns"),
        ("JST JST", "Asia/Tokyo Japan"), ("KST KST", "Asia/Seoul"), ("CST CST", "Asia/Shanghai Asia/Taipei"), ("HKT HKT", "Asia/Hong_Kong"),
        ("IST IST", "Asia/Kolkata Asia/Calcutta"),
        ("AEST AEDT", "Australia/Sydney Australia/Melbourne Australia/Hobart Australia/Canberra"), ("AEST AEST", "Australia/Brisbane"),
        ("AWST AWST", "Australia/Perth"),
        ("ACST ACDT", "Australia/Adelaide"), ("NZST NZDT", "Pacific/Auckland"), ("SAST SAST", "Africa/Johannesburg"),
        ("EAT EAT", "Africa/Nairobi"),
        ("UTC UTC", "UTC Etc/UTC Etc/UCT UCT Zulu"), ("GMT GMT", "GMT Etc/GMT"));

    /// <summary>The short name of a zone's time at an instant.</summary>
    public static string Of(TimeZoneInfo zone, DateTimeOffset instant)
    {
        if (ByZone.TryGetValue(zone.Id, out var names))
            return zone.IsDaylightSavingTime(instant) ? names.Summer : names.Standard;
        var offset = zone.GetUtcOffset(instant);
        var hours = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{(offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs(offset.Hours):00}");
        return offset.Minutes == 0 ? hours : string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{hours}{Math.Abs(offset.Minutes):00}");
    }

    private static Dictionary<string, (string, string)> Build(params ReadOnlySpan<(string Names, string Zones)> groups)
    {
        var map = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var (names, zones) in groups)
        {
            var words = names.Split(' ');
            foreach (var zone in zones.Split(' '))
                map[zone] = (words[0], words[1]);
        }

        return map;
    }
}

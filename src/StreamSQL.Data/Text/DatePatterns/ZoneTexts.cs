using System.Text;

namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>
/// English names of zones' times. .NET's data has none, so the best known are here, named as the Unicode CLDR names them; others have the
/// short name that the zone database gives them. A short name that several have is read as the first one's.
/// </summary>
internal static class ZoneTexts
{
    private static readonly Group[] Groups =
    [
        new("EST EDT ET", "Eastern", "Daylight", "America/New_York America/Detroit America/Toronto US/Eastern EST5EDT"),
        new("CST CDT CT", "Central", "Daylight", "America/Chicago America/Winnipeg US/Central CST6CDT"),
        new("MST MDT MT", "Mountain", "Daylight", "America/Denver America/Edmonton America/Phoenix US/Mountain MST7MDT"),
        new("PST PDT PT", "Pacific", "Daylight", "America/Los_Angeles America/Vancouver US/Pacific PST8PDT"),
        new("AKST AKDT AKT", "Alaska", "Daylight", "America/Anchorage"),
        new("HST HDT HST", "Hawaii-Aleutian", "Daylight", "Pacific/Honolulu US/Hawaii"),
        new("AST ADT AT", "Atlantic", "Daylight", "America/Halifax"),
        new("NST NDT NT", "Newfoundland", "Daylight", "America/St_Johns"),
        new("CET CEST CET", "Central European", "Summer",
            "Europe/Paris Europe/Berlin Europe/Madrid Europe/Rome Europe/Vienna Europe/Amsterdam Europe/Brussels Europe/Zurich "
            + "Europe/Stockholm Europe/Oslo Europe/Copenhagen Europe/Prague Europe/Budapest Europe/Warsaw Europe/Belgrade Europe/Zagreb " +
            "Europe/Luxembourg CET"),
        new("EET EEST EET", "Eastern European", "Summer",
            "Europe/Athens Europe/Helsinki Europe/Kyiv Europe/Kiev Europe/Bucharest Europe/Sofia Europe/Riga Europe/Tallinn " +
                "Europe/Vilnius EET"),
        new("WET WEST WET", "Western European", "Summer", "Europe/Lisbon WET"),
        new("GMT BST GMT", "Greenwich Mean", "British Summer", "Europe/London"),
        new("GMT IST GMT", "Greenwich Mean", "Irish Standard", "Europe/Dublin"),
        new("MSK MSD MSK", "Moscow", "Summer", "Europe/Moscow"),
        new("IST IST IST", "India", "Daylight", "Asia/Kolkata Asia/Calcutta"),
        new("JST JDT JST", "Japan", "Daylight", "Asia/Tokyo Japan"),
        new("KST KDT KST", "Korean", "Daylight", "Asia/Seoul"),
        new("CST CDT CST", "China", "Daylight", "Asia/Shanghai PRC"),
        new("HKT HKST HKT", "Hong Kong", "Summer", "Asia/Hong_Kong"),
        new("SGT SGT SGT", "Singapore", "Daylight", "Asia/Singapore"),
        new("AEST AEDT AET", "Australian Eastern", "Daylight",
            "Australia/Sydney Australia/Melbourne Australia/Hobart Australia/Canberra Australia/Brisbane"),
        new("ACST ACDT ACT", "Australian Central", "Daylight", "Australia/Adelaide Australia/Darwin"),
        new("AWST AWDT AWT", "Australian Western", "Daylight", "Australia/Perth"),
        new("NZST NZDT NZT", "New Zealand", "Daylight", "Pacific/Auckland"),
        new("SAST SAST SAST", "South Africa", "Summer", "Africa/Johannesburg"),
        new("EAT EAT EAT", "East Africa", "Summer", "Africa/Nairobi"),
    ];

    private static readonly Dictionary<string, Group> ByZone = Groups.SelectMany(static group => group.Zones.Select(zone => (zone, group)))
        .ToDictionary(static pair => pair.zone, static pair => pair.group, StringComparer.Ordinal);

    /// <summary>The names that are read, the longest first.</summary>
    private static readonly (byte[] Name, Group Group)[] ByName =
        [.. Groups.SelectMany(static group => group.Names.Select(name => (Encoding.UTF8.GetBytes(name), group)))
            .OrderByDescending(static pair => pair.Item1.Length)];

    /// <summary>The name of a moment's zone.</summary>
    public static string Of(in LocalMoment moment, ZoneStyle style)
    {
        if (moment.Zone is not { } zone)
            return style is ZoneStyle.Full or ZoneStyle.GenericFull ? "Coordinated Universal Time" : "UTC";
        if (style == ZoneStyle.Id)
            return zone.Id;
        var isSummer = moment.OffsetSeconds != (int)zone.BaseUtcOffset.TotalSeconds;
        return ByZone.TryGetValue(zone.Id, out var group) ? group.Name(style, isSummer) : isSummer ? zone.DaylightName : zone.StandardName;
    }

    /// <summary>Reads the longest name that the text begins with; null is UTC.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> text, out TimeZoneInfo? zone)
    {
        foreach (var (name, group) in ByName)
        {
            if (text.Length < name.Length || !Ascii.EqualsIgnoreCase(text[..name.Length], name) || GoesOn(text[name.Length..]))
                continue;
            if (!Zones.TryFind(group.FirstZone, out zone))
                return false;
            text = text[name.Length..];
            return true;
        }

        zone = null;
        return false;
    }

    // EST is no name where the text has EST5EDT, nor GMT where it has GMT+2.
    private static bool GoesOn(ReadOnlySpan<byte> rest) =>
        !rest.IsEmpty && (char.IsAsciiLetterOrDigit((char)rest[0]) || rest[0] is (byte)'/' or (byte)'_' or (byte)'+' or (byte)'-');

    /// <summary>Zones of the same names.</summary>
    private sealed class Group
    {
        private readonly string[] _short;
        private readonly string[] _full;

        public Group(string shortNames, string region, string summer, string zones)
        {
            _short = shortNames.Split(' ');
            var isOfOneWord = summer is "Daylight" or "Summer";
            _full = isOfOneWord
                ? [$"{region} Standard Time", $"{region} {summer} Time", $"{region} Time"]
                : [$"{region} Time", $"{summer} Time", $"{region} Time"];
            Zones = zones.Split(' ');
            FirstZone = Encoding.UTF8.GetBytes(Zones[0]);
        }

        public string[] Zones { get; }

        public byte[] FirstZone { get; }

        public IEnumerable<string> Names => _short.Concat(_full).Distinct();

        public string Name(ZoneStyle style, bool isSummer) => style switch
        {
            ZoneStyle.Short => _short[isSummer ? 1 : 0],
            ZoneStyle.Full => _full[isSummer ? 1 : 0],
            ZoneStyle.GenericShort => _short[2],
            _ => _full[2],
        };
    }
}

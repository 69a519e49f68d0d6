using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>Time zones as PostgreSQL's clients name them: IANA names, abbreviations, offsets in POSIX's way.</summary>
public static class TimeZoneNames
{
    private const int MaxLength = 64;
    private const int MaxRemembered = 1000;

    private static readonly ConcurrentDictionary<string, TimeZoneInfo> Offsets = new(StringComparer.Ordinal);

    /// <summary>Abbreviations with their hours from UTC, and whether they are of summer time.</summary>
    private static readonly FrozenDictionary<string, (double Hours, bool IsSummer)> Abbreviations = new Dictionary<string, (double, bool)>
    {
        ["UTC"] = (0, false), ["GMT"] = (0, false), ["Z"] = (0, false), ["UT"] = (0, false), ["ZULU"] = (0, false), ["UCT"] = (0, false),
        ["WET"] = (0, false),
        ["BST"] = (1, true), ["WEST"] = (1, true), ["CET"] = (1, false), ["MET"] = (1, false), ["CEST"] = (2, true), ["MEST"] = (2, true),
        ["EET"] = (2, false),
        ["SAST"] = (2, false), ["IST"] = (2, false), ["EEST"] = (3, true), ["IDT"] = (3, true), ["MSK"] = (3, false), ["EAT"] = (3, false),
        ["MSD"] = (4, true),
        ["GST"] = (10, false), ["PKT"] = (5, false), ["HKT"] = (8, false), ["SGT"] = (8, false), ["AWST"] = (8, false),
        ["JST"] = (9, false), ["KST"] = (9, false),
        ["ACST"] = (9.5, false), ["ACDT"] = (10.5, true), ["AEST"] = (10, false), ["AEDT"] = (11, true), ["NZST"] = (12, false),
        ["NZDT"] = (13, true),
        ["NST"] = (-3.5, false), ["NDT"] = (-2.5, true), ["AST"] = (-4, false), ["ADT"] = (-3, true), ["EST"] = (-5, false),
        ["EDT"] = (-4, true),
        ["CST"] = (-6, false), ["CDT"] = (-5, true), ["MST"] = (-7, false), ["MDT"] = (-6, true), ["PST"] = (-8, false),
        ["PDT"] = (-7, true),
        ["AKST"] = (-9, false), ["AKDT"] = (-8, true), ["HST"] = (-10, false),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>All abbreviations: name, seconds from UTC, whether of summer time.</summary>
    public static IEnumerable<(string Name, int Seconds, bool IsSummer)> All =>
        Abbreviations.Select(static entry => (entry.Key, (int)(entry.Value.Hours * 3600), entry.Value.IsSummer))
            .OrderBy(static entry => entry.Key, StringComparer.Ordinal);

    /// <summary>The offset of an abbreviation, in seconds east of UTC.</summary>
    public static bool TryFindAbbreviation(ReadOnlySpan<byte> name, out int seconds)
    {
        Span<char> text = stackalloc char[8];
        seconds = 0;
        if (name.Length > text.Length || !Encoding.ASCII.TryGetChars(name, text, out var length)
            || !Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var found))
            return false;
        seconds = (int)(found.Hours * 3600);
        return true;
    }

    /// <summary>A zone by its IANA name.</summary>
    public static bool TryFindZone(ReadOnlySpan<byte> name, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        if (name.IsEmpty || name.Length > MaxLength || name.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return false;
        var text = Encoding.ASCII.GetString(name);
        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var found) || TimeZoneInfo.TryFindSystemTimeZoneById(Cased(text), out found))
            zone = found.BaseUtcOffset == TimeSpan.Zero && !found.SupportsDaylightSavingTime
                && text.Contains("utc", StringComparison.OrdinalIgnoreCase) ? TimeZoneInfo.Utc : found;
        return found is not null;
    }

    /// <summary>
    /// A zone by any name: an abbreviation, an IANA name, or POSIX's text, in which hours west of UTC are positive (<c>UTC+3</c>,
    /// <c>&lt;-03&gt;+3</c>, <c>-05:30</c>).
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out TimeZoneInfo zone)
    {
        name = name.Trim((byte)' ');
        if (TryFindAbbreviation(name, out var seconds))
        {
            zone = OfOffset(seconds);
            return true;
        }

        return TryFindZone(name, out zone) || TryFindPosix(name, out zone);
    }

    /// <summary>A zone that is so many seconds east of UTC at all times; UTC for none.</summary>
    public static TimeZoneInfo OfOffset(int seconds)
    {
        if (seconds == 0)
            return TimeZoneInfo.Utc;
        // .NET's zones have whole minutes and at most 14 hours.
        var minutes = Math.Clamp(seconds / 60, -14 * 60, 14 * 60);
        var id = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{(minutes < 0 ? '-' : '+')}{Math.Abs(minutes) / 60:00}:{Math.Abs(minutes) % 60:00}");
        if (Offsets.TryGetValue(id, out var known))
            return known;
        var zone = TimeZoneInfo.CreateCustomTimeZone(id, TimeSpan.FromMinutes(minutes), id, id);
        if (Offsets.Count < MaxRemembered)
            Offsets.TryAdd(id, zone);
        return zone;
    }

    private static bool TryFindPosix(ReadOnlySpan<byte> name, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        var rest = name;
        if (rest.StartsWith("<"u8))
            rest = rest[(rest.IndexOf((byte)'>') + 1)..];
        while (!rest.IsEmpty && char.IsAsciiLetter((char)rest[0]))
            rest = rest[1..];
        var isWest = rest.IsEmpty || rest[0] != '-';
        rest = rest.TrimStart("+-"u8);
        var parts = Encoding.ASCII.GetString(rest).Split(':');
        if (parts.Length > 2 || !int.TryParse(parts[0], System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out var hours) || hours > 24)
            return false;
        var minutes = 0;
        if (parts.Length == 2 && !int.TryParse(parts[1], System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out minutes))
            return false;
        zone = OfOffset(((hours * 60) + minutes) * (isWest ? -60 : 60));
        return true;
    }

    // europe/berlin as Europe/Berlin: names of files have capitals.
    private static string Cased(string name)
    {
        var characters = name.ToCharArray();
        for (var i = 0; i < characters.Length; i++)
            characters[i] = i == 0 || characters[i - 1] is '/' or '_'
                or '-' ? char.ToUpperInvariant(characters[i]) : char.ToLowerInvariant(characters[i]);
        return new string(characters);
    }
}

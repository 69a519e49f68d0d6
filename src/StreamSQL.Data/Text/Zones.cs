using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>Zones by their UTF-8 names, the last one remembered by each thread.</summary>
internal static class Zones
{
    [ThreadStatic]
    private static byte[]? t_name;

    [ThreadStatic]
    private static TimeZoneInfo? t_zone;

    /// <summary>Finds a zone; null is UTC.</summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out TimeZoneInfo? zone)
    {
        zone = t_zone;
        if (t_name is not null && name.SequenceEqual(t_name))
            return true;
        if (!ZoneOffsets.TryFind(Encoding.UTF8.GetString(name), out zone))
            return false;
        (t_name, t_zone) = (name.ToArray(), zone);
        return true;
    }
}

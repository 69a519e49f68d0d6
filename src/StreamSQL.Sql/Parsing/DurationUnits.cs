using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Parsing;

/// <summary>The units of WINDOW, WITHIN, GRACE PERIOD, RETENTION and TIMEOUT.</summary>
internal static class DurationUnits
{
    private static readonly Dictionary<string, long> Factors = new(StringComparer.Ordinal)
    {
        ["DAY"] = 86_400_000, ["DAYS"] = 86_400_000,
        ["HOUR"] = 3_600_000, ["HOURS"] = 3_600_000,
        ["MINUTE"] = 60_000, ["MINUTES"] = 60_000,
        ["SECOND"] = 1_000, ["SECONDS"] = 1_000,
        ["MILLISECOND"] = 1, ["MILLISECONDS"] = 1,
    };

    /// <summary>Milliseconds of an upper-case unit, or null.</summary>
    internal static long? Milliseconds(string unit) => Factors.TryGetValue(unit, out var factor) ? factor : null;

    /// <summary>What may have been meant.</summary>
    internal static string Hint(string unit) => NearestName.Find(unit, Factors.Keys) is { } nearest
        ? $"Did you mean {nearest}?"
        : "Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS.";
}

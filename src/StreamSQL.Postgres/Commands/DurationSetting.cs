using System.Globalization;

namespace StreamSQL.Postgres.Commands;

/// <summary>Durations as PostgreSQL's settings write them: <c>500</c> (milliseconds), <c>5s</c>, <c>2 min</c>.</summary>
internal static class DurationSetting
{
    private static readonly TimeSpan Max = TimeSpan.FromDays(24);

    /// <summary>Reads a duration; false when it is none, negative or longer than 24 days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var trimmed = text.Trim().Trim('\'');
        var digits = trimmed.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var number = digits < 0 ? trimmed : trimmed[..digits];
        duration = default;
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > int.MaxValue)
            return false;
        long factor = (digits < 0 ? "" : trimmed[digits..].Trim()) switch
        {
            "" or "ms" => 1,
            "s" => 1000,
            "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 0,
        };
        duration = TimeSpan.FromMilliseconds(value * (double)factor);
        return factor != 0 && duration <= Max;
    }
}

using System.Globalization;

namespace StreamSQL.Engine.Sessions;

/// <summary>Durations as PostgreSQL's settings write them: <c>500</c> (milliseconds), <c>5s</c>, <c>2 min</c>.</summary>
public static class DurationSetting
{
    private static readonly TimeSpan Max = TimeSpan.FromDays(24);
    private static readonly (string Name, long Milliseconds)[] Units =
        [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)];

    /// <summary>A duration as SHOW gives it: in the largest unit that it has a whole number of.</summary>
    public static string Format(TimeSpan duration)
    {
        var milliseconds = (long)duration.TotalMilliseconds;
        if (milliseconds == 0)
            return "0";
        var (name, size) = Array.Find(Units, unit => milliseconds % unit.Milliseconds == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / size}{name}");
    }

    /// <summary>Reads a duration; false when it is none, negative or longer than 24 days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var trimmed = text.Trim().Trim('\'');
        var digits = trimmed.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var number = digits < 0 ? trimmed : trimmed[..digits];
        duration = default;
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > int.MaxValue)
            return false;
        var unit = digits < 0 ? "ms" : trimmed[digits..].Trim();
        var factor = Array.Find(Units, known => known.Name == unit).Milliseconds;
        duration = TimeSpan.FromMilliseconds(value * (double)factor);
        return factor != 0 && duration <= Max;
    }
}

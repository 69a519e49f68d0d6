using System.Globalization;

namespace StreamSQL.Server.Options;

/// <summary>Sizes in bytes as options give them: a whole number, with k, m or g behind it for powers of 1024.</summary>
internal static class MemorySize
{
    /// <summary>Reads a size; null when it is none, or not more than 0.</summary>
    public static long? Parse(string text)
    {
        var shift = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        var digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            && number <= long.MaxValue >> shift
            ? number << shift
            : null;
    }
}

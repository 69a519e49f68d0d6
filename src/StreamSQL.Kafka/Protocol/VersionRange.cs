using System.Globalization;

namespace StreamSQL.Kafka.Protocol;

/// <summary>A range of protocol versions in the notation of Kafka's message definitions: <c>3+</c>, <c>0-7</c> or <c>5</c>.</summary>
public readonly record struct VersionRange(short Min, short Max)
{
    /// <summary>Whether the range has the version.</summary>
    public bool Contains(short version) => version >= Min && version <= Max;

    /// <summary>Parses the notation.</summary>
    /// <exception cref="FormatException">The text is not a range.</exception>
    public static VersionRange Parse(string text)
    {
        ReadOnlySpan<char> span = text;
        if (span.EndsWith("+"))
            return new VersionRange(Number(span[..^1]), short.MaxValue);
        int dash = span.IndexOf('-');
        return dash < 0
            ? new VersionRange(Number(span), Number(span))
            : new VersionRange(Number(span[..dash]), Number(span[(dash + 1)..]));
    }

    private static short Number(ReadOnlySpan<char> digits) => short.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}

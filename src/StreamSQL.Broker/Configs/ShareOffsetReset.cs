using System.Xml;

namespace StreamSQL.Broker.Configs;

/// <summary>Values of <c>share.auto.offset.reset</c> beside its words (KIP-1106).</summary>
internal static class ShareOffsetReset
{
    private const string Prefix = "by_duration:";

    /// <summary>Whether a value says how far back a group begins, as an ISO 8601 duration of days and less, not negative.</summary>
    public static bool IsByDuration(string value)
    {
        if (!value.StartsWith(Prefix, StringComparison.Ordinal) || value.AsSpan(Prefix.Length).ContainsAny('Y', '-')
            || value.AsSpan(Prefix.Length) is not ['P', ..])
            return false;
        string duration = value[Prefix.Length..];
        int time = duration.IndexOf('T', StringComparison.Ordinal);
        if (duration.AsSpan(0, time < 0 ? duration.Length : time).Contains('M'))
            return false; // months
        try
        {
            XmlConvert.ToTimeSpan(duration);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
        catch (OverflowException)
        {
            return false;
        }
    }
}

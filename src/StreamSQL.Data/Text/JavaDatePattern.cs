using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Text.DatePatterns;

namespace StreamSQL.Data.Text;

/// <summary>
/// A pattern of Java's DateTimeFormatter (<c>yyyy-MM-dd HH:mm:ss.SSS</c>), compiled once, that reads and writes instants as UTF-8 without
/// allocating. All its letters but B, optional parts in brackets, padding (p) and text in single quotes; names are English, weeks begin on
/// Sunday, reading ignores the case of letters. Fields that the pattern lacks are those of 1970-01-01T00:00:00. Immutable and thread-safe.
/// </summary>
public sealed class JavaDatePattern
{
    /// <summary>The longest pattern that is accepted, in characters.</summary>
    public const int MaxPatternLength = 1000;

    private readonly DatePatternPart[] _parts;

    private JavaDatePattern(DatePatternPart[] parts)
    {
        _parts = parts;
        MaxLength = parts.Sum(static part => part.MaxLength);
        Needs = parts.Aggregate(PatternNeeds.None, static (needs, part) => needs | part.Needs);
    }

    /// <summary>The most bytes that <see cref="Format"/> writes.</summary>
    public int MaxLength { get; }

    /// <summary>What it needs of a value to be written.</summary>
    internal PatternNeeds Needs { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="SqlException">22007: an unknown letter or an open quote.</exception>
    public static JavaDatePattern Compile(string pattern) =>
        TryCompile(pattern, out var compiled, out var reason)
            ? compiled! : throw new SqlException(PostgresErrorCodes.InvalidDatetimeFormat, reason);

    /// <summary>Compiles a pattern; on failure <paramref name="reason"/> says why.</summary>
    public static bool TryCompile(string pattern, out JavaDatePattern? compiled, out string reason)
    {
        compiled = null;
        reason = $"a date pattern has at most {MaxPatternLength} characters";
        if (pattern.Length > MaxPatternLength)
            return false;
        var reader = new DatePatternReader(pattern);
        var parts = reader.Read();
        reason = reader.Reason;
        if (parts is not null)
            compiled = new(parts);
        return parts is not null;
    }

    /// <summary>Reads an instant.</summary>
    /// <param name="utf8">The text; all of it must match.</param>
    /// <param name="zone">The zone of a text that names none; null for UTC.</param>
    /// <param name="millis">Milliseconds since 1970-01-01 UTC.</param>
    public bool TryParse(ReadOnlySpan<byte> utf8, TimeZoneInfo? zone, out long millis)
    {
        millis = 0;
        var values = DateFieldValues.Default;
        foreach (var part in _parts)
        {
            if (!part.TryRead(ref utf8, ref values))
                return false;
        }

        return utf8.IsEmpty && values.TryResolve(zone, out millis);
    }

    /// <summary>Reads an instant of a text in UTC.</summary>
    public bool TryParse(ReadOnlySpan<byte> utf8, out long millis) => TryParse(utf8, null, out millis);

    /// <summary>Writes an instant as it is in a zone (null for UTC); returns the bytes written, at most <see cref="MaxLength"/>.</summary>
    public int Format(long millis, TimeZoneInfo? zone, Span<byte> target)
    {
        var offset = ZoneOffsets.OfInstant(zone, millis);
        var moment = new LocalMoment(millis + offset, offset, zone);
        var length = 0;
        foreach (var part in _parts)
            length += part.Write(moment, target[length..]);
        return length;
    }
}

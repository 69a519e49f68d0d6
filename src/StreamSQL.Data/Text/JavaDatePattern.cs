using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Text;

/// <summary>
/// A pattern of Java's DateTimeFormatter (<c>yyyy-MM-dd HH:mm:ss.SSS</c>), compiled once, that reads and writes instants as UTF-8 without allocating.
/// Letters: <c>G y u M L d D H h k K m s S n a E e X x Z z V O</c> and text in single quotes; names are English, reading ignores their case. Fields that the
/// pattern lacks are those of 1970-01-01T00:00:00. Immutable and thread-safe.
/// </summary>
public sealed class JavaDatePattern
{
    /// <summary>The longest pattern that is accepted, in characters.</summary>
    public const int MaxPatternLength = 1000;

    private readonly DatePatternField[] _fields;

    private JavaDatePattern(DatePatternField[] fields)
    {
        _fields = fields;
        MaxLength = fields.Sum(static field => field.MaxLength);
        HasTime = fields.Any(static field => field.IsTime);
        HasDate = fields.Any(static field => field.IsDate);
    }

    /// <summary>The most bytes that <see cref="Format"/> writes.</summary>
    public int MaxLength { get; }

    /// <summary>Whether the pattern has fields of the time of day.</summary>
    public bool HasTime { get; }

    /// <summary>Whether the pattern has fields of the date.</summary>
    public bool HasDate { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="SqlException">22007: an unknown letter or an open quote.</exception>
    public static JavaDatePattern Compile(string pattern) =>
        TryCompile(pattern, out var compiled, out var reason) ? compiled! : throw new SqlException(PostgresErrorCodes.InvalidDatetimeFormat, reason);

    /// <summary>Compiles a pattern; on failure <paramref name="reason"/> says why.</summary>
    public static bool TryCompile(string pattern, out JavaDatePattern? compiled, out string reason)
    {
        compiled = null;
        reason = pattern.Length > MaxPatternLength ? $"a date pattern has at most {MaxPatternLength} characters" : "";
        var fields = new List<DatePatternField>();
        for (var i = 0; i < pattern.Length && reason.Length == 0;)
        {
            if (pattern[i] == '\'')
            {
                reason = ReadQuoted(pattern, ref i, fields);
            }
            else if (char.IsAsciiLetter(pattern[i]))
            {
                reason = ReadLetters(pattern, ref i, fields);
            }
            else if (pattern[i] is '[' or ']')
            {
                i++;
                reason = $"optional parts ([ ]) are not supported in the date pattern '{pattern}'";
            }
            else
            {
                fields.Add(DatePatternField.OfText(pattern.AsSpan(i++, 1)));
            }
        }

        if (reason.Length > 0)
            return false;
        DatePatternField.MarkAdjacentNumbers(fields);
        compiled = new([.. fields]);
        return true;
    }

    /// <summary>Reads an instant.</summary>
    /// <param name="utf8">The text; all of it must match.</param>
    /// <param name="zone">The zone of a text that names none; null for UTC.</param>
    /// <param name="millis">Milliseconds since 1970-01-01 UTC.</param>
    public bool TryParse(ReadOnlySpan<byte> utf8, TimeZoneInfo? zone, out long millis)
    {
        millis = 0;
        var values = DateFieldValues.Default;
        foreach (var field in _fields)
        {
            if (!field.TryRead(ref utf8, ref values))
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
        foreach (var field in _fields)
            length += field.Write(moment, target[length..]);
        return length;
    }

    private static string ReadQuoted(string pattern, ref int i, List<DatePatternField> fields)
    {
        var text = new StringBuilder();
        for (i++; i < pattern.Length; i++)
        {
            if (pattern[i] != '\'')
            {
                text.Append(pattern[i]);
                continue;
            }

            if (i + 1 < pattern.Length && pattern[i + 1] == '\'')
            {
                text.Append('\'');
                i++;
                continue;
            }

            i++;
            fields.Add(DatePatternField.OfText(text.Length == 0 ? "'" : text.ToString()));
            return "";
        }

        return $"a quoted text has no end in the date pattern '{pattern}'";
    }

    private static string ReadLetters(string pattern, ref int i, List<DatePatternField> fields)
    {
        var start = i;
        while (i < pattern.Length && pattern[i] == pattern[start])
            i++;
        if (DatePatternField.TryCreate(pattern[start], i - start) is not { } field)
            return $"'{pattern[start..i]}' has no meaning in the date pattern '{pattern}'";
        fields.Add(field);
        return "";
    }
}

using System.Globalization;
using NpgsqlTypes;
using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>Random values: many small ones that meet each other, some at the edges of their types.</summary>
internal sealed class Literals(Random random)
{
    public static readonly string[] Texts =
    [
        "", " ", "a", "b", "ab", "abc", "aXc", "ABC", "a b", "  padded ", "ab%c", "a_c", "a\\c", "10", "-7", "3.50", "x'y", "\"q\"",
        "Ünïcödé", "naïve", "ß", "日本語", "😀 smile", "e\u0301",
        "foo,bar,,baz", "key=value", "line\nbreak", "tab\there", "Zz", "true", "2020-02-29", "zzz", "aaaa", "{1,2}", "null",
    ];

    private static readonly string[] Patterns = ["%", "a%", "%c", "_", "__", "a_c", "%b%", "ab\\%c", "%\\_%", "", "A%", "%ï%", "_日%",
        "%a%b%", "%'%"];

    private static readonly string[] Regexes =
        ["a", "^a", "c$", "a.c", "[a-c]+", "(a|b)c?", "^$", "\\d+", "[[:digit:]]", "[^a-z]", "b{1,2}", "^.{3}$", "\\s", "ö", "x*", "\\w+",
            "[[:upper:]]", "a|b|", "^[^,]*,"];

    private static readonly string[] Documents =
    [
        "{}", "[]", "{\"a\": 1}", "{\"a\": \"x\", \"b\": [1, 2, {\"c\": null}]}", "{\"b\": [], \"a\": null}", "[1, \"a\", null, true]",
        "{\"a\": {\"a\": {\"a\": -7}}}", "\"text\"", "12",
        "null", "[[1, 2], [3]]", "{\"ß\": \"日本\", \"a\": false}",
    ];

    /// <summary>Days: leap days, ends of years, before 1970.</summary>
    private static readonly string[] Dates =
        ["2020-02-29", "2021-12-31", "1970-01-01", "1969-12-31", "2000-01-01", "1999-12-31", "2024-03-10", "0001-01-01", "9999-12-31",
            "2023-01-01", "2016-01-03", "1582-10-15"];

    private static readonly string[] Times = ["00:00:00", "12:34:56", "23:59:59.999", "06:30:00", "12:00:00", "00:00:00.001",
        "18:45:30.25"];

    public string Text() => Pick(Texts);

    public string Date() => random.Next(3) == 0
        ? new DateOnly(2020, 1, 1).AddDays(random.Next(-2000, 2000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : Pick(Dates);

    public string Time() => Pick(Times);

    public string Timestamp() => $"{(random.Next(4) == 0 ? Date() : Pick(Dates.AsSpan(0, 7)))} {Time()}+00";

    public string Span() => Pick(["1 day", "-1 day", "90 minutes", "3 hours", "1 day 02:03:04", "00:00:01.5", "-00:30:00", "2 days",
        "0 seconds", "1 week", "1 mon", "-1 mons", "1 year 2 mons 3 days", "1 mon -1 days", "1.5 months"]);

    /// <summary>A whole number: mostly small.</summary>
    public int SmallInt() => random.Next(5) == 0 ? random.Next(-1000, 1000) : random.Next(-3, 9);

    public string SmallDouble() => (random.Next(-80, 160) / 8.0).ToString("R", CultureInfo.InvariantCulture);

    public string Decimal(int whole, int scale)
    {
        var digits = random.Next(6) == 0 ? whole : random.Next(1, Math.Min(whole, 3) + 1);
        var value = "";
        for (var i = 0; i < digits; i++)
            value += (char)('0' + random.Next(i == 0 && digits > 1 ? 1 : 0, 10));
        if (scale > 0)
        {
            value += '.';
            for (var i = 0; i < scale; i++)
                value += random.Next(3) == 0 ? '5' : (char)('0' + random.Next(10));
        }

        return (random.Next(3) == 0 ? "-" : "") + value;
    }

    public string Bytes() => Pick(["", "00", "01ff", "616263", "deadbeef", "ff", "6162"]);

    public string Pattern() => Pick(Patterns);

    public string Regex() => Pick(Regexes);

    public static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>
    /// A constant of a type, written as one of the ways that both servers have, or given as a parameter; plain ones as INSERT takes them.
    /// </summary>
    public Term Constant(TermType type, bool plain = false)
    {
        if (random.Next(14) == 0 && !plain)
            return new(Nodes.Of(type, $"NULL::{Nodes.Name(type)}"), type, 0, type == TermType.Decimal ? 4 : 0);
        var (text, max, scale) = Value(type);
        if (plain)
            return new(Nodes.Of(type) with { Text = type == TermType.Bool ? text : Quoted(text) }, type, max, scale);
        if (random.Next(8) == 0 && Parameter(type, text) is { } parameter)
            return new(Nodes.Of(type) with { Parameter = parameter,
                Text = parameter.Type == NpgsqlDbType.Unknown ? $"::{Nodes.Name(type)}" : "" }, type, max, scale);
        return new(Nodes.Of(type, Write(type, text)), type, max, scale);
    }

    private (string Text, double Max, int Scale) Value(TermType type)
    {
        switch (type)
        {
            case TermType.Int:
            case TermType.BigInt:
                var number = SmallInt();
                return (number.ToString(CultureInfo.InvariantCulture), Math.Abs(number), 0);
            case TermType.Double:
                return (SmallDouble(), 100, 0);
            case TermType.Decimal:
                var scale = random.Next(0, 4) + 1;
                return (Decimal(4, scale), 10_000, scale);
            default:
                return (TextOf(type), 0, 0);
        }
    }

    private string TextOf(TermType type) => type switch
    {
        TermType.Text => Text(),
        TermType.Bool => random.Next(2) == 0 ? "true" : "false",
        TermType.Date => Date(),
        TermType.Time => Time(),
        TermType.Timestamp => Timestamp(),
        TermType.Plain => Timestamp()[..^3],
        TermType.Interval => Span(),
        TermType.Bytes => "\\x" + Bytes(),
        TermType.Ints => "{" + string.Join(',',
            Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(9) == 0 ? "NULL" : $"{SmallInt()}")) + "}",
        TermType.Texts => "{" + string.Join(',', Enumerable.Range(0, random.Next(4))
            .Select(_ => random.Next(9) == 0 ? "NULL" : Pick(["a", "b", "abc", "\"\"", "\"x y\"", "ß"]))) + "}",
        TermType.Json => Pick(Documents),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private string Write(TermType type, string text) => type switch
    {
        TermType.Int or TermType.Decimal => text.StartsWith('-') ? $"({text})" : text,
        TermType.BigInt => random.Next(2) == 0 ? $"({text})::bigint" : $"CAST({text} AS bigint)",
        TermType.Double => random.Next(2) == 0 ? $"({text})::float8" : $"CAST('{text}' AS double precision)",
        TermType.Text => random.Next(3) == 0 ? Quoted(text) + "::text" : Quoted(text),
        TermType.Bool => text,
        TermType.Date or TermType.Time => random.Next(2) == 0 ? $"{Nodes.Name(type)} '{text}'" : $"'{text}'::{Nodes.Name(type)}",
        _ => $"{Quoted(text)}::{Nodes.Name(type)}",
    };

    /// <summary>Typed by the client, or left to the server: its text with a cast.</summary>
    private QueryParameter? Parameter(TermType type, string text)
    {
        // The ends of .NET's calendar are Npgsql's way to write infinity.
        if (random.Next(3) == 0 || text.StartsWith("9999", StringComparison.Ordinal) || text.StartsWith("0001", StringComparison.Ordinal))
            return new(text, NpgsqlDbType.Unknown);
        return type switch
        {
            TermType.Int => new(int.Parse(text, CultureInfo.InvariantCulture), NpgsqlDbType.Integer),
            TermType.BigInt => new(long.Parse(text, CultureInfo.InvariantCulture), NpgsqlDbType.Bigint),
            TermType.Double => new(double.Parse(text, CultureInfo.InvariantCulture), NpgsqlDbType.Double),
            TermType.Decimal => new(decimal.Parse(text, CultureInfo.InvariantCulture), NpgsqlDbType.Numeric),
            TermType.Text => new(text, NpgsqlDbType.Text),
            TermType.Bool => new(text == "true", NpgsqlDbType.Boolean),
            TermType.Date => new(DateOnly.Parse(text, CultureInfo.InvariantCulture), NpgsqlDbType.Date),
            TermType.Time => new(TimeOnly.Parse(text, CultureInfo.InvariantCulture), NpgsqlDbType.Time),
            TermType.Timestamp => new(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime, NpgsqlDbType.TimestampTz),
            TermType.Plain => new(DateTime.Parse(text, CultureInfo.InvariantCulture), NpgsqlDbType.Timestamp),
            TermType.Bytes => new(Convert.FromHexString(text[2..]), NpgsqlDbType.Bytea),
            _ => null,
        };
    }

    private T Pick<T>(params ReadOnlySpan<T> items) => items[random.Next(items.Length)];
}

using System.Globalization;
using System.Text;

namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>A row of a source: its value as JSON, null for a row that is gone.</summary>
internal sealed record SourceRow(string Source, string Key, string? Value, long Time);

/// <summary>The sources that random queries read, all with the same columns, and random rows for them.</summary>
internal static class InputRows
{
    /// <summary>Rows at and behind this time only close windows; their keys begin with <c>zz</c>.</summary>
    public const long ClosingMs = FirstMs + (10L * 24 * 60 * 60 * 1000);

    private const long FirstMs = 1_700_000_000_000;
    private const int MaxStepMs = 2_000;
    private const int OutOfOrderMs = 20_000;
    private const int Keys = 12;
    private const int ClosingKeys = 24;

    /// <summary>The streams.</summary>
    public static readonly IReadOnlyList<string> Streams = ["s1", "s2"];

    /// <summary>The tables.</summary>
    public static readonly IReadOnlyList<string> Tables = ["t1", "t2"];

    /// <summary>Values of VARCHAR columns.</summary>
    public static readonly IReadOnlyList<string> Words = ["", "a", "ab", " pad ", "Banana", "äöü", "xyz", "aaa"];

    /// <summary>The columns of a source but for its key.</summary>
    public const string Columns = "r, i, b, d, m, s, f";

    /// <summary>The statement that makes a source.</summary>
    public static string Statement(string source, int partitions) => string.Create(
        CultureInfo.InvariantCulture,
        $"CREATE {(Tables.Contains(source) ? "TABLE" : "STREAM")} {source} (id VARCHAR {(Tables.Contains(source) ? "PRIMARY KEY" : "KEY")}, r VARCHAR, i INTEGER, b BIGINT, d DOUBLE, m DECIMAL(8, 2), s VARCHAR, f BOOLEAN) "
        + $"WITH (KAFKA_TOPIC = '{source}', PARTITIONS = {partitions}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');");

    /// <summary>A column of a type.</summary>
    public static string ColumnOf(ExpressionType type, Random random) => type switch
    {
        ExpressionType.Integer => "i",
        ExpressionType.BigInt => "b",
        ExpressionType.Double => "d",
        ExpressionType.Decimal => "m",
        ExpressionType.Varchar => random.Next(3) switch { 0 => "id", 1 => "r", _ => "s" },
        _ => "f",
    };

    /// <summary>Rows of both tables, then of both streams, then those that close all windows.</summary>
    public static List<SourceRow> Make(Random random, int count)
    {
        var rows = new List<SourceRow>();
        foreach (var sources in new[] { Tables, Streams })
        {
            var clock = FirstMs;
            for (var i = 0; i < count; i++)
            {
                clock += random.Next(MaxStepMs);
                var isGone = sources == Tables && random.Next(8) == 0;
                rows.Add(new SourceRow(sources[random.Next(2)], Key(random), isGone ? null : Value(random),
                    clock - random.Next(OutOfOrderMs)));
            }
        }

        foreach (var stream in Streams)
        {
            for (var key = 0; key < ClosingKeys; key++)
                rows.Add(new SourceRow(stream, $"zz{key}", $$"""{"R":"zz{{key}}","I":{{key}},"S":"zz{{key}}"}""", ClosingMs));
        }

        return rows;
    }

    private static string Key(Random random) => string.Create(CultureInfo.InvariantCulture, $"k{random.Next(Keys)}");

    private static string Value(Random random)
    {
        var fields = new List<string>();
        Add(fields, random, "R", $"\"{Key(random)}\"");
        Add(fields, random, "I", random.Next(-20, 21).ToString(CultureInfo.InvariantCulture));
        Add(fields, random, "B", random.NextInt64(-1_000_000_000_000, 1_000_000_000_000).ToString(CultureInfo.InvariantCulture));
        Add(fields, random, "D", (random.Next(-400, 401) / 4.0).ToString(CultureInfo.InvariantCulture));
        Add(fields, random, "M", (random.Next(-9_999, 10_000) / 100.0m).ToString(CultureInfo.InvariantCulture));
        Add(fields, random, "S", $"\"{Words[random.Next(Words.Count)]}\"");
        Add(fields, random, "F", random.Next(2) == 0 ? "true" : "false");
        return new StringBuilder("{").AppendJoin(',', fields).Append('}').ToString();
    }

    private static void Add(List<string> fields, Random random, string name, string value)
    {
        switch (random.Next(10))
        {
            case 0:
                return;
            case 1:
                fields.Add($"\"{name}\":null");
                return;
            default:
                fields.Add($"\"{name}\":{value}");
                return;
        }
    }
}

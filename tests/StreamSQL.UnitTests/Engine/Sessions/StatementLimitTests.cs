using System.Diagnostics;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

/// <summary>Deep and huge statements get an answer, or are refused with a limit's error.</summary>
public class StatementLimitTests(ITestOutputHelper output)
{
    private const string Sources = """
        CREATE STREAM s (k VARCHAR KEY, a INTEGER, b VARCHAR) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
        CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;
        INSERT INTO s VALUES ('x', 1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
        """;

    // Wide machines answer in far less than a second; this only has to hold on a busy one.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    public static TheoryData<string, string> Statements => new()
    {
        { "10,000 terms of OR, bounded", $"SELECT k FROM s WHERE {Chain(10_000, " OR ", "a = ")}" },
        { "10,000 terms of AND, bounded", $"SELECT k FROM s WHERE {Chain(10_000, " AND ", "a <> ")}" },
        { "10,000 terms of OR over a table's key",
            $"SELECT n FROM t WHERE {string.Join(" OR ", Enumerable.Range(0, 10_000).Select(static i => $"k = '{i}'"))}" },
        { "10,000 terms of OR, continuous", $"CREATE STREAM r AS SELECT * FROM s WHERE {Chain(10_000, " OR ", "a = ")}" },
        { "10,000 pairs of OR under AND",
            $"SELECT k FROM s WHERE {string.Join(" AND ", Enumerable.Range(0, 10_000).Select(static i => $"(a = {i} OR a <> {i})"))}" },
        { "IN of 10,000", $"SELECT k FROM s WHERE a IN ({string.Join(",", Enumerable.Range(0, 10_000))})" },
        { "10,000 columns selected",
            $"SELECT {string.Join(", ", Enumerable.Range(0, 10_000).Select(static i => $"a + {i} AS c{i}"))} FROM s" },
        { "10,000 columns created", "CREATE STREAM w (k VARCHAR KEY, " +
            $"{string.Join(", ", Enumerable.Range(0, 10_000).Select(static i => $"c{i} INTEGER"))}) WITH (KAFKA_TOPIC = 'w', PARTITIONS " +
            "= 1, VALUE_FORMAT = 'JSON')" },
        { "10,000 columns of a result",
            $"CREATE STREAM w AS SELECT k, {string.Join(", ", Enumerable.Range(0, 10_000).Select(static i => $"a + {i} AS c{i}"))} FROM s" },
        { "10,000 rows inserted",
            $"INSERT INTO s VALUES {string.Join(", ", Enumerable.Range(0, 10_000).Select(static i => $"('{i}', {i}, 'b')"))}" },
        { "1,000 parentheses", $"SELECT {Nest("(", "1", ")", 1_000)}" },
        { "400 parentheses", $"SELECT {Nest("(", "1", ")", 400)}" },
        { "1,000 calls", $"SELECT {Nest("ABS(", "1", ")", 1_000)}" },
        { "400 calls", $"SELECT {Nest("ABS(", "a", ")", 400)} FROM s" },
        { "1,000 sub-queries", $"SELECT * FROM {Nest("(SELECT * FROM ", "s", ") AS q", 1_000)}" },
        { "100 sub-queries", $"SELECT * FROM {Nest("(SELECT * FROM ", "s", ") AS q", 100)}" },
        { "400 sums", $"SELECT {string.Join(" + ", Enumerable.Repeat("a", 400))} FROM s" },
        { "10,000 sums", $"SELECT {string.Join(" + ", Enumerable.Repeat("a", 10_000))} FROM s" },
        { "10,000 concatenations", $"SELECT {string.Join(" || ", Enumerable.Repeat("b", 10_000))} FROM s" },
        { "a text of 1 MB", $"SELECT '{new string('x', 1 << 20)}'" },
        { "a comment of 1 MB", $"SELECT 1 -- {new string('x', 1 << 20)}" },
        { "1 MB of names", $"SELECT {string.Join(", ", Enumerable.Range(0, 120_000).Select(static i => $"c{i}"))} FROM s" },
        { "1 MB of words", string.Concat(Enumerable.Repeat("SELECT ", 150_000)) },
        { "1 MB of brackets", new string('(', 1 << 20) },
        { "1 MB of statements", string.Concat(Enumerable.Repeat("SELECT 1;", 20_000)) },
        { "a name of 1 MB", $"SELECT {new string('x', 1 << 20)} FROM s" },
        { "a number of 1 MB", $"SELECT {new string('1', 1 << 20)}" },
        { "1,000 unions", string.Join(" UNION ALL ", Enumerable.Repeat("SELECT 1", 1_000)) },
        { "1,000 joins",
            $"SELECT 1 FROM s s0 {string.Concat(Enumerable.Range(1, 1_000).Select(static i => $" JOIN s s{i} ON s0.k = s{i}.k"))}" },
        { "1,000 cases",
            $"SELECT CASE {string.Concat(Enumerable.Range(0, 10_000).Select(static i => $" WHEN a = {i} THEN {i}"))} END FROM s" },
        { "a pattern that backtracks", "SELECT REGEXP_EXTRACT('(a+)+$', CONCAT(b, 'X')) FROM s" },
        { "a pattern that repeats repeats", "SELECT REGEXP_REPLACE(b, '(((a{1000}){1000}){1000})', 'x') FROM s" },
        { "an operator's pattern", "SELECT b ~ '^(a|a|aa)+$' FROM s" },
        { "a LIKE of many wildcards", $"SELECT b LIKE '{string.Concat(Enumerable.Repeat("%a", 200))}X' FROM s" },
        { "a variable that grows", string.Concat(Enumerable.Range(0, 40).Select(static i => $"DEFINE v{i + 1} = '${{v{i}}}${{v{i}}}'; "))
            .Insert(0, "DEFINE v0 = 'xxxxxxxx'; ") },
    };

    [Theory]
    [MemberData(nameof(Statements), DisableDiscoveryEnumeration = true)]
    public async Task A_huge_statement_has_an_answer(string name, string statement)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Sources);
        var watch = Stopwatch.StartNew();
        string answer;
        try
        {
            answer = $"{(await engine.RunAsync(statement)).Count} rows";
        }
        catch (SqlException error)
        {
            answer = error.SqlState;
        }

        watch.Stop();
        output.WriteLine($"{name}: {answer} in {watch.ElapsedMilliseconds} ms");
        watch.Elapsed.ShouldBeLessThan(s_patience);
        answer.ShouldNotBe(PostgresErrorCodes.InternalError);
        (await engine.RunAsync("SELECT 1")).ShouldBe(["1"]);
    }

    private static string Chain(int count, string between, string before) =>
        string.Join(between, Enumerable.Range(1, count).Select(i => before + i));

    private static string Nest(string before, string middle, string after, int depth) =>
        string.Concat(Enumerable.Repeat(before, depth)) + middle + string.Concat(Enumerable.Repeat(after, depth));
}

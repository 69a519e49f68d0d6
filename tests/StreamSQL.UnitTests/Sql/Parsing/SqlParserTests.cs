using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.UnitTests.Sql.Parsing;

public sealed class SqlParserTests
{
    [Theory]
    [InlineData("expressions.txt")]
    [InlineData("queries.txt")]
    [InlineData("statements.txt")]
    public void Trees(string file) => TextCases.Check(Path.Combine("Cases", file), file == "expressions.txt"
        ? static text => SyntaxDump.Of(Expression(text))
        : static text => string.Join('\n', SqlParser.ParseScript(text).Select(SyntaxDump.Of)));

    private static Expression Expression(string text) =>
        ((ExpressionItem)((SelectBody)((QueryStatement)SqlParser.ParseStatement(
            "SELECT " + text)).Query.Body).Items.ShouldHaveSingleItem()).Expression;

    [Fact]
    public void Errors() => TextCases.Check(Path.Combine("Cases", "errors.txt"), static text =>
    {
        var error = Should.Throw<SqlException>(() => SqlParser.ParseScript(text));
        var position = error.Position!.Value;
        return $"{error.SqlState} at {position.Offset}: {error.Message}" + (error.Hint is null ? "" : $"\nHint: {error.Hint}");
    });

    [Fact]
    public void EveryStatementKeepsItsOwnText()
    {
        var statements = SqlParser.ParseScript(
            "-- first\nSELECT ';' ;; /* two; */ SELECT 2 -- end\n; CREATE STREAM s (a INT) WITH (x='\n;');");
        statements.Select(static s => s.Text).ShouldBe(["SELECT ';'", "SELECT 2", "CREATE STREAM s (a INT) WITH (x='\n;')"]);
        statements[1].Position.ShouldBe(new TextPosition(34, 2, 26));
        statements[2].Position.Line.ShouldBe(3);
    }

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData(" ; ;\n")]
    [InlineData("-- ping")]
    [InlineData("/* a /* nested */ comment */")]
    public void NothingIsNoStatement(string text) => SqlParser.ParseScript(text).ShouldBeEmpty();

    [Fact]
    public void OneStatementMeansOne()
    {
        SqlParser.ParseStatement("SELECT 1;").ShouldBeOfType<QueryStatement>();
        Should.Throw<SqlException>(() => SqlParser.ParseStatement("SELECT 1; SELECT 2")).Message.ShouldContain("multiple commands");
        Should.Throw<SqlException>(() => SqlParser.ParseStatement(" -- nothing")).SqlState.ShouldBe("42601");
    }

    [Theory]
    [InlineData("date")]
    [InlineData("key")]
    [InlineData("value")]
    [InlineData("time")]
    [InlineData("timestamp")]
    [InlineData("origin")]
    [InlineData("count")]
    [InlineData("delay")]
    [InlineData("name")]
    [InlineData("type")]
    [InlineData("user")]
    [InlineData("array")]
    [InlineData("map")]
    [InlineData("struct")]
    [InlineData("source")]
    [InlineData("topic")]
    [InlineData("stream")]
    [InlineData("partition")]
    [InlineData("offset")]
    [InlineData("window")]
    [InlineData("emit")]
    [InlineData("changes")]
    [InlineData("desc")]
    [InlineData("values")]
    [InlineData("position")]
    [InlineData("interval")]
    [InlineData("year")]
    [InlineData("range")]
    [InlineData("row")]
    [InlineData("header")]
    [InlineData("schema")]
    [InlineData("level")]
    [InlineData("session")]
    public void CommonWordsNameColumns(string name)
    {
        SqlParser.ParseScript($"CREATE STREAM s ({name} VARCHAR KEY, x INT) WITH (kafka_topic='t'); SELECT {name}, s.{name} AS " +
            $"{name} FROM s WHERE {name} = 1 GROUP BY {name} ORDER BY {name};")
            .Count.ShouldBe(2);
    }

    [Fact]
    public void DepthIsBoundedWhateverNests()
    {
        string[] nests =
        [
            Repeat("(", "1", ")"), Repeat("- ", "1", ""), Repeat("a[", "1", "]"), Repeat("f(", "1", ")"),
            Repeat("CASE WHEN a THEN ", "1", " END"),
            Repeat("(SELECT ", "1", ")"), Repeat("ARRAY[", "1", "]"), Repeat("1 + (", "1", ")"), Repeat("1 + ", "1", ""),
            Repeat("NOT (", "a", ")"),
            Repeat("STRUCT(a := ", "1", ")"), Repeat("CAST(", "1", " AS INT)"), Repeat("1 = NOT ", "1", ""),
            "CAST(a AS " + Repeat("ARRAY<", "INT", ">") + ")",
        ];
        foreach (var nest in nests)
            Should.Throw<SqlException>(() => SqlParser.ParseScript("SELECT " + nest), nest[..40]).SqlState.ShouldBe("54001");
        Should.Throw<SqlException>(() => SqlParser.ParseScript(Repeat("(", "SELECT 1", ")"))).SqlState.ShouldBe("54001");
        Should.Throw<SqlException>(() => SqlParser.ParseScript(Repeat("SELECT 1 UNION ", "SELECT 1", ""))).SqlState.ShouldBe("54001");
        Should.Throw<SqlException>(() => SqlParser.ParseScript("SELECT " + Repeat("(", "1", ""))).SqlState.ShouldBeOneOf("54001", "42601");

        static string Repeat(string before, string middle, string after) =>
            string.Concat(Enumerable.Repeat(before, 2000)) + middle + string.Concat(Enumerable.Repeat(after, 2000));
    }

    [Fact]
    public void LongButFlatIsFine()
    {
        var chain = string.Join(" OR ", Enumerable.Range(0, 5000).Select(static i => $"a = {i} AND NOT b"));
        var query = SqlParser.ParseStatement("SELECT 1 FROM t WHERE " + chain).ShouldBeOfType<QueryStatement>();
        ((SelectBody)query.Query.Body).Where.ShouldBeOfType<LogicalExpression>().Operands.Count.ShouldBe(5000);
        SqlParser.ParseStatement("SELECT " + string.Join(" || ", Enumerable.Repeat("'x'", 400)));
        SqlParser.ParseStatement("SELECT " + new string('(', 150) + "1" + new string(')', 150));
        Should.Throw<SqlException>(() => SqlParser.ParseScript(new string(' ', SyntaxLimits.MaxLength + 1))).SqlState.ShouldBe("54000");
    }

    [Fact]
    public void DamagedStatementsFailCleanly()
    {
        const string Statement = "CREATE TABLE t WITH (partitions=4) AS SELECT a->b, ARRAY[1, $$x$$], f(x => x + 1) c FROM s s1 JOIN u " +
            "WITHIN 2 DAYS ON s1.a = u.a "
            + "WINDOW TUMBLING (SIZE 1 DAY, GRACE PERIOD 5 MINUTES) WHERE x::INT[] IS NOT NULL GROUP BY 1 HAVING count(*) > 1 EMIT " +
            "CHANGES;";
        var random = new Random(7);
        const string Junk = "()[]'\"`$;,.*=<>-@:x1 ";
        for (var round = 0; round < 300; round++)
        {
            var text = new System.Text.StringBuilder(Statement);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0)
                    text.Remove(at, Math.Min(random.Next(1, 8), text.Length - at));
                else
                    text.Insert(at, Junk[random.Next(Junk.Length)]);
            }

            try
            {
                SqlParser.ParseScript(text.ToString());
            }
            catch (SqlException error)
            {
                error.SqlState.ShouldBeOneOf("42601", "22025", "42P02", "0A000");
            }
        }
    }
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

public class VariableTests
{
    [Theory]
    [InlineData("DEFINE x = 'abc'; SELECT '${x}';", "abc")]
    [InlineData("DEFINE x = 'abc'; SELECT '<${X}>';", "<abc>")]
    [InlineData("DEFINE x = '41'; SELECT ${x} + 1;", "42")]
    [InlineData("DEFINE x = '''it''''s'''; SELECT ${x};", "it's")]
    [InlineData("DEFINE x = 'it''s'; SELECT '${x}';", "it's")]
    [InlineData("DEFINE x = 'a'; SELECT '$${x}';", "${x}")]
    [InlineData("DEFINE x = 'a'; DEFINE y = '${x}b'; SELECT '${y}';", "ab")]
    [InlineData("DEFINE x = 'a'; UNDEFINE x; SELECT '${x}';", "${x}")]
    [InlineData("DEFINE x = 'a'; SET 'ksql.variable.substitution.enable' = 'false';", null)]
    [InlineData("DEFINE x = 'a;b'; SELECT '${x}' /* ; ${x} */; -- ; ${x}", "a;b")]
    public async Task Variables_stand_for_their_values(string script, string? expected)
    {
        await using var engine = await EngineHarness.StartAsync();

        var rows = await engine.RunAsync(script);

        rows.ShouldBe(expected is null ? [] : [expected]);
    }

    [Fact]
    public async Task A_value_outside_quotes_cannot_add_to_the_statement()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("DEFINE x = '1; DROP STREAM s'");

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync("SELECT ${x}"));

        error.SqlState.ShouldBe(PostgresErrorCodes.InvalidParameterValue);
    }

    [Fact]
    public async Task Variables_are_listed_and_can_be_switched_off()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("DEFINE b = '2'; DEFINE a = '1';");
        (await engine.RunAsync("SHOW VARIABLES")).ShouldBe(["a|1", "b|2"]);

        await engine.RunAsync("SET 'ksql.variable.substitution.enable' = 'false'");

        (await engine.RunAsync("SELECT '${a}'")).ShouldBe(["${a}"]);
        (await Should.ThrowAsync<SqlException>(() => engine.RunAsync("SELECT ${a}"))).SqlState.ShouldBe(PostgresErrorCodes.SyntaxError);
    }
}

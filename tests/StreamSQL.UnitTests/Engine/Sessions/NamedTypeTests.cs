using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

public class NamedTypeTests
{
    private const string People = """
        CREATE TYPE address AS STRUCT<street VARCHAR, zip INTEGER>;
        CREATE TYPE IF NOT EXISTS address AS INTEGER;
        CREATE TYPE person AS STRUCT<name VARCHAR, homes ARRAY<ADDRESS>>;
        CREATE STREAM people (id VARCHAR KEY, who PERSON) WITH (KAFKA_TOPIC = 'people', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        """;

    private const string Ann =
        "INSERT INTO people (id, who) VALUES ('a', STRUCT(name := 'Ann', homes := ARRAY[STRUCT(street := 'Elm', zip := 5)]));";

    [Fact]
    public async Task A_named_type_stands_wherever_a_type_may()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            People
                + "CREATE STREAM zips AS SELECT id, who->name, CAST(STRUCT(street := 'Oak', zip := 7) AS address)->zip AS zip FROM " +
                "people;" + Ann);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT id, name, zip FROM zips")).ShouldBe(["a|Ann|7"]);
        (await engine.RunAsync("SHOW TYPES")).ShouldBe(
        [
            "ADDRESS|STRUCT<`STREET` VARCHAR, `ZIP` INTEGER>",
            "PERSON|STRUCT<`NAME` VARCHAR, `HOMES` ARRAY<STRUCT<`STREET` VARCHAR, `ZIP` INTEGER>>>",
        ]);
    }

    [Fact]
    public async Task A_dropped_type_is_missed_by_no_column_and_no_query_after_a_restart()
    {
        var before = await EngineHarness.StartAsync();
        await before.RunAsync(People + """
            CREATE STREAM zips AS SELECT id, CAST(STRUCT(street := 'Oak', zip := 7) AS address)->zip AS zip FROM people;
            DROP TYPE address;
            DROP TYPE IF EXISTS address;
            """);

        await using var after = await before.CrashAsync();
        await after.RunAsync(Ann);
        await after.CaughtUpAsync();
        (await after.RunAsync("SELECT who->homes[1]->street, z.zip FROM people p JOIN zips z ON p.id = z.id")).ShouldBe(["Elm|7"]);
        (await after.RunAsync("SHOW TYPES")).Count.ShouldBe(1);
        await before.DisposeAsync();
    }

    [Theory]
    [InlineData("CREATE TYPE address AS INTEGER", "42710",
        "Cannot register custom type 'ADDRESS' since it is already registered with type: STRUCT<`STREET` VARCHAR, `ZIP` INTEGER>")]
    [InlineData("CREATE TYPE integer AS BIGINT", "42710", "INTEGER is a built-in type")]
    [InlineData("CREATE TYPE home AS ARRAY<adress>", "42704", "type \"adress\" does not exist")]
    [InlineData("CREATE TYPE home AS INTERVAL", "0A000", "a column cannot be of type INTERVAL")]
    [InlineData("DROP TYPE home", "42704", "Type HOME does not exist.")]
    public async Task What_is_wrong_is_said(string sql, string state, string message)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(People);

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(sql));

        (error.SqlState, error.Message).ShouldBe((state, message));
    }
}

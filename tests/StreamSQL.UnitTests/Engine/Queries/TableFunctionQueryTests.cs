using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

public class TableFunctionQueryTests
{
    private const string Carts = """
        CREATE STREAM carts (id VARCHAR KEY, items ARRAY<VARCHAR>, amounts ARRAY<INTEGER>, city VARCHAR)
            WITH (KAFKA_TOPIC = 'carts', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        """;

    private const string TwoCarts = """
        INSERT INTO carts (id, items, amounts, city) VALUES ('a', ARRAY['pen', 'ink'], ARRAY[1, 2, 3], 'Ulm');
        INSERT INTO carts (id, items, amounts, city) VALUES ('b', ARRAY['pen'], ARRAY[4], 'Bonn');
        """;

    [Theory]
    [InlineData("SELECT id, EXPLODE(items) AS item, amounts[1] AS n FROM carts", "a|ink|1", "a|pen|1", "b|pen|4")]
    [InlineData("SELECT id, EXPLODE(items), EXPLODE(amounts) FROM carts WHERE city = 'Ulm'", "a|ink|2", "a|null|3", "a|pen|1")]
    [InlineData("SELECT id, UCASE(EXPLODE(items)) || '!' AS item FROM carts", "a|INK!", "a|PEN!", "b|PEN!")]
    [InlineData("SELECT city, id, EXPLODE(items) FROM carts PARTITION BY city", "Bonn|b|pen", "Ulm|a|ink", "Ulm|a|pen")]
    public async Task Rows_are_made_of_rows(string select, params string[] wanted)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync($"{Carts}CREATE STREAM rows_of AS {select} EMIT CHANGES;{TwoCarts}");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT * FROM rows_of")).Order(StringComparer.Ordinal).ShouldBe(wanted);
    }

    [Fact]
    public async Task Rows_go_into_a_stream_and_are_counted_once_over_a_restart()
    {
        var before = await EngineHarness.StartAsync();
        await before.RunAsync($"""
            {Carts}
            CREATE STREAM sold (id VARCHAR KEY, item VARCHAR) WITH (KAFKA_TOPIC = 'sold', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            INSERT INTO sold SELECT id, EXPLODE(items) AS item FROM carts EMIT CHANGES;
            CREATE TABLE counts AS SELECT item, COUNT(*) AS n FROM sold GROUP BY item;
            {TwoCarts}
            """);
        await before.CaughtUpAsync();

        await using var after = await before.CrashAsync();
        await after.RunAsync(TwoCarts);
        await after.CaughtUpAsync();
        (await after.RunAsync("SELECT item, n FROM counts")).Order().ShouldBe(["ink|2", "pen|4"]);
        await before.DisposeAsync();
    }

    [Fact]
    public async Task A_bounded_read_can_make_rows_too()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Carts + TwoCarts);

        (await engine.RunAsync("SELECT EXPLODE(items) AS item, city FROM carts ORDER BY item, city")).ShouldBe(
            ["ink|Ulm", "pen|Bonn", "pen|Ulm"]);
    }
}

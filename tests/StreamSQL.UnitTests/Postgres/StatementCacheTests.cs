using StreamSQL.Postgres;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Commands;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Postgres;

/// <summary>Texts that a client sends again are parsed and planned once, as long as they mean the same.</summary>
public sealed class StatementCacheTests
{
    private const string Table =
        "CREATE TABLE t (id BIGINT PRIMARY KEY, a INTEGER) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, VALUE_FORMAT = 'JSON');";
    private const string LookUp = "SELECT a FROM t WHERE id = 1";
    private const uint BigInt = 20;
    private const uint Integer = 23;

    [Fact]
    public async Task A_text_is_found_from_the_third_time_on()
    {
        await using var engine = await StartAsync();
        await using var client = Open(engine);

        Send(client, LookUp).ShouldBe("made");
        Send(client, LookUp).ShouldBe("made");
        Send(client, LookUp).ShouldBe("found");
        Send(client, LookUp).ShouldBe("found");
        Send(client, LookUp + " ").ShouldBe("made");
        client.Known.Hits.ShouldBe(2);
    }

    [Fact]
    public async Task Declared_types_make_another_statement()
    {
        await using var engine = await StartAsync();
        await using var client = Open(engine);
        const string sql = "SELECT a FROM t WHERE id = $1";

        Repeat(client, sql, [BigInt]).ShouldBe("made made found");
        Send(client, sql, [Integer]).ShouldBe("made");
        Send(client, sql, []).ShouldBe("made");
        Send(client, sql, [Integer]).ShouldBe("found");
        Send(client, sql, [BigInt]).ShouldBe("found");
        client.Known.Hits.ShouldBe(3);
    }

    [Theory]
    [InlineData("CREATE STREAM s (b INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, VALUE_FORMAT = 'JSON');")]
    [InlineData("SET TimeZone = 'Asia/Tokyo';")]
    public async Task What_a_text_may_mean_anew_is_made_anew(string change)
    {
        await using var engine = await StartAsync();
        await using var client = Open(engine);

        Repeat(client, LookUp).ShouldBe("made made found");
        await engine.RunAsync(change);
        Send(client, LookUp).ShouldBe("made");
        Send(client, LookUp).ShouldBe("found");
        client.Known.Hits.ShouldBe(2);
    }

    [Fact]
    public async Task What_cannot_be_repeated_or_is_long_is_not_kept()
    {
        await using var engine = await StartAsync();
        await using var client = Open(engine);

        Repeat(client, "INSERT INTO t (id, a) VALUES (1, 2)").ShouldBe("made made made");
        Repeat(client, $"SELECT a FROM t WHERE id = 1{new string(' ', 5000)}").ShouldBe("made made made");
        client.Known.Hits.ShouldBe(0);
    }

    [Fact]
    public async Task Few_texts_are_kept()
    {
        await using var engine = await StartAsync();
        await using var client = Open(engine);
        string[] texts = [.. Enumerable.Range(0, 16).Select(static i => $"SELECT a FROM t WHERE id = {i}")];
        for (var round = 0; round < 2; round++)
        {
            foreach (var text in texts)
                Send(client, text).ShouldBe("made");
        }

        foreach (var text in texts)
            Send(client, text).ShouldBe("found");
        Repeat(client, "SELECT a FROM t WHERE id = 16").ShouldBe("made made found");
        Send(client, texts[0]).ShouldBe("made");
        client.Known.Hits.ShouldBe(17);
    }

    private static async Task<EngineHarness> StartAsync()
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Table);
        return engine;
    }

    private static ClientState Open(EngineHarness engine) => new(
        engine.Session, StatementRunner.For(engine.Session), () => CatalogObjects.Of(engine.Session.Snapshot), new PostgresOptions(),
        TimeProvider.System);

    private static string Repeat(ClientState client, string sql, params uint[] types) =>
        string.Join(' ', Enumerable.Range(0, 3).Select(_ => Send(client, sql, types)));

    /// <summary>What a Parse message does: whether its statement was found or made.</summary>
    private static string Send(ClientState client, string sql, params uint[] types)
    {
        if (client.Known.Find(sql, types) is not null)
            return "found";
        client.Known.Add(sql, types, new StatementBinder(client).Bind(client.Runner.Parse(sql).Single(), types));
        return "made";
    }
}

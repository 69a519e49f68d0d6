using StreamSQL.Engine.Catalog;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Catalog;

public class CatalogLogTests
{
    [Fact]
    public async Task Of_two_records_for_one_version_the_first_counts()
    {
        await using var engine = await EngineHarness.StartAsync();
        await using var one = await CatalogLog.OpenAsync(
            engine.Broker, lease: null, holder: null, TimeProvider.System, CancellationToken.None);
        await using var other = await CatalogLog.OpenAsync(
            engine.Broker, lease: null, holder: null, TimeProvider.System, CancellationToken.None);

        (await one.TryAppendAsync(new CreateSourceRecord(Source("A")), 0, CancellationToken.None)).ShouldBeTrue();
        (await other.TryAppendAsync(new CreateSourceRecord(Source("B")), 0, CancellationToken.None)).ShouldBeFalse(
            "the other log has not seen the first record");
        (await other.TryAppendAsync(new CreateSourceRecord(Source("B")), other.Image.Version, CancellationToken.None)).ShouldBeTrue();

        await using var replayed = await CatalogLog.OpenAsync(
            engine.Broker, lease: null, holder: null, TimeProvider.System, CancellationToken.None);
        replayed.Image.Sources.Keys.ShouldBe(["A", "B"]);
        replayed.Image.Version.ShouldBe(2);
    }

    [Fact]
    public async Task Statements_at_the_same_time_all_happen()
    {
        await using var engine = await EngineHarness.StartAsync();
        var sessions = Enumerable.Range(0, 8).Select(i => engine.Engine.CreateSession($"u{i}", "streamsql")).ToArray();

        await Task.WhenAll(sessions.Select((session, i) => EngineHarness.RunAsync(
            session, $"CREATE STREAM s{i} (v INTEGER) WITH (KAFKA_TOPIC = 't{i}', PARTITIONS = 1, VALUE_FORMAT = 'JSON')")));

        engine.Engine.Catalog.Sources.Count.ShouldBe(8);
        engine.Engine.Catalog.Version.ShouldBe(8);
    }

    private static SourceDefinition Source(string name) => new()
    {
        Name = name,
        Kind = RelationKind.Stream,
        Columns = [],
        Topic = name,
        Partitions = 1,
        KeyFormat = new FormatSpec("NONE"),
        ValueFormat = new FormatSpec("JSON"),
        Statement = $"CREATE STREAM {name}",
    };
}

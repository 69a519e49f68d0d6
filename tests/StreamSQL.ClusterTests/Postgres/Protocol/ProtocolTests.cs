using System.Globalization;

namespace StreamSQL.ClusterTests.Postgres.Protocol;

/// <summary>
/// What goes over the wire, message by message, as PostgreSQL 15 answers it. The answers are recorded (<c>record-protocol</c>); where ours is another
/// on purpose, or not yet the same, the cases' file says so beside it, and why.
/// </summary>
public sealed class ProtocolTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    public static TheoryData<string> Names => [.. ProtocolCase.ReadAll().Select(static known => known.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answers_as_postgres(string name)
    {
        var known = ProtocolCase.ReadAll().Single(one => one.Name == name);
        using var connection = await ProtocolConnection.OpenAsync(server.Host, int.Parse(server.Port, CultureInfo.InvariantCulture), "replay", "streamsql");
        foreach (var exchange in known.Exchanges)
            (await connection.ExchangeAsync(exchange.Sent)).ShouldBe(exchange.Ours ?? exchange.Postgres, $"> {exchange.Sent}");
    }

    [Fact]
    public void Each_difference_has_a_reason() =>
        ProtocolCase.ReadAll().SelectMany(static known => known.Exchanges).Where(static exchange => exchange.Ours is not null)
            .ShouldAllBe(static exchange => exchange.Reason != null && exchange.Ours != exchange.Postgres);
}

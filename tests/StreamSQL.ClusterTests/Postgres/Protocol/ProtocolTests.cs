using System.Globalization;

namespace StreamSQL.ClusterTests.Postgres.Protocol;

/// <summary>
/// What goes over the wire, message by message, as PostgreSQL 15 answers it. The answers are recorded (<c>record-protocol</c>); where ours
/// is another on purpose, or not yet the same, the cases' file says so beside it, and why.
/// </summary>
public sealed class ProtocolTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    public static TheoryData<string> Names => [.. ProtocolCase.ReadAll().Select(static known => known.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answers_as_postgres(string name)
    {
        var known = ProtocolCase.ReadAll().Single(one => one.Name == name);
        using var connection = await ProtocolConnection.OpenAsync(server.Host, int.Parse(server.Port, CultureInfo.InvariantCulture),
            "replay", "streamsql");
        foreach (var exchange in known.Exchanges)
            (await connection.ExchangeAsync(exchange.Sent)).ShouldBe(exchange.Ours ?? exchange.Postgres, $"> {exchange.Sent}");
    }

    [Fact]
    public async Task A_function_is_called_by_the_identifier_that_pg_proc_gives()
    {
        using var connection = await ProtocolConnection.OpenAsync(server.Host, int.Parse(server.Port, CultureInfo.InvariantCulture),
            "replay", "streamsql");
        async Task<string> CallAsync(string function, string arguments)
        {
            var row = await connection.ExchangeAsync($"Q SELECT oid FROM pg_proc WHERE proname = '{function}'");
            var from = row.IndexOf("D(", StringComparison.Ordinal) + 2;
            return await connection.ExchangeAsync($"F({row[from..row.IndexOf(')', from)]}) {arguments}");
        }

        (await CallAsync("upper", "abc")).ShouldBe("V(ABC) ZI");
        (await CallAsync("chr", "65")).ShouldBe("V(A) ZI");
        (await CallAsync("count", "1")).ShouldBe("E(0A000 cannot call function \"count\" via fastpath interface) ZI");
        (await CallAsync("upper", "a,b,c")).ShouldStartWith("E(42883 ");
        await connection.ExchangeAsync("Q BEGIN; SELECT 1 / 0");
        (await connection.ExchangeAsync("F(1) a")).ShouldStartWith("E(25P02 ");
        (await connection.ExchangeAsync("Q ROLLBACK; SELECT 1")).ShouldBe("C:ROLLBACK T(?column?:23) D(1) C:SELECT 1 ZI");
    }

    [Fact]
    public void Each_difference_has_a_reason() =>
        ProtocolCase.ReadAll().SelectMany(static known => known.Exchanges).Where(static exchange => exchange.Ours is not null)
            .ShouldAllBe(static exchange => exchange.Reason != null && exchange.Ours != exchange.Postgres);
}

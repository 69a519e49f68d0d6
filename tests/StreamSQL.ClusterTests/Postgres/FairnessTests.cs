using Npgsql;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>A statement that takes long is its own client's affair.</summary>
public sealed class FairnessTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Heavy_statements_do_not_hold_up_short_ones()
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var quick = await source.OpenConnectionAsync(patience.Token);
        await using var ask = new NpgsqlCommand("SELECT $1 + 1", quick) { Parameters = { new() { Value = 1 } } };
        await ask.PrepareAsync(patience.Token);
        (await ask.ExecuteScalarAsync(patience.Token)).ShouldBe(2);

        // More of them than processors, on connections of their own; they take hours.
        const string Heavy = "SELECT count(*) FROM generate_series(1, 100000000000) AS n WHERE md5(n::text) = ''";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var running = Enumerable.Range(0, Environment.ProcessorCount + 1).Select(_ => RunAsync(source, Heavy, stop.Token)).ToArray();
        await using var watcher = await source.OpenConnectionAsync(patience.Token);
        while (await CountAsync(watcher, patience.Token) < running.Length)
            running.ShouldAllBe(static statement => !statement.IsCompleted);

        for (var i = 0; i < 300; i++)
        {
            ask.Parameters[0].Value = i;
            (await ask.ExecuteScalarAsync(patience.Token)).ShouldBe(i + 1);
        }

        running.ShouldAllBe(static statement => !statement.IsCompleted);
        await stop.CancelAsync();
        foreach (var statement in running)
            await Should.ThrowAsync<OperationCanceledException>(statement).WaitAsync(Patience);
    }

    private static async Task RunAsync(NpgsqlDataSource source, string statement, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(stop);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        const string Active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series%' "
            + "AND pid <> pg_backend_pid()";
        await using var command = new NpgsqlCommand(Active, connection);
        return (long)(await command.ExecuteScalarAsync(stop))!;
    }
}

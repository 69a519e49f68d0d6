namespace StreamSQL.ClusterTests.Pushes;

/// <summary>
/// A client that listens and does not read its socket: it costs a bounded amount of memory, and the others do not wait for it.
/// </summary>
public sealed class SlowListenerTests
{
    private const int Notifications = 16_000;
    private const int PayloadBytes = 7_900;
    private const int NotificationsPerQuery = 100;
    private const double MostMib = 64; // half of what was sent
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_is_bounded_and_slows_nobody_and_is_told_what_it_has_missed()
    {
        using var server = await PushServer.StartAsync();
        using var slow = await RawPostgres.ConnectAsync(server.Process.Postgres, receiveBytes: 4096);
        using var quick = await RawPostgres.ConnectAsync(server.Process.Postgres);
        using var sender = await RawPostgres.ConnectAsync(server.Process.Postgres);
        foreach (var client in new[] { slow, quick })
        {
            await client.QueryAsync("LISTEN news");
            await client.ReadToAsync('Z');
        }

        var payload = new string('x', PayloadBytes);
        await NotifyAsync(sender, payload, quick, NotificationsPerQuery * 10);
        var memory = server.MemoryMib;
        await NotifyAsync(sender, payload, quick, Notifications);
        (server.MemoryMib - memory).ShouldBeLessThan(MostMib);

        // It reads at last: what was kept for it, and how much was not.
        await slow.QueryAsync("SELECT 1");
        var seen = await slow.ReadToAsync('Z').WaitAsync(Patience);
        seen.ShouldContain("N");
        seen.Count(static type => type == 'A').ShouldBeLessThan(Notifications);
    }

    /// <summary>Sends notifications, each of which the quick client has before the next ones are sent.</summary>
    private static async Task NotifyAsync(RawPostgres sender, string payload, RawPostgres quick, int count)
    {
        for (var i = 0; i < count; i += NotificationsPerQuery)
        {
            await sender.QueryAsync($"SELECT pg_notify('news', n || '{payload}') FROM generate_series(1, {NotificationsPerQuery}) AS n");
            await sender.ReadToAsync('Z').WaitAsync(Patience);
            for (var j = 0; j < NotificationsPerQuery; j++)
                await quick.ReadToAsync('A').WaitAsync(Patience);
        }
    }
}

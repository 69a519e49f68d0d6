using System.Net;
using StreamSQL.Postgres;
using StreamSQL.Postgres.Connections;
using StreamSQL.Sql.Catalog;
using StreamSQL.UnitTests.Broker;
using StreamSQL.UnitTests.Postgres.Support;

namespace StreamSQL.UnitTests.Postgres.Authentication;

/// <summary>How many connections there may be, of whom, and how long one may take to log in.</summary>
public class ConnectionLimitTests
{
    private static readonly RoleDefinition s_ann = new() { Name = "ann", Attributes = RoleAttributes.Login, ConnectionLimit = 2 };
    private static readonly RoleDefinition s_bob = new() { Name = "bob", Attributes = RoleAttributes.Login };
    private static readonly RoleDefinition s_root = new()
        { Name = "root", Attributes = RoleAttributes.Login | RoleAttributes.Superuser, ConnectionLimit = 0 };

    [Fact]
    public async Task A_client_that_does_not_log_in_is_told_and_closed_when_its_time_is_over()
    {
        var time = new ManualTime();
        var handler = WireClient.Handler(new ScriptedStatements(),
            new PostgresOptions { AuthenticationTimeout = TimeSpan.FromSeconds(5) }, time);
        await using var client = new WireClient(handler);
        while (handler.ConnectionCount == 0)
            await Task.Yield();
        while (!client.Server.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1)); // its time may begin a moment after it is counted
            await Task.Delay(1);
        }

        (await client.ReadToReadyAsync()).ShouldBe("E(57014 canceling authentication due to timeout) EOF");
        await client.Server;
        handler.ConnectionCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_has_logged_in_has_all_the_time()
    {
        var time = new ManualTime();
        var handler = WireClient.Handler(new ScriptedStatements().Numbers("select 1", "n", 1), new PostgresOptions(), time);
        await using var client = await LogInAsync(handler, "ann");
        time.Advance(TimeSpan.FromDays(1));
        client.Query("select 1");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(1) C:SELECT 1 ZI");
    }

    [Fact]
    public async Task A_role_has_no_more_sessions_than_its_limit_and_a_superuser_has_none()
    {
        var handler = WireClient.Handler(new ScriptedStatements(), null, null, s_ann, s_bob, s_root);
        await using var first = await LogInAsync(handler, "ann");
        await using (var second = await LogInAsync(handler, "ann"))
        {
            (await TryLogInAsync(handler, "ann")).ShouldEndWith("E(53300 too many connections for role \"ann\") EOF");
            await using var other = await LogInAsync(handler, "bob");
            await using var superuser = await LogInAsync(handler, "root");
        }

        await EventuallyAsync(() => handler.ConnectionCount == 1);
        await using var third = await LogInAsync(handler, "ann");
    }

    [Fact]
    public async Task The_last_connections_are_for_superusers()
    {
        var handler = WireClient.Handler(new ScriptedStatements(), new PostgresOptions { MaxConnections = 3, ReservedConnections = 1 },
            null, s_bob, s_root);
        await using var first = await LogInAsync(handler, "bob");
        await using var second = await LogInAsync(handler, "bob");
        (await TryLogInAsync(handler, "bob")).ShouldEndWith(
            "E(53300 remaining connection slots are reserved for superuser connections) EOF");
        await EventuallyAsync(() => handler.ConnectionCount == 2);
        await using var superuser = await LogInAsync(handler, "root");
        (await TryLogInAsync(handler, "root")).ShouldBe("E(53300 sorry, too many clients already) EOF");
    }

    [Fact]
    public async Task An_address_has_no_more_connections_than_its_limit()
    {
        var handler = WireClient.Handler(new ScriptedStatements(), new PostgresOptions { MaxConnectionsPerAddress = 1 });
        var one = IPAddress.Parse("127.0.0.1");
        await using (var first = await LogInAsync(handler, "ann", one))
        {
            (await TryLogInAsync(handler, "ann", one)).ShouldBe("E(53300 too many connections from 127.0.0.1) EOF");
            (await TryLogInAsync(handler, "ann", IPAddress.Parse("::ffff:127.0.0.1"))).ShouldBe(
                "E(53300 too many connections from 127.0.0.1) EOF");
            await using var elsewhere = await LogInAsync(handler, "ann", IPAddress.Parse("::1"));
        }

        await EventuallyAsync(() => handler.ConnectionCount == 0);
        await using var later = await LogInAsync(handler, "ann", one);
    }

    [Fact]
    public async Task Wrong_keys_of_cancel_requests_shut_an_address_out_and_not_the_others()
    {
        var statements = new ScriptedStatements();
        statements.Push("select live", "n");
        var handler = WireClient.Handler(statements);
        await using var client = await LogInAsync(handler, "ann");
        client.Query("select live");
        await client.ReadAsync(2);
        var guesser = IPAddress.Parse("127.0.0.1");
        var wrong = (byte[])client.Key.Clone();
        wrong[^1] ^= 1;
        for (var i = 0; i < CancelLimiter.Burst + 1; i++)
            await CancelAsync(handler, wrong, guesser);
        await CancelAsync(handler, client.Key, guesser); // even the right one is not looked at
        await CancelAsync(handler, client.Key, IPAddress.Parse("::1"));
        (await client.ReadToReadyAsync()).ShouldBe("E(57014 canceling statement due to user request) ZI");
    }

    private static async Task CancelAsync(PostgresConnectionHandler handler, byte[] key, IPAddress from)
    {
        await using var canceller = new WireClient(handler, address: from);
        canceller.Cancel(key);
        (await canceller.ReadToReadyAsync()).ShouldBe("EOF");
    }

    private static async Task<WireClient> LogInAsync(PostgresConnectionHandler handler, string user, IPAddress? address = null)
    {
        var client = new WireClient(handler, address: address);
        client.Startup(3 << 16, ("user", user));
        (await client.ReadToReadyAsync()).ShouldEndWith("ZI");
        return client;
    }

    private static async Task<string> TryLogInAsync(PostgresConnectionHandler handler, string user, IPAddress? address = null)
    {
        await using var client = new WireClient(handler, address: address);
        client.Startup(3 << 16, ("user", user));
        return await client.ReadToReadyAsync();
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        for (var i = 0; !condition() && i < 1000; i++)
            await Task.Delay(10);
        condition().ShouldBeTrue();
    }
}

using System.Buffers.Binary;
using StreamSQL.Postgres;
using StreamSQL.UnitTests.Postgres.Support;

namespace StreamSQL.UnitTests.Postgres;

/// <summary>How connections begin, end, and are refused.</summary>
public sealed class ConnectionTests
{
    private const int Version30 = 3 << 16;
    private const string Reported =
        "S:application_name S:client_encoding S:DateStyle S:default_transaction_read_only S:in_hot_standby S:integer_datetimes " +
        "S:IntervalStyle "
        + "S:is_superuser S:search_path S:server_encoding S:server_version S:session_authorization S:standard_conforming_strings " +
        "S:TimeZone";

    private static WireClient Open(PostgresOptions? options = null) =>
        new(WireClient.Handler(new ScriptedStatements().Numbers("select 1", "n", 1), options));

    [Fact]
    public async Task A_session_begins_with_what_clients_follow()
    {
        await using var client = Open();
        client.Startup(Version30, ("user", "alice"));
        (await client.ReadToReadyAsync()).ShouldBe($"R {Reported} K ZI");
        client.Key.Length.ShouldBe(8);
    }

    [Theory]
    [InlineData(3, 2, 36, "")]
    [InlineData(3, 1, 8, "")]
    [InlineData(3, 9999, 36, "v ")]
    public async Task Newer_minor_versions_are_negotiated(int major, int minor, int keyBytes, string negotiation)
    {
        await using var client = Open();
        client.Startup((major << 16) | minor, ("user", "alice"));
        (await client.ReadToReadyAsync()).ShouldBe($"{negotiation}R {Reported} K ZI");
        client.Key.Length.ShouldBe(keyBytes);
    }

    [Fact]
    public async Task Unknown_protocol_options_are_listed_back()
    {
        await using var client = Open();
        client.Startup(Version30, ("user", "alice"), ("_pq_.foo", "1"));
        await client.SendAsync();
        var (type, body) = await client.ReadMessageAsync();
        type.ShouldBe('v');
        BinaryPrimitives.ReadInt32BigEndian(body).ShouldBe((3 << 16) | 2);
        System.Text.Encoding.UTF8.GetString(body.AsSpan(8)).ShouldBe("_pq_.foo\0");
    }

    [Theory]
    [InlineData(4 << 16, "user", "E(0A000 unsupported frontend protocol 4.0: server supports 3.0 to 3.2) EOF")]
    [InlineData(Version30, "nobody", "E(28000 no PostgreSQL user name specified in startup packet) EOF")]
    public async Task A_start_that_is_refused(int version, string parameter, string expected)
    {
        await using var client = Open();
        client.Startup(version, (parameter, "alice"));
        (await client.ReadToReadyAsync()).ShouldBe(expected);
    }

    [Theory]
    [InlineData("bogus_guc", "1", "R E(42704 unrecognized configuration parameter \"bogus_guc\") EOF")]
    [InlineData("options", "-c bogus_guc=1", "R E(42704 unrecognized configuration parameter \"bogus_guc\") EOF")]
    [InlineData("options", "-x", "R E(42601 invalid command-line argument for server process: -x) EOF")]
    [InlineData("replication", "database", "R E(0A000 replication connections are not supported) EOF")]
    public async Task Settings_are_checked_at_the_start(string name, string value, string expected)
    {
        await using var client = Open();
        client.Startup(Version30, ("user", "alice"), (name, value));
        (await client.ReadToReadyAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task Settings_of_the_start_are_in_force_and_reported()
    {
        await using var client = Open();
        client.Startup(Version30, ("user", "alice"), ("options", "-c search_path=a\\ b --application-name=x"),
            ("client_encoding", "'utf-8'"));
        await client.SendAsync();
        var reported = new Dictionary<string, string>();
        while (await client.ReadMessageAsync() is var (type, body) && type != 'Z')
        {
            if (type == 'S' && System.Text.Encoding.UTF8.GetString(body).Split('\0') is [var name, var value, ""])
                reported[name] = value;
        }

        reported["search_path"].ShouldBe("a b");
        reported["application_name"].ShouldBe("x");
        reported["client_encoding"].ShouldBe("UTF8");
        reported["session_authorization"].ShouldBe("alice");
    }

    [Fact]
    public async Task Encryption_is_refused_with_one_byte_and_the_session_goes_on()
    {
        await using var client = Open();
        client.Raw(0, 0, 0, 8, 4, 210, 22, 48);
        (await client.ReadByteAsync()).ShouldBe((byte)'N');
        client.Raw(0, 0, 0, 8, 4, 210, 22, 47);
        (await client.ReadByteAsync()).ShouldBe((byte)'N');
        client.Startup(Version30, ("user", "alice"));
        (await client.ReadToReadyAsync()).ShouldEndWith("ZI");
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x80, 0, 0, 0 })]
    [InlineData(new byte[] { 0x47, 0x45, 0x54, 0x20, 0x2F, 0x20, 0x48, 0x54, 0x54, 0x50 })]
    public async Task An_absurd_length_of_the_start_ends_the_connection(byte[] bytes)
    {
        await using var client = Open();
        client.Raw(bytes);
        (await client.ReadToReadyAsync()).ShouldBe("E(08P01 invalid length of startup packet) EOF");
    }

    [Theory]
    [InlineData(new byte[] { (byte)'Q', 0, 0, 0, 3 }, "E(08P01 invalid message length) EOF")]
    [InlineData(new byte[] { (byte)'Q', 0x80, 0, 0, 0 }, "E(08P01 invalid message length) EOF")]
    [InlineData(new byte[] { (byte)'!', 0, 0, 0, 4 }, "E(08P01 invalid frontend message type 33) EOF")]
    [InlineData(new byte[] { (byte)'Q', 0x7F, 0xFF, 0xFF, 0xFF },
        "E(54000 message of 2147483647 bytes is longer than the limit of 67108864 bytes) EOF")]
    public async Task An_absurd_message_ends_that_connection_only(byte[] bytes, string expected)
    {
        var handler = WireClient.Handler(new ScriptedStatements().Numbers("select 1", "n", 1));
        await using var other = new WireClient(handler);
        other.Startup(Version30, ("user", "bob"));
        await other.ReadToReadyAsync();
        await using var client = new WireClient(handler);
        client.Startup(Version30, ("user", "alice"));
        await client.ReadToReadyAsync();
        client.Raw(bytes);
        (await client.ReadToReadyAsync()).ShouldBe(expected);
        other.Query("select 1");
        (await other.ReadToReadyAsync()).ShouldBe("T(n:20) D(1) C:SELECT 1 ZI");
    }

    [Fact]
    public async Task Too_many_connections_are_refused()
    {
        var handler = WireClient.Handler(new ScriptedStatements(), new PostgresOptions { MaxConnections = 1 });
        await using (var first = new WireClient(handler))
        {
            first.Startup(Version30, ("user", "alice"));
            (await first.ReadToReadyAsync()).ShouldEndWith("ZI");
            await using var second = new WireClient(handler);
            second.Startup(Version30, ("user", "bob"));
            (await second.ReadToReadyAsync()).ShouldBe("E(53300 sorry, too many clients already) EOF");
        }

        handler.ConnectionCount.ShouldBe(0);
        await using var third = new WireClient(handler);
        third.Startup(Version30, ("user", "bob"));
        (await third.ReadToReadyAsync()).ShouldEndWith("ZI");
    }

    [Fact]
    public async Task Messages_may_come_in_any_pieces()
    {
        await using var client = Open();
        client.Startup(Version30, ("user", "alice"));
        client.Query("select 1");
        client.Parse("", "select 1");
        client.Bind("", "");
        client.Execute("");
        client.Sync();
        await client.SendAsync(pieceBytes: 1);
        (await client.ReadToReadyAsync()).ShouldEndWith("ZI");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(1) C:SELECT 1 ZI");
        (await client.ReadToReadyAsync()).ShouldBe("1 2 D(1) C:SELECT 1 ZI");
    }

    [Fact]
    public async Task Bodies_of_random_bytes_are_answered_with_errors_and_never_with_less()
    {
        const int Seed = 20010101;
        var random = new Random(Seed);
        await using var client = await WireClient.ConnectAsync(new ScriptedStatements().Numbers("select 1", "n", 1));
        foreach (var type in "PBDEC")
        {
            for (var i = 0; i < 200; i++)
            {
                var body = new byte[random.Next(40)];
                random.NextBytes(body);
                for (var at = 0; at < body.Length; at++)
                    body[at] = random.Next(3) == 0 ? (byte)0 : body[at];
                client.Message(type, stream => stream.Write(body));
                client.Sync();
                (await client.ReadToReadyAsync()).ShouldEndWith("ZI", Case.Sensitive, $"seed {Seed}, {type} {Convert.ToHexString(body)}");
            }
        }

        client.Query("select 1");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(1) C:SELECT 1 ZI");
    }
}

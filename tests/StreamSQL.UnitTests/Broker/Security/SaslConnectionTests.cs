using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;
using StreamSQL.Engine.Roles;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Security;

/// <summary>Connections of a listener whose clients log in.</summary>
public sealed class SaslConnectionTests : IAsyncLifetime
{
    private static readonly ScramVerifier Pencil = ScramVerifier.Create("pencil");
    private static readonly SaslOptions Users = new(
        static name => name == "ann"
            ? new(name, static _ => new(Pencil.Salt, Pencil.Iterations, Pencil.StoredKey, Pencil.ServerKey), Pencil.Matches)
            : null,
        new([1, 2, 3]));

    private ServedBroker _broker = null!;
    private KafkaConnectionHandler _handler = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await ServedBroker.OpenAsync();
        var listener = new KafkaListener("SASL", "broker", 9092) { Sasl = Users };
        _handler = new(_broker.Services, listener, NullLogger<KafkaConnectionHandler>.Instance);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Who_has_logged_in_may_do_everything(short version)
    {
        await using var client = new InMemoryKafkaClient(_handler);
        (await client.AskAsync(Apis.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" }))
            .ApiKeys.ShouldContain(static api => api.ApiKey == (short)ApiKey.SaslAuthenticate);
        SaslHandshakeResponse handshake = await ShakeHandsAsync(client, "PLAIN");
        (handshake.ErrorCode, string.Join(' ', handshake.Mechanisms)).ShouldBe((ErrorCode.None, "PLAIN SCRAM-SHA-256 SCRAM-SHA-512"));
        SaslAuthenticateResponse login = await LogInAsync(client, version, "\0ann\0pencil");
        (login.ErrorCode, login.AuthBytes.Length, login.SessionLifetimeMs).ShouldBe((ErrorCode.None, 0, 0));

        (await client.AskAsync(Apis.Metadata, 9, new MetadataRequest { Topics = null })).Topics.ShouldHaveSingleItem().Name.ShouldBe("t");
        (await ShakeHandsAsync(client, "PLAIN")).ErrorCode.ShouldBe(ErrorCode.IllegalSaslState);
        (await LogInAsync(client, version, "\0ann\0pencil")).ErrorCode.ShouldBe(ErrorCode.IllegalSaslState);
    }

    [Fact]
    public async Task After_the_first_version_of_the_handshake_the_login_comes_bare()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        await client.AskAsync(Apis.SaslHandshake, 0, new SaslHandshakeRequest { Mechanism = "PLAIN" });
        await client.SendRawAsync(Frame("ann\0ann\0pencil"));
        (await client.ReceiveAsync()).ShouldBeEmpty();

        (await client.AskAsync(Apis.Metadata, 9, new MetadataRequest { Topics = null })).Topics.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_bare_login_that_is_wrong_ends_the_connection()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        await client.AskAsync(Apis.SaslHandshake, 0, new SaslHandshakeRequest { Mechanism = "PLAIN" });
        await client.SendRawAsync(Frame("\0a\0b"));

        await client.Serving;
    }

    [Theory]
    [InlineData("\0ann\0wrong")]
    [InlineData("\0nobody\0pencil")]
    [InlineData("root\0ann\0pencil")]
    [InlineData("\0ann\0")]
    [InlineData("ann pencil")]
    [InlineData("")]
    public async Task A_login_that_is_wrong_is_told_and_ends_the_connection(string message)
    {
        await using var client = new InMemoryKafkaClient(_handler);
        await ShakeHandsAsync(client, "PLAIN");
        SaslAuthenticateResponse refused = await LogInAsync(client, 2, message);
        refused.ErrorCode.ShouldBe(ErrorCode.SaslAuthenticationFailed);
        refused.ErrorMessage.ShouldNotBeNullOrEmpty();

        await client.Serving;
    }

    [Fact]
    public async Task Nothing_else_is_served_before_the_login()
    {
        await using (var client = new InMemoryKafkaClient(_handler))
        {
            await client.SendAsync(Apis.Metadata, 9, new MetadataRequest { Topics = null });
            await client.Serving;
        }

        await using var half = new InMemoryKafkaClient(_handler);
        await ShakeHandsAsync(half, "SCRAM-SHA-256");
        (await LogInAsync(half, 2, "n,,n=ann,r=abc")).ErrorCode.ShouldBe(ErrorCode.None);
        await half.SendAsync(Apis.Produce, 9, ServedBroker.Produce(0, ServedBroker.Batch("a")));
        await half.Serving;
        _broker.Host.Topics.All["t"].Partitions[0].HighWatermark.ShouldBe(0);
    }

    [Fact]
    public async Task A_request_sent_along_with_the_login_is_served_only_if_that_is_right()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        await ShakeHandsAsync(client, "PLAIN");
        await client.SendAsync(Apis.SaslAuthenticate, 1, new SaslAuthenticateRequest { AuthBytes = "\0ann\0wrong"u8.ToArray() });
        await client.SendAsync(Apis.Produce, 9, ServedBroker.Produce(0, ServedBroker.Batch("a")));

        await client.Serving;
        _broker.Host.Topics.All["t"].Partitions[0].HighWatermark.ShouldBe(0);
    }

    [Fact]
    public async Task A_mechanism_that_is_not_offered_is_answered_with_those_that_are()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        SaslHandshakeResponse response = await ShakeHandsAsync(client, "GSSAPI");

        response.ErrorCode.ShouldBe(ErrorCode.UnsupportedSaslMechanism);
        response.Mechanisms.ShouldBe(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]);
        await client.Serving;
    }

    [Fact]
    public async Task A_listener_without_logins_says_so_and_goes_on()
    {
        await using InMemoryKafkaClient client = _broker.Connect();
        (await ShakeHandsAsync(client, "PLAIN")).ErrorCode.ShouldBe(ErrorCode.IllegalSaslState);
        (await LogInAsync(client, 2, "\0ann\0pencil")).ErrorCode.ShouldBe(ErrorCode.IllegalSaslState);
        (await client.AskAsync(Apis.Metadata, 9, new MetadataRequest { Topics = null })).Topics.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_large_request_before_the_login_ends_the_connection()
    {
        await using var client = new InMemoryKafkaClient(_handler);
        await client.AskAsync(Apis.ApiVersions, 0, new ApiVersionsRequest());
        await ShakeHandsAsync(client, "PLAIN");
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, 1 << 20);
        await client.SendRawAsync(length);

        await client.Serving;
    }

    private static Task<SaslHandshakeResponse> ShakeHandsAsync(InMemoryKafkaClient client, string mechanism) =>
        client.AskAsync(Apis.SaslHandshake, 1, new SaslHandshakeRequest { Mechanism = mechanism });

    private static Task<SaslAuthenticateResponse> LogInAsync(InMemoryKafkaClient client, short version, string message) =>
        client.AskAsync(Apis.SaslAuthenticate, version, new SaslAuthenticateRequest { AuthBytes = Encoding.UTF8.GetBytes(message) });

    private static byte[] Frame(string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        var frame = new byte[sizeof(int) + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, bytes.Length);
        bytes.CopyTo(frame, sizeof(int));
        return frame;
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Server.Hosting;
using StreamSQL.Server.Options;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Server;

/// <summary>The listeners are open before the server is ready.</summary>
public sealed class ListenersTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    private static readonly ServerOptions s_options = new()
    {
        Kafka = [new("A", s_anyPort), new("B", s_anyPort)],
        Postgres = s_anyPort,
        Http = s_anyPort,
    };

    [Fact]
    public async Task ClientsThatComeBeforeTheServerIsReadyAreServedOnceItIs()
    {
        await using var listeners = await Listeners.OpenAsync(s_options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        using var postgres = await ConnectAsync(listeners.Postgres);
        using var kafka = await ConnectAsync(listeners.Kafka[1]);
        postgres.Available.ShouldBe(0);

        await using var engine = await EngineHarness.StartAsync();
        listeners.Gates.OpenKafka([new Greeting((byte)'A'), new Greeting((byte)'B')]);
        listeners.Gates.Open(new(new Greeting((byte)'P'), engine.Engine, null));

        (await ReadByteAsync(postgres)).ShouldBe((byte)'P');
        (await ReadByteAsync(kafka)).ShouldBe((byte)'B');
    }

    [Fact]
    public async Task HttpSaysThatTheServerIsStartingUntilItIsReady()
    {
        await using var listeners = await Listeners.OpenAsync(s_options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{listeners.Http}") };

        (await StatusAsync(http)).ShouldBe((HttpStatusCode.ServiceUnavailable, """{"isHealthy":false}"""));
        (await http.GetStringAsync("/info", TestContext.Current.CancellationToken)).ShouldContain("STARTING");
        (await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).ShouldContain("process_resident_memory_bytes");

        await using var engine = await EngineHarness.StartAsync();
        listeners.Gates.Open(new(new Greeting((byte)'P'), engine.Engine, null));

        (await StatusAsync(http)).ShouldBe((HttpStatusCode.OK, """{"isHealthy":true}"""));
        (await http.GetStringAsync("/info", TestContext.Current.CancellationToken)).ShouldContain("RUNNING");
    }

    [Fact]
    public async Task WhileTheServerStandsByAnotherHandlerAnswersAndItIsNotHealthy()
    {
        await using var listeners = await Listeners.OpenAsync(s_options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{listeners.Http}") };
        using var early = await ConnectAsync(listeners.Postgres);
        listeners.Gates.StandBy(new Greeting((byte)'S'));

        (await ReadByteAsync(early)).ShouldBe((byte)'S');
        (await StatusAsync(http)).ShouldBe((HttpStatusCode.ServiceUnavailable, """{"isHealthy":false}"""));
        (await http.GetStringAsync("/info", TestContext.Current.CancellationToken)).ShouldContain("STANDING_BY");

        await using var engine = await EngineHarness.StartAsync();
        listeners.Gates.Open(new(new Greeting((byte)'P'), engine.Engine, null));
        using var late = await ConnectAsync(listeners.Postgres);
        (await ReadByteAsync(late)).ShouldBe((byte)'P');
        (await StatusAsync(http)).ShouldBe((HttpStatusCode.OK, """{"isHealthy":true}"""));
    }

    [Fact]
    public async Task AServerThatNeverBecomesReadyLetsItsClientsGo()
    {
        Socket waiting;
        await using (var listeners = await Listeners.OpenAsync(s_options, NullLoggerFactory.Instance,
            TestContext.Current.CancellationToken))
            waiting = await ConnectAsync(listeners.Postgres);

        using (waiting)
            (await ReadByteAsync(waiting)).ShouldBeNull();
    }

    private static async Task<(HttpStatusCode, string)> StatusAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/healthcheck", TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>The next byte; null when the connection was closed or reset.</summary>
    private static async Task<byte?> ReadByteAsync(Socket socket)
    {
        var buffer = new byte[1];
        try
        {
            return await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) == 1 ? buffer[0] : null;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return null;
        }
    }

    private sealed class Greeting(byte greeting) : ConnectionHandler
    {
        public override async Task OnConnectedAsync(ConnectionContext connection) =>
            await connection.Transport.Output.WriteAsync(new[] { greeting });
    }
}

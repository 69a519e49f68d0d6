using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using StreamSQL.Postgres.Transport;

namespace StreamSQL.UnitTests.Postgres.Transport;

/// <summary>The transport over real sockets: bytes, ends, back-pressure, and who runs on which thread. Linux only, as it is.</summary>
public sealed class LoopTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public LoopTransportTests() => Assert.SkipUnless(LoopTransport.IsSupported, "there is no epoll here");

    [Fact]
    public async Task Bytes_that_come_in_pieces_are_one_message_in_one_piece()
    {
        await using var door = await Door.OpenAsync();
        var (client, server) = await door.ConnectAsync();
        var sent = Pattern(300_000);
        var sending = Task.Run(() => SendInPieces(client, sent));
        var input = server.Transport.Input;
        var read = await input.ReadAsync(door.Patience);
        while (read.Buffer.Length < sent.Length)
        {
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await input.ReadAsync(door.Patience);
        }

        read.Buffer.IsSingleSegment.ShouldBeTrue();
        read.Buffer.FirstSpan.SequenceEqual(sent).ShouldBeTrue();
        // What is examined no further comes again.
        input.AdvanceTo(read.Buffer.GetPosition(299_990));
        input.TryRead(out read).ShouldBeTrue();
        read.Buffer.FirstSpan.SequenceEqual(sent.AsSpan(299_990)).ShouldBeTrue();
        input.AdvanceTo(read.Buffer.End);
        input.TryRead(out _).ShouldBeFalse();
        await sending;
    }

    [Fact]
    public async Task The_end_comes_behind_the_bytes_and_is_told()
    {
        await using var door = await Door.OpenAsync();
        var (client, server) = await door.ConnectAsync();
        client.Send("bye"u8);
        client.Shutdown(SocketShutdown.Send);
        await EndOf(server.ConnectionClosed).WaitAsync(Patience);
        var read = await server.Transport.Input.ReadAsync(door.Patience);
        read.Buffer.FirstSpan.SequenceEqual("bye"u8).ShouldBeTrue();
        server.Transport.Input.AdvanceTo(read.Buffer.End);
        read = await server.Transport.Input.ReadAsync(door.Patience);
        (read.IsCompleted, read.Buffer.IsEmpty).ShouldBe((true, true));

        // It still listens.
        await server.Transport.Output.WriteAsync("bye"u8.ToArray(), door.Patience);
        await server.DisposeAsync();
        (await ReadAllAsync(client)).ShouldBe("bye"u8.ToArray());
    }

    [Fact]
    public async Task A_slow_client_holds_up_its_writer_and_loses_nothing()
    {
        await using var door = await Door.OpenAsync();
        var (client, server) = await door.ConnectAsync();
        var output = server.Transport.Output;
        var block = Pattern(1 << 20);
        var blocks = 0;
        using var stop = new CancellationTokenSource();
        ValueTask<System.IO.Pipelines.FlushResult> flush;
        do
        {
            blocks.ShouldBeLessThan(256, "the system takes all, though nobody reads");
            flush = output.WriteAsync(block, stop.Token);
            blocks++;
        }
        while (flush.IsCompleted);

        // Who stops waiting leaves the bytes where they are; the next flush goes on with them.
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await flush);
        var reading = ReadAllAsync(client);
        await output.WriteAsync(block, door.Patience);
        blocks++;
        await server.DisposeAsync();
        var received = await reading;
        received.Length.ShouldBe(blocks * block.Length);
        for (var i = 0; i < blocks; i++)
            received.AsSpan(i * block.Length, block.Length).SequenceEqual(block).ShouldBeTrue();
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_takes_nothing()
    {
        await using var door = await Door.OpenAsync();
        var (client, server) = await door.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var waiting = server.Transport.Input.ReadAsync(stop.Token);
        waiting.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await waiting);
        client.Send("on"u8);
        (await server.Transport.Input.ReadAsync(door.Patience)).Buffer.FirstSpan.SequenceEqual("on"u8).ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_has_gone_is_told_to_reader_and_writer()
    {
        await using var door = await Door.OpenAsync();
        var (client, server) = await door.ConnectAsync();
        client.LingerState = new(enable: true, seconds: 0); // closing resets it
        client.Dispose();
        await EndOf(server.ConnectionClosed).WaitAsync(Patience);
        await Should.ThrowAsync<ConnectionResetException>(async () => await server.Transport.Input.ReadAsync(door.Patience));
        (await server.Transport.Output.WriteAsync("x"u8.ToArray(), door.Patience)).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task Aborting_wakes_who_waits()
    {
        await using var door = await Door.OpenAsync();
        var (_, server) = await door.ConnectAsync();
        var waiting = server.Transport.Input.ReadAsync(door.Patience);
        server.Abort(new ConnectionAbortedException());
        await Should.ThrowAsync<ConnectionResetException>(async () => await waiting);
        server.ConnectionClosed.IsCancellationRequested.ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_waits_goes_on_on_the_loops_thread_only_where_it_asks_for_that(bool inline)
    {
        await using var door = await Door.OpenAsync();
        var (client, server) = await door.ConnectAsync();
        ((LoopConnection)server).RunsInline = inline;
        var turn = TurnAsync();
        client.Send("x"u8);
        (await turn.WaitAsync(Patience)).ShouldBe((inline, false));

        async Task<(bool, bool)> TurnAsync()
        {
            await server.Transport.Input.ReadAsync(door.Patience);
            var isThere = EventLoop.IsCurrent;
            await EventLoop.LeaveAsync();
            return (isThere, EventLoop.IsCurrent);
        }
    }

    [Fact]
    public async Task Turns_that_take_long_hold_up_no_other_connection()
    {
        // One thread for all, and three turns that do not end before the other connection was answered many times.
        await using var door = await Door.OpenAsync(threads: 1);
        using var answered = new ManualResetEventSlim();
        var busy = new List<Task>();
        for (var i = 0; i < 3; i++)
        {
            var (client, server) = await door.ConnectAsync();
            ((LoopConnection)server).RunsInline = true;
            busy.Add(RunAsync(server, () => answered.Wait(Patience).ShouldBeTrue()));
            client.Send("x"u8);
        }

        var (other, echo) = await door.ConnectAsync();
        ((LoopConnection)echo).RunsInline = true;
        var echoing = EchoAsync(echo, door.Patience);
        for (var i = 0; i < 100; i++)
        {
            await other.SendAsync("x"u8.ToArray(), door.Patience);
            (await other.ReceiveAsync(new byte[1], door.Patience)).ShouldBe(1);
        }

        busy.ShouldAllBe(static turn => !turn.IsCompleted);
        answered.Set();
        await Task.WhenAll(busy).WaitAsync(Patience);
        other.Shutdown(SocketShutdown.Send);
        await echoing.WaitAsync(Patience);

        async Task RunAsync(ConnectionContext server, Action turn)
        {
            await server.Transport.Input.ReadAsync(door.Patience);
            EventLoop.IsCurrent.ShouldBeTrue();
            turn();
        }
    }

    [Fact]
    public async Task Many_connections_are_served_side_by_side()
    {
        await using var door = await Door.OpenAsync();
        var clients = new List<Task>();
        for (var i = 0; i < 50; i++)
        {
            var (client, server) = await door.ConnectAsync();
            ((LoopConnection)server).RunsInline = i % 2 == 0;
            _ = EchoAsync(server, door.Patience);
            clients.Add(Task.Run(async () =>
            {
                var sent = Pattern(5000);
                for (var round = 0; round < 20; round++)
                {
                    await client.SendAsync(sent, door.Patience);
                    var received = new byte[sent.Length];
                    for (var at = 0; at < received.Length;)
                        at += await client.ReceiveAsync(received.AsMemory(at), door.Patience);
                    received.AsSpan().SequenceEqual(sent).ShouldBeTrue();
                }
            }));
        }

        await Task.WhenAll(clients).WaitAsync(Patience);
    }

    private static async Task EchoAsync(ConnectionContext connection, CancellationToken stop)
    {
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(stop);
            foreach (var piece in read.Buffer)
                connection.Transport.Output.Write(piece.Span);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
            await connection.Transport.Output.FlushAsync(stop);
        }
    }

    private static void SendInPieces(Socket client, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += 7001)
            client.Send(bytes.AsSpan(at, Math.Min(7001, bytes.Length - at)));
    }

    private static async Task<byte[]> ReadAllAsync(Socket client)
    {
        using var all = new MemoryStream();
        using var patience = new CancellationTokenSource(Patience);
        var block = new byte[64 * 1024];
        while (await client.ReceiveAsync(block, patience.Token) is > 0 and var count)
            all.Write(block, 0, count);
        return all.ToArray();
    }

    private static Task EndOf(CancellationToken token)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(ended.SetResult);
        return ended.Task;
    }

    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(i * 31 + (i >> 8));
        return bytes;
    }

    /// <summary>A listener and the connections through it.</summary>
    private sealed class Door(IConnectionListener listener) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _patience = new(LoopTransportTests.Patience);
        private readonly List<Socket> _clients = [];
        private readonly List<ConnectionContext> _servers = [];

        public CancellationToken Patience => _patience.Token;

        public static async Task<Door> OpenAsync(int threads = 2) =>
            new(await new LoopTransport(TimeProvider.System) { Threads = threads }.BindAsync(new LoopEndPoint(new(IPAddress.Loopback, 0))));

        public async Task<(Socket Client, ConnectionContext Server)> ConnectAsync()
        {
            var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            _clients.Add(client);
            await client.ConnectAsync(listener.EndPoint, Patience);
            var server = (await listener.AcceptAsync(Patience)).ShouldNotBeNull();
            _servers.Add(server);
            return (client, server);
        }

        public async ValueTask DisposeAsync()
        {
            await listener.UnbindAsync();
            foreach (var server in _servers)
                await server.DisposeAsync();
            await listener.DisposeAsync();
            foreach (var client in _clients)
                client.Dispose();
            _patience.Dispose();
        }
    }
}

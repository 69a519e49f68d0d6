using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace StreamSQL.Postgres.Transport;

/// <summary>
/// A transport for Kestrel whose connections share a few threads that wait for their sockets, and whose short statements run on the
/// thread that has received them. It serves the end points that ask for it (<see cref="LoopEndPoint"/>).
/// </summary>
/// <param name="time">The clock.</param>
public sealed class LoopTransport(TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int MaxThreads = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the operating system has what it needs (Linux); elsewhere Kestrel's own transport serves.</summary>
    public static bool IsSupported => SocketSet.IsSupported;

    /// <summary>How many threads of a listener serve its connections when no turn takes long.</summary>
    internal int Threads { get; init; } = Math.Min(Environment.ProcessorCount, MaxThreads);

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint is LoopEndPoint;

    /// <inheritdoc/>
    /// <exception cref="AddressInUseException">The address is in use.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var address = (LoopEndPoint)endpoint;
        try
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(address.Address, address.Port));
            socket.Listen(new SocketTransportOptions().Backlog);
            return new(new Listener(socket, Threads, time));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
    }

    private sealed class Listener(Socket socket, int threads, TimeProvider time) : IConnectionListener
    {
        private readonly EventLoop _loop = new(threads);

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            var pause = FirstPause;
            while (true)
            {
                try
                {
                    return Open(await socket.AcceptAsync(cancellationToken));
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null; // it was unbound
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
                {
                    // The client went before it was accepted.
                }
                catch (SocketException)
                {
                    // No descriptors, or no memory, for now: whoever asks stays in the backlog.
                    await Task.Delay(pause, time, cancellationToken);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            _loop.Dispose();
            return ValueTask.CompletedTask;
        }

        private LoopConnection Open(Socket accepted)
        {
            accepted.NoDelay = true;
            var connection = new LoopConnection(accepted, _loop);
            _loop.Add(connection);
            return connection;
        }
    }
}

/// <summary>An address to be served by <see cref="LoopTransport"/>.</summary>
/// <param name="address">The address.</param>
public sealed class LoopEndPoint(IPEndPoint address) : IPEndPoint(address.Address, address.Port);

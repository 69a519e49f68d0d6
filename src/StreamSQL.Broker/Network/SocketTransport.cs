using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace StreamSQL.Broker.Network;

/// <summary>
/// A transport for Kestrel whose connections read and write their sockets themselves. Kestrel's own pumps every byte through a pipe: small
/// pieces, and a change of threads in each direction, which costs more than serving a request does. It serves the end points that ask for
/// it (<see cref="SocketEndPoint"/>).
/// </summary>
/// <param name="time">The clock.</param>
public sealed class SocketTransport(TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint is SocketEndPoint;

    /// <inheritdoc/>
    /// <exception cref="AddressInUseException">The address is in use.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var address = (SocketEndPoint)endpoint;
        try
        {
            Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(address.Address, address.Port));
            socket.Listen(new SocketTransportOptions().Backlog);
            return new(new Listener(socket, time));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
    }

    private sealed class Listener(Socket socket, TimeProvider time) : IConnectionListener
    {
        private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
        private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            TimeSpan pause = FirstPause;
            while (true)
            {
                try
                {
                    Socket accepted = await socket.AcceptAsync(cancellationToken);
                    accepted.NoDelay = true;
                    return new SocketConnection(accepted);
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
                    // No descriptors, or no memory, for now. Whoever asks stays in the backlog; asking
                    // again at once would take a processor for nothing.
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
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>An address to be served by <see cref="SocketTransport"/>.</summary>
/// <param name="address">The address.</param>
public sealed class SocketEndPoint(IPEndPoint address) : IPEndPoint(address.Address, address.Port);

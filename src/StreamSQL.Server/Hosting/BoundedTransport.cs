using System.Net;
using Microsoft.AspNetCore.Connections;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// Accepts through other transports, as long as fewer connections are open than there may be; whoever comes then waits in the backlog of
/// its listener, at no cost, until another one goes.
/// </summary>
/// <param name="transports">Who accepts: the first that can bind an end point does so.</param>
/// <param name="free">A place for each connection of all listeners together.</param>
internal sealed class BoundedTransport(IReadOnlyList<IConnectionListenerFactory> transports, SemaphoreSlim free)
    : IConnectionListenerFactory
{
    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var transport = transports.First(transport => transport is not IConnectionListenerFactorySelector selector
            || selector.CanBind(endpoint));
        return new Listener(await transport.BindAsync(endpoint, cancellationToken), free);
    }

    private sealed class Listener(IConnectionListener inner, SemaphoreSlim free) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_unbound.Token, cancellationToken);
            try
            {
                await free.WaitAsync(stopping.Token);
            }
            catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
            {
                return null;
            }

            ConnectionContext? accepted = null;
            try
            {
                accepted = await inner.AcceptAsync(cancellationToken);
                return accepted;
            }
            finally
            {
                if (accepted is null)
                    free.Release();
                else
                    accepted.ConnectionClosed.UnsafeRegister(static free => ((SemaphoreSlim)free!).Release(), free);
            }
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync();
            await inner.UnbindAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            _unbound.Dispose();
        }
    }
}

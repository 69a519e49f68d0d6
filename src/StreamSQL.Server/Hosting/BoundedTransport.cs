using System.Net;
using Microsoft.AspNetCore.Connections;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// Accepts through another transport, as long as fewer connections are open than there may be; whoever comes then waits in the backlog of its
/// listener, at no cost, until another one goes.
/// </summary>
/// <param name="inner">Who accepts.</param>
/// <param name="free">A place for each connection, shared by all transports.</param>
internal sealed class BoundedTransport(IConnectionListenerFactory inner, SemaphoreSlim free)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await inner.BindAsync(endpoint, cancellationToken), free);

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

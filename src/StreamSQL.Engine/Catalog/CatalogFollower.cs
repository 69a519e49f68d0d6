using Microsoft.Extensions.Logging;
using StreamSQL.Engine.Leases;
using StreamSQL.Engine.Queries;
using StreamSQL.Kafka;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Catalog;

/// <summary>
/// Does here what another engine writes to the catalog, where engines share queries: until this one takes the lease, and writes it itself.
/// </summary>
internal sealed class CatalogFollower : IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly CatalogLog _log;
    private readonly QueryLifecycle _lifecycle;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _following;
    private CatalogImage _known;

    /// <summary>Begins to follow.</summary>
    /// <param name="log">The catalog.</param>
    /// <param name="known">The image whose queries have been started.</param>
    /// <param name="lifecycle">Starts and stops queries.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public CatalogFollower(CatalogLog log, CatalogImage known, QueryLifecycle lifecycle, TimeProvider time, ILogger logger)
    {
        _log = log;
        _known = known;
        _lifecycle = lifecycle;
        _time = time;
        _logger = logger;
        _following = Task.Run(FollowAsync);
    }

    /// <summary>Goes on as the one that writes the catalog, with a lease just taken.</summary>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    public async ValueTask LeadAsync(EngineLease lease, CancellationToken cancellation)
    {
        await StopAsync();
        await _log.CatchUpAsync(cancellation); // nobody else can write it any more
        await CatchUpAsync();
        _log.Lead(lease);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _following;
    }

    private async Task FollowAsync()
    {
        while (true)
        {
            try
            {
                await CatchUpAsync();
                await _log.WaitForMoreAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException error)
            {
                QueryLog.CatalogUnreachable(_logger, error.Message);
                await Task.Delay(Retry, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                // What it cannot read may say that a query is gone: nothing is run that nobody may want any more.
                QueryLog.CatalogUnreadable(_logger, error);
                await _lifecycle.FollowAsync(_known, CatalogImage.Empty);
                return;
            }
        }
    }

    private async ValueTask CatchUpAsync()
    {
        var image = _log.Image;
        if (image.Version == _known.Version)
            return;
        await _lifecycle.FollowAsync(_known, image);
        _known = image;
    }
}

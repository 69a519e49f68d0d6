using Microsoft.Extensions.Logging;
using StreamSQL.Engine;
using StreamSQL.Engine.Leases;
using StreamSQL.Engine.Queries.Sharing;
using StreamSQL.Kafka.Client;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// This process among the engines that share the queries of a broker: each runs a share at once, and one, whose turn it is, changes the
/// definitions. While it is another's, this one waits for it in the background, and tells clients where to go with those statements.
/// </summary>
internal sealed partial class SharedTurn : IAsyncDisposable
{
    /// <summary>Kafka's least session of a group's member (<c>group.min.session.timeout.ms</c>).</summary>
    private static readonly TimeSpan MinSession = TimeSpan.FromSeconds(6);

    private readonly IDisposable _lock;
    private readonly LeaseOptions _lease;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _standsBy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<EngineLease> _acquiring;
    private Task _leading = Task.CompletedTask;
    private string _holder = "";

    private SharedTurn(IDisposable directoryLock, LeaseOptions lease, IBrokerClient broker, ILoggerFactory logging, TimeProvider time)
    {
        _lock = directoryLock;
        _lease = lease;
        _logger = logging.CreateLogger<SharedTurn>();
        _acquiring = EngineLease.AcquireAsync(
            broker, lease, time, logging.CreateLogger<EngineLease>(), StandBy, _stop.Token);
    }

    /// <summary>The lease, if it was this process's turn at once; else null.</summary>
    public EngineLease? Lease { get; private set; }

    /// <summary>How the engine takes its share.</summary>
    public SharingOptions Sharing => new()
    {
        Engine = _lease.Engine,
        Holder = () => Volatile.Read(ref _holder),
        SessionTimeout = _lease.TakeoverAfter > MinSession ? _lease.TakeoverAfter : MinSession,
    };

    /// <summary>Ends when it was this process's turn and another engine has taken it: this one may change nothing any more.</summary>
    public Task Deposed { get; private set; } = Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);

    /// <summary>Begins to wait for the turn; returns when it has come, or it is known that it is another's.</summary>
    /// <exception cref="IOException">Another process uses the data directory.</exception>
    /// <exception cref="InvalidDataException">The id of the engine, or the lease topic, is damaged or of a later version.</exception>
    /// <exception cref="Kafka.KafkaException">The broker refuses.</exception>
    public static async Task<SharedTurn> OpenAsync(
        ServerOptions options, IBrokerClient broker, LeaseOptions lease, ILoggerFactory logging, TimeProvider time,
        CancellationToken cancellation)
    {
        var turn = new SharedTurn(EngineTurn.LockDirectory(options), lease, broker, logging, time);
        try
        {
            await Task.WhenAny(turn._acquiring, turn._standsBy.Task).WaitAsync(cancellation);
            if (turn._acquiring.IsCompleted)
                turn.Lease = await turn._acquiring;
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on the engine, which has been started, is handed the lease when the turn comes.</summary>
    public void Serve(StreamEngine engine) => Deposed = _leading = LeadAsync(engine);

    /// <summary>Waits for the turn no more; the engine, if it has the lease, keeps it.</summary>
    public async Task StopWaitingAsync()
    {
        await _stop.CancelAsync();
        if (Lease is null)
            await _leading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopWaitingAsync();
        await ((Task)_acquiring).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_acquiring.IsCompletedSuccessfully)
            await (await _acquiring).DisposeAsync();
        _lock.Dispose();
        _stop.Dispose();
    }

    private void StandBy(LeaseRecord record)
    {
        Volatile.Write(ref _holder, record.Address);
        _standsBy.TrySetResult();
    }

    private async Task LeadAsync(StreamEngine engine)
    {
        try
        {
            if (Lease is null)
            {
                var lease = await _acquiring;
                await engine.LeadAsync(lease, _stop.Token);
                Lease = lease;
                LogLeads(_logger);
            }

            await Lease.Lost;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception error)
        {
            LogFailed(_logger, error);
            throw;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "This engine changes the definitions of the broker from now on")]
    private static partial void LogLeads(ILogger logger);

    [LoggerMessage(2, LogLevel.Error, "This engine could not take over the definitions of the broker, and ends")]
    private static partial void LogFailed(ILogger logger, Exception error);
}

using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Planning;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Engine.Leases;

/// <summary>
/// The right to run the queries of a broker, of which one engine at a time has it; others that share the broker stand by. Taking it is
/// taking a transactional id (KIP-98), so whoever held it before cannot write with it any more: neither that it is there, nor to the
/// catalog, whose records are transactions of this producer. So the new holder reads a catalog that nobody else changes, and takes the
/// transactional ids of the commit groups as it starts them. Clocks decide when the lease is taken, never whether results are right.
/// </summary>
public sealed class EngineLease : IAsyncDisposable
{
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(2);
    private static readonly TopicPartition Partition = new(InternalTopics.Lease, 0);

    private readonly ITransactionalProducer _producer;
    private readonly LeaseOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _beating = Task.CompletedTask;
    private long _confirmedAt;

    private EngineLease(ITransactionalProducer producer, LeaseOptions options, TimeProvider time, ILogger logger)
    {
        _producer = producer;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Ends when another engine has taken the lease: this one can commit nothing any more, and should end.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Waits until the lease is free, or its holder silent for too long, and takes it.</summary>
    /// <param name="broker">The broker that the engines share.</param>
    /// <param name="options">Who asks.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="standBy">Told who holds it, whenever that changes while this one waits.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    /// <exception cref="InvalidDataException">The lease topic is of a later version.</exception>
    public static async Task<EngineLease> AcquireAsync(
        IBrokerClient broker, LeaseOptions options, TimeProvider time, ILogger logger, Action<LeaseRecord> standBy,
        CancellationToken cancellation)
    {
        using var watch = await LeaseWatch.OpenAsync(broker, options.ReplicationFactor, time, cancellation);
        LeaseRecord? told = null;
        while (true)
        {
            try
            {
                if (IsFree(watch, options) && await TryTakeAsync(broker, options, time, logger, cancellation) is { } lease)
                    return lease;
                if (watch.Last is { IsReleased: false } holder && holder != told)
                    standBy(told = holder);
                await watch.ReadAsync(options.Beat, cancellation);
            }
            catch (KafkaException error) when (told is not null)
            {
                LeaseLog.Unreachable(logger, error.Message);
                await Task.Delay(options.Beat, time, cancellation);
            }
        }
    }

    /// <summary>Appends a batch if the lease is still held; returns its offset.</summary>
    /// <exception cref="SqlException">57P03: another engine has taken it; nothing was written.</exception>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    internal async ValueTask<long> AppendAsync(TopicPartition partition, Memory<byte> batch)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            var offsets = await _producer.CommitAsync(new TransactionContent([new(partition, batch)], null, []), CancellationToken.None);
            return offsets[0];
        }
        catch (KafkaException error) when (IsFenced(error))
        {
            _lost.TrySetResult();
            throw NotHeld(error);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Refuses what needs the lease when another engine may have taken it.</summary>
    /// <exception cref="SqlException">57P03.</exception>
    internal void RequireHeld()
    {
        if (_lost.Task.IsCompleted || _time.GetElapsedTime(Interlocked.Read(ref _confirmedAt)) >= _options.TakeoverAfter)
            throw NotHeld(null);
    }

    /// <summary>Gives it back, so that another engine need not wait. Everything that needs it must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        if (!_lost.Task.IsCompleted)
            await ReleaseAsync();
        await _producer.DisposeAsync();
        _turn.Dispose();
        _stop.Dispose();
    }

    private static bool IsFree(LeaseWatch watch, LeaseOptions options) =>
        watch.Last is null or { IsReleased: true } || watch.Last.Engine == options.Engine || watch.Silence >= options.TakeoverAfter;

    private static bool IsFenced(KafkaException error) =>
        error.Code is ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced or ErrorCode.TransactionCoordinatorFenced;

    private static SqlException NotHeld(Exception? inner) => new(
        PostgresErrorCodes.CannotConnectNow, "another engine has taken over, or may have, since the broker could not be reached",
        "Connect again, to that one if this one refuses.", inner: inner);

    /// <summary>Null when another one was faster.</summary>
    private static async Task<EngineLease?> TryTakeAsync(
        IBrokerClient broker, LeaseOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var producer = await broker.OpenTransactionalProducerAsync(InternalTopics.Lease, TransactionTimeout, cancellation);
        var lease = new EngineLease(producer, options, time, logger);
        try
        {
            await lease.SayAsync(isReleased: false);
            lease._beating = lease.BeatAsync();
            LeaseLog.Taken(logger);
            return lease;
        }
        catch (SqlException)
        {
            await lease.DisposeAsync();
            return null;
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            while (!_lost.Task.IsCompleted)
            {
                await Task.Delay(_options.Beat, _time, _stop.Token);
                await TryBeatAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It is given back.
        }
    }

    private async Task TryBeatAsync()
    {
        try
        {
            await SayAsync(isReleased: false);
        }
        catch (SqlException)
        {
            LeaseLog.Lost(_logger);
        }
        catch (KafkaException error)
        {
            LeaseLog.Unreachable(_logger, error.Message);
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await SayAsync(isReleased: true).WaitAsync(ReleaseTimeout, _time);
        }
        catch (Exception error) when (error is SqlException or KafkaException or TimeoutException)
        {
            LeaseLog.NotReleased(_logger, error.Message);
        }
    }

    private async Task SayAsync(bool isReleased)
    {
        var began = _time.GetTimestamp();
        using var builder = new RecordBatchBuilder();
        var value = new LeaseRecord(_options.Engine, isReleased, _options.Address).Encode();
        builder.Append(default, hasKey: false, value, hasValue: true, _time.GetUtcNow().ToUnixTimeMilliseconds());
        await AppendAsync(Partition, builder.Build());
        Interlocked.Exchange(ref _confirmedAt, began);
    }
}

using StreamSQL.Engine.Planning;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>
/// The transactional producers that clients' writes go through: each commits one transaction at a time, and is used again. A fixed number,
/// so that the ids of an engine that has crashed are all taken again in time. Thread-safe.
/// </summary>
/// <param name="broker">The broker.</param>
/// <param name="engine">Which engine it is, where others write to the broker at the same time; else null.</param>
internal sealed class TransactionalWriters(IBrokerClient broker, Guid? engine) : IAsyncDisposable
{
    private const int MaxWriters = 32;
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromMinutes(1);

    private readonly string _idPrefix = InternalTopics.Prefix + "writer-" + (engine is { } id ? $"{id:N}-" : "");
    private readonly SemaphoreSlim _free = new(MaxWriters, MaxWriters);
    private readonly Lock _sync = new();
    private readonly Stack<int> _numbers = new(Enumerable.Range(0, MaxWriters).Reverse());
    private readonly ITransactionalProducer?[] _producers = new ITransactionalProducer?[MaxWriters];

    /// <summary>Writes one transaction; waits while all producers are busy.</summary>
    /// <exception cref="Kafka.KafkaException">The broker refused it, or its outcome is unknown.</exception>
    /// <exception cref="AppendConflictException">An expectation did not hold; nothing was written.</exception>
    public async ValueTask CommitAsync(TransactionContent content, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        var number = Take();
        try
        {
            var producer = _producers[number] ??= await broker.OpenTransactionalProducerAsync(
                $"{_idPrefix}{number}", TransactionTimeout, cancellation);
            await producer.CommitAsync(content, CancellationToken.None);
        }
        catch (Exception error) when (error is not (AppendConflictException or OperationCanceledException))
        {
            await CloseAsync(number); // the next one takes the id again, which settles what is left of this transaction
            throw;
        }
        finally
        {
            Return(number);
            _free.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (var number = 0; number < MaxWriters; number++)
            await CloseAsync(number);
        _free.Dispose();
    }

    private int Take()
    {
        lock (_sync)
            return _numbers.Pop();
    }

    private void Return(int number)
    {
        lock (_sync)
            _numbers.Push(number);
    }

    private async ValueTask CloseAsync(int number)
    {
        if (_producers[number] is not { } producer)
            return;
        _producers[number] = null;
        await producer.DisposeAsync();
    }
}

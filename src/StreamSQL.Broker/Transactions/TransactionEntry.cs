using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Transactions;

/// <summary>A transactional id in the coordinator: its state, and the turn that its steps take one by one.</summary>
internal sealed class TransactionEntry(string transactionalId) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly RecordBatchBuilder _builder = new();
    private readonly PooledBuffer _scratch = new();
    private AtomicAppend? _write;

    public string TransactionalId { get; } = transactionalId;

    /// <summary>The state; null before the first producer. Changed only by who has the turn.</summary>
    public TransactionState? State { get; set; }

    /// <summary>The producer in this process that took the id last; its id is not forgotten while it is there.</summary>
    public LocalProducer? LocalHolder { get; set; }

    /// <summary>Whether the id was forgotten; who waited for the turn then looks for the entry again.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Waits for the turn; dispose what this returns to pass it on.</summary>
    public async ValueTask<Turn> EnterAsync()
    {
        await _turn.WaitAsync();
        return new Turn(this);
    }

    /// <summary>
    /// Waits for the turn for so long; null when others had it all the time. Who gives up leaves nothing behind that could run later.
    /// </summary>
    public async ValueTask<Turn?> TryEnterAsync(TimeSpan limit, TimeProvider time)
    {
        if (_turn.Wait(0, CancellationToken.None))
            return new Turn(this);
        using var expiry = new CancellationTokenSource(limit, time);
        try
        {
            await _turn.WaitAsync(expiry.Token);
            return new Turn(this);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A write for who has the turn, reused from step to step.</summary>
    public AtomicAppend Write(LogStore store) => _write ??= new AtomicAppend(store);

    /// <summary>A batch with the state's record, valid until the next call.</summary>
    public ReadOnlyMemory<byte> EncodeState(TransactionState state)
    {
        _builder.Reset();
        TransactionRecord.Append(_builder, state, _scratch);
        return _builder.Build();
    }

    /// <summary>A batch with a record that deletes the id, valid until the next call.</summary>
    public ReadOnlyMemory<byte> EncodeTombstone(long nowMs)
    {
        _builder.Reset();
        TransactionRecord.AppendTombstone(_builder, TransactionalId, nowMs, _scratch);
        return _builder.Build();
    }

    public void Dispose()
    {
        _turn.Dispose();
        _builder.Dispose();
        _scratch.Dispose();
    }

    /// <summary>The turn at an entry; the default is one at no entry.</summary>
    internal readonly struct Turn(TransactionEntry? entry) : IDisposable
    {
        public TransactionEntry? Entry => entry;

        public void Dispose() => entry?._turn.Release();
    }
}

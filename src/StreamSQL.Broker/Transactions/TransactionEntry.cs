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

    /// <summary>Waits for the turn; dispose what this returns to pass it on.</summary>
    public async ValueTask<Turn> EnterAsync()
    {
        await _turn.WaitAsync();
        return new Turn(_turn);
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

    public void Dispose()
    {
        _turn.Dispose();
        _builder.Dispose();
        _scratch.Dispose();
    }

    internal readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}

using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>Finished rows, batch by batch: a node of a bounded query that runs. Single-threaded.</summary>
internal abstract class RowSource : IAsyncDisposable
{
    /// <summary>
    /// Waits for what has to be there before the first row: tables read to the present end, offsets fixed. Afterwards everything but topics
    /// is read without waiting.
    /// </summary>
    public virtual ValueTask OpenAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>The next rows, lent until the next call; null at the end.</summary>
    public abstract ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation);

    /// <summary>Once it is open: about how many rows of tables it reads.</summary>
    public virtual int EstimatedSlots => 0;

    /// <summary>
    /// Begins another run, with the context's parameters of now; to be opened again. Only where <see cref="ReadyQuery.IsFor"/> says so.
    /// </summary>
    public virtual void Restart() => throw new InvalidOperationException($"{GetType().Name} cannot be run again");

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>Finished rows, batch by batch: a node of a bounded query that runs. Single-threaded.</summary>
internal abstract class RowSource : IAsyncDisposable
{
    /// <summary>
    /// Waits for what has to be there before the first row: tables read to the present end, offsets fixed. Afterwards everything but topics is read
    /// without waiting.
    /// </summary>
    public virtual ValueTask OpenAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>The next rows, lent until the next call; null at the end.</summary>
    public abstract ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>A bounded query that runs.</summary>
internal sealed class PullQuery(
    RowSource rows, IReadOnlyList<ResultColumn> columns, MemoryBudget budget, Session session, TimeProvider time) : StatementResult
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => columns;

    /// <inheritdoc/>
    public override string CommandTag => "SELECT";

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var batch = await rows.ReadAsync(cancellation);
            await session.WaitForLocksAsync(cancellation);
            if (session.Activity.TakeDelay() is { Ticks: > 0 } delay)
                await Task.Delay(delay, time, cancellation);
            if (batch is null or { Selection.Count: > 0 })
                return batch;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await rows.DisposeAsync();
        budget.Release();
        await base.DisposeAsync();
    }
}

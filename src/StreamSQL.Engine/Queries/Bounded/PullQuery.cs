using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>A bounded query that runs.</summary>
internal sealed class PullQuery(RowSource rows, IReadOnlyList<ResultColumn> columns, MemoryBudget budget) : StatementResult
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => columns;

    /// <inheritdoc/>
    public override string CommandTag => "SELECT";

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (await rows.ReadAsync(cancellation) is { } batch)
        {
            if (batch.Selection.Count > 0)
                return batch;
        }

        return null;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await rows.DisposeAsync();
        budget.Release();
        await base.DisposeAsync();
    }
}

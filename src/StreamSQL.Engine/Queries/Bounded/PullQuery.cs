using StreamSQL.Data.Batches;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>A bounded query that runs.</summary>
/// <param name="query">Its operators.</param>
/// <param name="columns">Its columns.</param>
/// <param name="session">The session that it runs in.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Told when it has ended without an error, so that its operators can be run again; null where they cannot.</param>
internal sealed class PullQuery(
    ReadyQuery query, IReadOnlyList<ResultColumn> columns, Session session, TimeProvider time, Action<ReadyQuery>? ended)
    : StatementResult
{
    private bool _isReading;
    private bool _isDisposed;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => columns;

    /// <inheritdoc/>
    public override string CommandTag => "SELECT";

    /// <inheritdoc/>
    public override bool IsShort => ended is not null;

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        // Stays where an error ends the read.
        _isReading = true;
        while (true)
        {
            var batch = await query.Rows.ReadAsync(cancellation);
            await session.WaitForLocksAsync(cancellation);
            if (session.Activity.TakeDelay() is { Ticks: > 0 } delay)
                await Task.Delay(delay, time, cancellation);
            if (batch is not (null or { Selection.Count: > 0 }))
                continue;
            _isReading = false;
            return batch;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await query.Rows.DisposeAsync();
        query.Context.Budget.Release();
        if (!_isReading)
            ended?.Invoke(query);
        await base.DisposeAsync();
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>An operator over one input, or over none.</summary>
internal sealed class UnaryRows(Operator operation, RowSource? input) : RowSource
{
    private bool _isPulling = input is null;
    private bool _isEnded;

    /// <inheritdoc/>
    public override ValueTask OpenAsync(CancellationToken cancellation) => input?.OpenAsync(cancellation) ?? ValueTask.CompletedTask;

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_isPulling)
            {
                if (operation.Pull() is { } output)
                    return output;
                _isPulling = false;
            }

            if (_isEnded || input is null || operation is LimitOperator { IsSatisfied: true })
                return null;
            if (await input.ReadAsync(cancellation) is { } batch)
            {
                operation.Push(batch);
            }
            else
            {
                _isEnded = true;
                operation.Signal(OperatorSignal.End);
            }

            _isPulling = true;
        }
    }

    /// <inheritdoc/>
    public override int EstimatedSlots => input?.EstimatedSlots ?? 0;

    /// <inheritdoc/>
    public override void Restart()
    {
        operation.Restart();
        input?.Restart();
        (_isPulling, _isEnded) = (input is null, false);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (input is not null)
            await input.DisposeAsync();
        await base.DisposeAsync();
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>Some of the columns of an input.</summary>
internal sealed class SelectedRows(RowSource input, IReadOnlyList<int> columns) : RowSource
{
    private readonly ChangeBatch _view = new(new Column[columns.Count]);

    /// <inheritdoc/>
    public override ValueTask OpenAsync(CancellationToken cancellation) => input.OpenAsync(cancellation);

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        if (await input.ReadAsync(cancellation) is not { } batch)
            return null;
        for (var i = 0; i < columns.Count; i++)
            _view.Columns[i] = batch.Columns[columns[i]];
        _view.TakeRowsFrom(batch);
        return _view;
    }

    /// <inheritdoc/>
    public override int EstimatedSlots => input.EstimatedSlots;

    /// <inheritdoc/>
    public override void Restart() => input.Restart();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await input.DisposeAsync();
        await base.DisposeAsync();
    }
}

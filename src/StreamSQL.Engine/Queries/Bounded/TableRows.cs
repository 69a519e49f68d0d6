using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>The committed rows of a table's partitions that an access admits; some of the table's columns.</summary>
/// <param name="open">Waits until the table is current, and gives its partitions.</param>
/// <param name="access">Which rows; a superset may come.</param>
/// <param name="columns">Indexes of the wanted columns; null for all.</param>
/// <param name="overlay">What the session's open transaction has made of the table; null for nothing.</param>
internal sealed class TableRows(
    Func<CancellationToken, ValueTask<IReadOnlyList<TableState>>> open, TableAccess access, IReadOnlyList<int>? columns, WriteOverlay? overlay = null) : RowSource
{
    private readonly ChangeBatch? _view = columns is null ? null : new ChangeBatch(new Column[columns.Count]);
    private IReadOnlyList<TableState> _partitions = [];
    private TableCursor? _cursor;
    private int _next;
    private int _nextHeld;
    private bool _isReader;

    /// <inheritdoc/>
    public override async ValueTask OpenAsync(CancellationToken cancellation)
    {
        _partitions = await open(cancellation);
        if (overlay is null || _isReader)
            return;
        overlay.Readers++;
        _isReader = true;
    }

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_cursor?.Read() is { } batch)
            {
                overlay?.Hide(batch);
                return ValueTask.FromResult<ChangeBatch?>(Select(batch));
            }

            if (_next >= _partitions.Count)
                return ValueTask.FromResult(overlay?.ReadFrom(ref _nextHeld) is { } held ? Select(held) : null);
            _cursor = _partitions[_next++].Open(access);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (_isReader)
            overlay!.Readers--;
        _isReader = false;
        return base.DisposeAsync();
    }

    private ChangeBatch Select(ChangeBatch batch)
    {
        if (_view is null)
            return batch;
        for (var i = 0; i < columns!.Count; i++)
            _view.Columns[i] = batch.Columns[columns[i]];
        _view.TakeRowsFrom(batch);
        return _view;
    }
}

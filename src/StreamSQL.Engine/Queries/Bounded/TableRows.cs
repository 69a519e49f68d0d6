using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>The committed rows of a table's partitions that an access admits; some of the table's columns.</summary>
/// <param name="open">Waits until the table is current, and gives its partitions.</param>
/// <param name="access">Which rows; a superset may come.</param>
/// <param name="columns">Indexes of the wanted columns; null for all.</param>
/// <param name="points">The keys of the access, for another run; null where it has none.</param>
/// <param name="overlay">What the session's open transaction has made of the table; null for nothing.</param>
internal sealed class TableRows(
    Func<CancellationToken, ValueTask<IReadOnlyList<TableState>>> open, TableAccess access, IReadOnlyList<int>? columns, KeyPoints? points,
    WriteOverlay? overlay = null) : RowSource
{
    private readonly ChangeBatch? _view = columns is null ? null : new ChangeBatch(new Column[columns.Count]);
    private IReadOnlyList<TableState> _partitions = [];

    // The reads of an earlier run, by partition.
    private TableCursor?[] _kept = [];
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
            _cursor?.Close();
            _cursor = OpenCursor(_next++);
        }
    }

    /// <inheritdoc/>
    public override int EstimatedSlots => (int)Math.Min(int.MaxValue, _partitions.Sum(static table => (long)table.EstimatedSlots));

    /// <inheritdoc/>
    public override void Restart()
    {
        points?.Compute();
        (_cursor, _next, _nextHeld) = (null, 0, 0);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (_isReader)
            overlay!.Readers--;
        _isReader = false;
        _cursor?.Close();
        _cursor = null;
        // A statement that may run again holds no table that has been dropped meanwhile.
        _partitions = [];
        for (var i = 0; i < _kept.Length; i++)
        {
            if (_kept[i]?.TryClose() != true)
                _kept[i] = null;
        }

        return base.DisposeAsync();
    }

    private TableCursor OpenCursor(int partition)
    {
        var table = _partitions[partition];
        if (points is null)
            return table.Open(access);
        if (_kept.Length < _partitions.Count)
            _kept = new TableCursor?[_partitions.Count];
        if (_kept[partition] is { } kept && kept.TryReopen(table))
            return kept;
        return _kept[partition] = table.Open(access);
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

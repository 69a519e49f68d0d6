using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// The progress rows of a push query: between two rows of data, or when there are none, one tells how far the query has read. All rows of
/// what lies before its position have been given out, and none of what lies behind. While its client is
/// slow there is at most one of them due, not a queue.
/// </summary>
internal sealed class PushProgress : IDisposable
{
    private readonly ChangeBatch _row;
    private readonly bool _afterEachBatch;
    private readonly ITimer? _timer;
    private volatile bool _isDue;

    /// <summary>Starts the clock.</summary>
    /// <param name="interval">How long from row to row; zero: a row after each batch of data instead.</param>
    /// <param name="schema">The query's own columns.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wake">Wakes the query when a row is due.</param>
    public PushProgress(TimeSpan interval, PlanSchema schema, TimeProvider time, Action wake)
    {
        _row = new ChangeBatch([.. Columns.Select(static column => column.Type), .. schema.Columns.Select(static column => column.Type)]);
        _afterEachBatch = interval == TimeSpan.Zero;
        if (_afterEachBatch)
            return;
        _timer = time.CreateTimer(
            _ =>
            {
                _isDue = true;
                wake();
            },
            null, interval, interval);
    }

    /// <summary>The columns that stand in front of the query's own.</summary>
    public static IReadOnlyList<ResultColumn> Columns { get; } =
    [
        new("streamsql_progressed", SqlType.Boolean),
        new("streamsql_position", SqlType.Varchar),
        new("streamsql_time", SqlType.Timestamp),
    ];

    /// <summary>The time of the newest record that was read; <see cref="long.MinValue"/> before the first.</summary>
    public long NewestTimeMs { get; private set; } = long.MinValue;

    /// <summary>Notes what was read.</summary>
    public void Observe(ChangeBatch batch)
    {
        var newest = NewestTimeMs;
        for (var i = 0; i < batch.Selection.Count; i++)
            newest = Math.Max(newest, batch.RowTime.Values[batch.Selection[i]]);
        NewestTimeMs = newest;
    }

    /// <summary>Rows were given out.</summary>
    public void AfterRows()
    {
        if (_afterEachBatch)
            _isDue = true;
    }

    /// <summary>Makes a row due now.</summary>
    public void Require() => _isDue = true;

    /// <summary>Whether a row is due; that is then forgotten.</summary>
    public bool TryTake()
    {
        if (!_isDue)
            return false;
        _isDue = false;
        return true;
    }

    /// <summary>A progress row, lent until the next.</summary>
    public ChangeBatch Row(string position)
    {
        _row.Reset(1);
        ColumnWriter.Write(_row.Columns[0], 0, true);
        ColumnWriter.Write(_row.Columns[1], 0, position);
        if (NewestTimeMs == long.MinValue)
            _row.Columns[2].SetNull(0);
        else
            ((FixedColumn<long>)_row.Columns[2]).Values[0] = NewestTimeMs;
        foreach (var column in _row.Columns.AsSpan(Columns.Count))
            column.SetNull(0);
        return _row;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();
}

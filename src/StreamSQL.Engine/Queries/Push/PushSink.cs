using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// Collects the results of a push query until its client takes them: of one batch of its source, since no other is read before that.
/// </summary>
internal sealed class PushSink : TaskSink
{
    private readonly ChangeBatch _rows;

    // What stands in front of the time: the same in every row.
    private readonly Column[] _noProgress;
    private readonly bool[]? _isKey;
    private readonly int _first;
    private int _count;

    /// <summary>Creates a sink for rows of a schema.</summary>
    /// <param name="schema">The query's columns.</param>
    /// <param name="isKey">By column: whether it shows a key, which is all that is shown of a row that
    /// is gone; null where such rows are shown as they come.</param>
    /// <param name="withProgress">Whether the columns of progress rows stand in front.</param>
    public PushSink(PlanSchema schema, bool[]? isKey, bool withProgress)
    {
        var progress = withProgress ? PushProgress.Columns : [];
        _first = progress.Count;
        _noProgress = [.. progress.SkipLast(1).Select(static column => Column.Create(column.Type))];
        foreach (var (column, value) in _noProgress.Zip([false, (object?)null]))
        {
            column.Reset(1, constant: true);
            ColumnWriter.Write(column, 0, value);
        }

        _isKey = isKey;
        _rows = new ChangeBatch([.. progress.Select(static column => column.Type), .. schema.Columns.Select(static column => column.Type)]);
    }

    /// <inheritdoc/>
    public override void Write(ChangeBatch batch)
    {
        var rows = RowNumbers.Of(batch.Selection);
        if (rows.Length == 0)
            return;
        if (_count == 0)
            _rows.Reset(0);
        for (var i = 0; i < batch.Columns.Length; i++)
            _rows.Columns[_first + i].Gather(batch.Columns[i], rows, _count);
        _rows.RowTime.Gather(batch.RowTime, rows, _count);
        if (_first > 0)
            WriteProgress(batch.RowTime, rows);
        if (batch.Flags is not null && _isKey is not null)
            NullDeleted(batch, rows, _isKey);
        _count += rows.Length;
    }

    /// <summary>What was collected since the last call, lent until the next write; null when there is nothing.</summary>
    public ChangeBatch? Take()
    {
        if (_count == 0)
            return null;
        _rows.RowCount = _count;
        _rows.Selection = RowSelection.All(_count);
        _count = 0;
        return _rows;
    }

    /// <summary>A row of data is no progress, has no position, and its own time.</summary>
    private void WriteProgress(FixedColumn<long> times, ReadOnlySpan<int> rows)
    {
        for (var c = 0; c < _noProgress.Length; c++)
            _rows.Columns[c].Gather(_noProgress[c], rows, _count);
        _rows.Columns[_noProgress.Length].Gather(times, rows, _count);
    }

    /// <summary>Of a row that is gone, or does not pass a filter any more, only the key is told.</summary>
    private void NullDeleted(ChangeBatch batch, ReadOnlySpan<int> rows, bool[] isKey)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if ((batch.FlagsOf(rows[i]) & ChangeFlags.HasNew) != 0)
                continue;
            for (var c = 0; c < isKey.Length; c++)
            {
                if (!isKey[c])
                    _rows.Columns[_first + c].SetNull(_count + i);
            }
        }
    }
}

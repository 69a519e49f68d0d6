using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// The rows that a table holds where a push query begins: its topic up to there, folded by key, and given out before the changes behind it. So a change is
/// either in the snapshot or behind it, never both. The table stays where a filter has to know what was there before a change; else it goes when it
/// has been given out.
/// </summary>
internal sealed class PushSnapshot
{
    private readonly MemoryBudget _budget;
    private readonly RowTable _table;
    private readonly MaterializeOperator _materialize;
    private readonly long[] _ends;
    private readonly bool _isKept;
    private RowTableCursor? _cursor;

    /// <summary>Begins a snapshot.</summary>
    /// <param name="schema">The columns that are read, keys in front.</param>
    /// <param name="ends">By partition, the first offset that is behind it.</param>
    /// <param name="isKept">Whether the table is kept, so that changes come with the row that was there before.</param>
    /// <param name="budget">The query's.</param>
    public PushSnapshot(PlanSchema schema, long[] ends, bool isKept, MemoryBudget budget)
    {
        _budget = budget.Part("the snapshot");
        _table = new RowTable("snapshot", schema, _budget);
        _materialize = new MaterializeOperator(_table, withOld: isKept);
        _ends = ends;
        _isKept = isKept;
    }

    /// <summary>Whether all is folded.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Whether all rows were given out.</summary>
    public bool IsGivenOut { get; private set; }

    /// <summary>Reads on; false when nothing is there now: then the readers wake the query.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: the table is over the query's budget.</exception>
    public bool TryLoad(IReadOnlyList<PartitionReader> readers, IReadOnlyList<SourceDecoder> decoders, PushProgress? progress)
    {
        var hasRead = false;
        var isLoaded = true;
        for (var i = 0; i < readers.Count; i++)
        {
            if (readers[i].Position < _ends[i] && readers[i].TryRead(_ends[i]) is { } run)
            {
                hasRead = true;
                if (decoders[i].Decode(run) is { Selection.Count: > 0 } batch)
                    Fold(batch, progress);
            }

            isLoaded &= readers[i].Position >= _ends[i];
        }

        IsLoaded = isLoaded;
        return hasRead || isLoaded;
    }

    /// <summary>The next rows of the snapshot; null after the last.</summary>
    public ChangeBatch? NextRows()
    {
        _cursor ??= new RowTableCursor(_table, TableAccess.All);
        if (_cursor.Read() is { } rows)
            return rows;
        IsGivenOut = true;
        _cursor = null;
        if (!_isKept)
            _budget.Release();
        return null;
    }

    /// <summary>A change behind the snapshot, with the row that was there before where the table is kept. Lent until the next.</summary>
    public IEnumerable<ChangeBatch> Changes(ChangeBatch batch)
    {
        if (!_isKept)
        {
            yield return batch;
            yield break;
        }

        _materialize.Push(batch);
        while (_materialize.Pull() is { } change)
            yield return change;
        Commit();
    }

    /// <summary>Gives back what it holds.</summary>
    public void Release() => _budget.Release();

    private void Fold(ChangeBatch batch, PushProgress? progress)
    {
        progress?.Observe(batch);
        _materialize.Push(batch);
        while (_materialize.Pull() is not null)
        {
            // Only the newest row of each key is of interest here.
        }

        Commit();
    }

    private void Commit()
    {
        lock (_table.Sync)
            _table.Commit();
    }
}

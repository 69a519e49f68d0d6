using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>What a write expects of the row that its key has in the table.</summary>
internal enum RowCondition : byte
{
    /// <summary>Nothing: it takes its place, or there may be none.</summary>
    None,

    /// <summary>There is no row.</summary>
    IsAbsent,

    /// <summary>The row is still the one that the write was computed from.</summary>
    IsUnchanged,
}

/// <summary>
/// The rows that one statement writes to one stream or table, or whose keys it deletes: as columns, for who reads them before they are
/// committed, and encoded. Not thread-safe.
/// </summary>
internal sealed class RowWrite
{
    private readonly List<RowCondition> _conditions = [];
    private readonly Column[] _old;

    /// <summary>Creates an empty write.</summary>
    /// <param name="target">The stream or table.</param>
    /// <param name="isDelete">Whether the rows of the keys are deleted; the value columns then hold the rows as they were.</param>
    public RowWrite(SourceDefinition target, bool isDelete)
    {
        Target = target;
        IsDelete = isDelete;
        KeyCount = target.Columns.Count(static column => column.IsKey);
        Rows = new ChangeBatch(target.Columns.Select(static column => column.Type).ToArray());
        Rows.Reset(0);
        _old = target.Columns.Select(static column => Column.Create(column.Type)).ToArray();
    }

    /// <summary>Creates a write of rows that expect nothing; the batch becomes the write's own.</summary>
    public RowWrite(SourceDefinition target, ChangeBatch rows)
    {
        Target = target;
        KeyCount = target.Columns.Count(static column => column.IsKey);
        Rows = rows;
        _old = [];
    }

    /// <summary>The stream or table.</summary>
    public SourceDefinition Target { get; }

    /// <summary>Whether the rows are deleted.</summary>
    public bool IsDelete { get; }

    /// <summary>How many of the columns are the key; they stand in front.</summary>
    public int KeyCount { get; }

    /// <summary>The rows, in the order of the target's columns, with their times. Not all rows need to be selected.</summary>
    public ChangeBatch Rows { get; }

    /// <summary>How many rows are written.</summary>
    public int Count => Rows.Selection.Count;

    /// <summary>Whether a row expects something of the table.</summary>
    public bool IsConditional { get; private set; }

    /// <summary>The columns of the rows that conditional rows were computed from, by row.</summary>
    public ReadOnlySpan<Column> Old => _old;

    /// <summary>The encoded keys, by position in the selection.</summary>
    public SliceList Keys { get; } = new();

    /// <summary>The encoded values, by position; empty for a deletion.</summary>
    public SliceList Values { get; } = new();

    /// <summary>The partition of each key, by position; -1 where there is no key.</summary>
    public int[] Partitions { get; set; } = [];

    /// <summary>Bytes that it holds, about.</summary>
    public long Bytes { get; set; }

    /// <summary>What a row expects.</summary>
    public RowCondition ConditionOf(int row) => row < _conditions.Count ? _conditions[row] : RowCondition.None;

    /// <summary>Adds rows.</summary>
    /// <param name="rows">Their columns.</param>
    /// <param name="selected">Which rows of those.</param>
    /// <param name="old">The columns of the rows that they were computed from, or none.</param>
    /// <param name="condition">What they expect.</param>
    /// <param name="time">Their time.</param>
    public void Append(ReadOnlySpan<Column> rows, ReadOnlySpan<int> selected, ReadOnlySpan<Column> old, RowCondition condition, long time)
    {
        var at = Rows.RowCount;
        for (var c = 0; c < Rows.Columns.Length; c++)
        {
            Rows.Columns[c].Gather(rows[c], selected, at);
            if (!old.IsEmpty)
                _old[c].Gather(old[c], selected, at);
        }

        Rows.RowTime.Grow(at + selected.Length);
        for (var i = 0; i < selected.Length; i++)
        {
            Rows.RowTime.Values[at + i] = time;
            _conditions.Add(condition);
        }

        IsConditional |= condition != RowCondition.None;
        Rows.RowCount = at + selected.Length;
        Rows.Selection = RowSelection.All(Rows.RowCount);
    }

    /// <summary>Lets a row expect nothing after all: it was computed from one that the same transaction has written.</summary>
    public void Release(int row) => _conditions[row] = RowCondition.None;

    /// <summary>The partitions of which a row expects something.</summary>
    public void CollectConditional(HashSet<int> partitions)
    {
        for (var i = 0; i < Count; i++)
        {
            if (ConditionOf(Rows.Selection[i]) != RowCondition.None)
                partitions.Add(Partitions[i]);
        }
    }

    /// <summary>Bytes of the columns.</summary>
    public long MemoryOfColumns()
    {
        long bytes = 0;
        foreach (var column in Rows.Columns)
            bytes += column.MemoryBytes;
        foreach (var column in _old)
            bytes += column.MemoryBytes;
        return bytes;
    }
}

using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Batches;

/// <summary>Which sides of a change are there.</summary>
[Flags]
public enum ChangeFlags : byte
{
    /// <summary>Nothing before, nothing after: a tombstone for an unknown key, or a stream record with a null value.</summary>
    None = 0,

    /// <summary>The key had a row before.</summary>
    HasOld = 1,

    /// <summary>The key has a row now (for a stream: the record has a value).</summary>
    HasNew = 2,
}

/// <summary>
/// Up to a few thousand rows of one partition: the unit that operators work on. A stream row is an event; a table row is one change: key,
/// <see cref="ChangeFlags"/>, the new columns, and the old columns only where a consumer needs them.
/// </summary>
/// <remarks>
/// Columns are aligned by row number; <see cref="Selection"/> says which rows count and in which order. Key columns are filled also where
/// there is no new value; value columns are unspecified there (look at the flags first), in a stream they are null. A batch is lent: it is
/// valid until the operator that gave it out runs again.
/// </remarks>
public sealed class ChangeBatch
{
    /// <summary>The most rows that a batch should hold.</summary>
    public const int MaxRows = 4096;

    private ChangeFlags[]? _flags;

    /// <summary>Creates a batch with columns of its own.</summary>
    public ChangeBatch(IReadOnlyList<SqlType> types, bool withOld = false)
    {
        Columns = new Column[types.Count];
        for (var i = 0; i < types.Count; i++)
            Columns[i] = Column.Create(types[i]);
        if (withOld)
            OldColumns = types.Select(Column.Create).ToArray();
        RowTime = new FixedColumn<long>(SqlType.BigInt);
    }

    /// <summary>Creates a batch over columns that others own, such as the results of expressions.</summary>
    public ChangeBatch(Column[] columns, Column[]? oldColumns = null)
    {
        Columns = columns;
        OldColumns = oldColumns;
        RowTime = new FixedColumn<long>(SqlType.BigInt);
    }

    /// <summary>The new values: key columns and value columns, in the order of the plan's schema.</summary>
    public Column[] Columns { get; }

    /// <summary>The old values, or null on edges where no consumer needs them.</summary>
    public Column[]? OldColumns { get; set; }

    /// <summary>Event time of each row, milliseconds since 1970-01-01 UTC.</summary>
    public FixedColumn<long> RowTime { get; set; }

    /// <summary>Source offset of each row, where the plan asks for it; else null.</summary>
    public FixedColumn<long>? Offsets { get; set; }

    /// <summary>
    /// The headers of the records that the rows come from; null where none has any, or where rows no longer come from one record each.
    /// </summary>
    public HeaderColumns? Headers { get; set; }

    /// <summary>Rows in the columns, selected or not.</summary>
    public int RowCount { get; set; }

    /// <summary>The rows that count.</summary>
    public RowSelection Selection { get; set; }

    /// <summary>The partition that the rows belong to.</summary>
    public int Partition { get; set; }

    /// <summary>
    /// The stream time that the source knows to be reached before these rows, milliseconds; null where stream time is simply the greatest
    /// row time seen. Set behind a repartition: the minimum over the producing tasks.
    /// </summary>
    public long? StreamTime { get; set; }

    /// <summary>
    /// Behind a repartition: the minimum of stream time over all producing tasks, idle ones included (<see cref="long.MinValue"/> while one
    /// has had no data yet). A row is late only against this clock, so that a pause between source partitions loses nothing;
    /// <see cref="StreamTime"/>, which leaves idle producers out, closes windows for EMIT FINAL and
    /// retention. Null where <see cref="StreamTime"/> is.
    /// </summary>
    public long? StreamTimeFloor { get; set; }

    /// <summary>
    /// Flags by row, or null when every row is a plain insert (<see cref="ChangeFlags.HasNew"/> only).
    /// </summary>
    public ChangeFlags[]? Flags => _flags;

    /// <summary>The flags of a row.</summary>
    public ChangeFlags FlagsOf(int row) => _flags is null ? ChangeFlags.HasNew : _flags[row];

    /// <summary>
    /// The selected rows that have a flag, written to <paramref name="scratch"/> (as long as the selection) unless they are all.
    /// </summary>
    public RowSelection RowsHaving(ChangeFlags flag, int[] scratch)
    {
        if (_flags is null)
            return flag == ChangeFlags.HasNew ? Selection : RowSelection.All(0);
        var count = 0;
        for (var i = 0; i < Selection.Count; i++)
        {
            var row = Selection[i];
            if ((_flags[row] & flag) != 0)
                scratch[count++] = row;
        }

        return count == Selection.Count ? Selection : RowSelection.Of(scratch, count);
    }

    /// <summary>Empties the batch and makes room for <paramref name="rows"/> rows, all of them selected.</summary>
    public void Reset(int rows)
    {
        RowCount = rows;
        Selection = RowSelection.All(rows);
        _flags = null;
        foreach (var column in Columns)
            column.Reset(rows);
        foreach (var column in OldColumns ?? [])
            column.Reset(rows);
        RowTime.Reset(rows);
        Offsets?.Reset(rows);
        Headers = null;
    }

    /// <summary>
    /// Takes over all but the columns of another batch: row count, selection, flags, times, offsets,
    /// headers, partition. They stay lent by it.
    /// </summary>
    public void TakeRowsFrom(ChangeBatch source)
    {
        RowCount = source.RowCount;
        Selection = source.Selection;
        _flags = source._flags;
        RowTime = source.RowTime;
        Offsets = source.Offsets;
        Headers = source.Headers;
        Partition = source.Partition;
        StreamTime = source.StreamTime;
        StreamTimeFloor = source.StreamTimeFloor;
    }

    /// <summary>Gives the rows flags of their own, by row; the array is lent like the columns.</summary>
    public void SetFlags(ChangeFlags[]? flags) => _flags = flags;
}

using StreamSQL.Data.Batches;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// The state of one operator in one partition. Changes since the last commit are open: <see cref="Commit"/> keeps them, <see cref="Abort"/>
/// brings the pre-images back. One task writes; other threads read committed rows, both under
/// <see cref="Sync"/>, held for one batch at a time.
/// </summary>
public abstract class StateStore
{
    /// <summary>Creates a store.</summary>
    /// <param name="id">Stable id of the operator's state within its query, part of the changelog topic's name.</param>
    protected StateStore(string id) => Id = id;

    /// <summary>Stable id of the operator's state within its query.</summary>
    public string Id { get; }

    /// <summary>Guards the store's memory: held by the task while it changes the store and by readers while they copy rows out.</summary>
    public Lock Sync { get; } = new();

    /// <summary>Bytes held, for budgets and SHOW QUERIES.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>
    /// Appends what the open commit changed, one slice of key and value per changed entry (null value: removed), and the operator's own
    /// clock (stream time). Read back by <see cref="Restore"/>.
    /// </summary>
    public abstract void WriteChangelog(SliceList keys, SliceList values);

    /// <summary>
    /// What its entries are made of, as text: a snapshot is read only into a store of the same shape.
    /// </summary>
    public abstract string Shape { get; }

    /// <summary>Applies entries written by <see cref="WriteChangelog"/>, in their order.</summary>
    /// <exception cref="InvalidDataException">The bytes are not this store's, or of an unknown format version.</exception>
    public abstract void Restore(SliceList keys, SliceList values);

    /// <summary>Forgets everything, open changes and clock too: the store is as new.</summary>
    public abstract void Reset();

    /// <summary>The open changes are durable now: forget their pre-images.</summary>
    public abstract void Commit();

    /// <summary>The open changes did not happen: put their pre-images back.</summary>
    public abstract void Abort();

    /// <summary>Begins to read all committed entries for a snapshot.</summary>
    internal abstract StateScan Scan();

    /// <summary>
    /// Adds the entries of a block that a <see cref="StateScan"/> wrote. The caller holds <see cref="Sync"/>, and no commit is open.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are not such a block.</exception>
    internal abstract void Load(BlockReader block);
}

/// <summary>A store that is a table: pull queries can read its committed rows.</summary>
public abstract class TableState : StateStore
{
    /// <summary>Creates a store.</summary>
    protected TableState(string id, PlanSchema schema)
        : base(id) => Schema = schema;

    /// <summary>Key columns, window bounds when windowed, value columns.</summary>
    public PlanSchema Schema { get; }

    /// <summary>The columns' types and roles, as part of <see cref="StateStore.Shape"/>.</summary>
    protected string SchemaShape => string.Join(", ", Schema.Columns.Select(static column => $"{column.Type} {column.Role}"));

    /// <summary>
    /// About how many slots a read of all rows looks at; 0 where readers cannot share it by blocks.
    /// Read without <see cref="StateStore.Sync"/>.
    /// </summary>
    public virtual int EstimatedSlots => 0;

    /// <summary>Opens a read of the rows that the access admits (a superset is allowed: a filter above checks every row).</summary>
    public abstract TableCursor Open(TableAccess access);
}

/// <summary>A read of committed rows.</summary>
public abstract class TableCursor
{
    /// <summary>
    /// The next rows, lent until the next call; null at the end. Takes the store's <see cref="StateStore.Sync"/> while it copies.
    /// </summary>
    public abstract ChangeBatch? Read();

    /// <summary>Lets go of the table and keeps the room for rows, so that it can be opened again; false when it cannot.</summary>
    public virtual bool TryClose() => false;

    /// <summary>
    /// Begins another read of a table, with the access that it was opened with, whose keys may have changed; false when it cannot: then a
    /// new one is to be opened.
    /// </summary>
    public virtual bool TryReopen(TableState table) => false;
}

/// <summary>A <see cref="KeyAccess"/> with its values known.</summary>
/// <param name="Points">Whole keys to look up: a batch with the key columns, one row per key; or null for a scan.</param>
/// <param name="KeyLower">Lower bound (inclusive) of the first key column as a literal value, or null.</param>
/// <param name="KeyUpper">Upper bound (inclusive) of the first key column as a literal value, or null.</param>
/// <param name="WindowStartMin">Least WINDOWSTART, milliseconds.</param>
/// <param name="WindowStartMax">Greatest WINDOWSTART.</param>
/// <param name="WindowEndMin">Least WINDOWEND.</param>
/// <param name="WindowEndMax">Greatest WINDOWEND.</param>
public sealed record TableAccess(
    ChangeBatch? Points, object? KeyLower, object? KeyUpper,
    long WindowStartMin = long.MinValue, long WindowStartMax = long.MaxValue, long WindowEndMin = long.MinValue,
    long WindowEndMax = long.MaxValue)
{
    /// <summary>The columns that are wanted, by index; the others may come unspecified. Null for all.</summary>
    public IReadOnlyList<int>? Columns { get; init; }

    /// <summary>Whether the rows' times are wanted; else they may come unspecified.</summary>
    public bool WithTimes { get; init; } = true;

    /// <summary>Where several readers share a scan: hands out what each of them reads.</summary>
    public SlotBlocks? Blocks { get; init; }

    /// <summary>Every row.</summary>
    public static TableAccess All { get; } = new(null, null, null);
}

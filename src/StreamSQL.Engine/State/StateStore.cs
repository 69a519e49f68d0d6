using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
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

    /// <summary>What its memory is charged to.</summary>
    internal abstract MemoryBudget Budget { get; }

    /// <summary>
    /// Charges what the table has grown by since its keys are kept in order; false, and nothing is charged, where that is refused. Under
    /// <see cref="StateStore.Sync"/>.
    /// </summary>
    /// <param name="index">The index whose keys these are.</param>
    internal abstract bool TryChargeOrder(KeyIndex index);

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

    /// <summary>Ends the read before its end; nothing to do behind it.</summary>
    public virtual void Close()
    {
    }
}

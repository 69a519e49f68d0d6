using StreamSQL.Data.Functions;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// The table that an aggregate keeps: without windows one table of groups, with tumbling or hopping windows one per window start, or one
/// per slice of hopping windows, so that it is dropped whole when it is out of retention. Stream time is part of it.
/// </summary>
internal sealed class AggregateTable : TableState
{
    private const int RecycledWindows = 2;
    private const int RecycledSlices = 8;

    private readonly SqlType[] _keyTypes;
    private readonly MemoryBudget _budget;
    private readonly Dictionary<PartId, GroupTable> _byId = [];
    private readonly List<GroupTable> _windows = [];
    private readonly List<GroupTable> _dirty = [];
    private readonly Stack<PreImages> _pool = [];
    private readonly Stack<GroupTable> _dropped = [];
    private readonly AggregateLog _log;
    private GroupTable? _last;
    private int[]? _loadedSlots;
    private long _memoryBytes;
    private long _pooledBytes; // of the memory, what is charged for the pool
    private TableClock _committedClock = TableClock.Unset;

    /// <summary>Creates an empty table.</summary>
    /// <param name="id">Stable id of the operator's state within its query.</param>
    /// <param name="schema">Key columns, window bounds when windowed, one value column per aggregate.</param>
    /// <param name="aggregates">The aggregates.</param>
    /// <param name="window">The tumbling or hopping window, or null.</param>
    /// <param name="budget">What its memory is charged to.</param>
    /// <param name="bySlices">Whether hopping windows are kept by slices; every aggregate has to merge exactly.</param>
    public AggregateTable(
        string id, PlanSchema schema, IReadOnlyList<AggregateBinding> aggregates, ResolvedWindow? window, MemoryBudget budget,
        bool bySlices)
        : base(id, schema)
    {
        _keyTypes = schema.Columns.Where(static column => column.Role == ColumnRole.Key).Select(static column => column.Type).ToArray();
        _budget = budget;
        Aggregates = aggregates;
        Window = window;
        Slices = bySlices ? new WindowSlices(window!) : null;
        _log = new AggregateLog(this);
    }

    /// <summary>Creates the empty table of an aggregate over tumbling, hopping or no windows.</summary>
    public static AggregateTable Create(string id, LogicalAggregate plan, MemoryBudget budget, bool bySlices = false) => new(
        id, plan.Schema, plan.Aggregates.Select(static call => call.Binding).ToArray(),
        plan.Window is null ? null : ResolvedWindow.Of(plan.Window, plan.EmitFinal), budget, bySlices);

    /// <summary>The aggregates.</summary>
    public IReadOnlyList<AggregateBinding> Aggregates { get; }

    /// <summary>The window, or null.</summary>
    public ResolvedWindow? Window { get; }

    /// <summary>How hopping windows are cut into slices; null when each window has its own groups.</summary>
    public WindowSlices? Slices { get; }

    /// <summary>The types of the key columns.</summary>
    public IReadOnlyList<SqlType> KeyTypes => _keyTypes;

    /// <summary>How many key columns there are.</summary>
    public int KeyCount => _keyTypes.Length;

    /// <summary>How many window bound columns there are.</summary>
    public int BoundCount => Window is null ? 0 : 2;

    /// <summary>The clock of the operator, with the open changes.</summary>
    public TableClock Clock { get; set; } = TableClock.Unset;

    /// <summary>The clock as of the last commit.</summary>
    public TableClock CommittedClock => _committedClock;

    /// <summary>The tables by ascending start of their window or slice, those of one slice by their first window.</summary>
    public IReadOnlyList<GroupTable> Windows => _windows;

    /// <summary>The tables that the open commit has touched.</summary>
    public IReadOnlyList<GroupTable> Dirty => _dirty;

    /// <inheritdoc/>
    public override long MemoryBytes => _memoryBytes;

    /// <summary>The table of a window or slice, ready for changes in the open commit; made when it is not there.</summary>
    public GroupTable OpenPart(PartId id)
    {
        if (_last is null || _last.Id != id)
            _last = FindOrAdd(id);
        if (!_last.IsDirty && !_dirty.Contains(_last))
        {
            UsePreImages(_last);
            _dirty.Add(_last);
        }

        return _last;
    }

    /// <summary>Charges what a table has grown by.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Charge(GroupTable table)
    {
        if (table.Index.HasOrder && !TryCharge(table))
            table.Index.GiveUpOrder();
        var bytes = table.MemoryBytes;
        _budget.Charge(bytes - table.ChargedBytes);
        _memoryBytes += bytes - table.ChargedBytes;
        table.ChargedBytes = bytes;
    }

    /// <inheritdoc/>
    internal override MemoryBudget Budget => _budget;

    /// <inheritdoc/>
    internal override bool TryChargeOrder(KeyIndex index)
    {
        foreach (var table in _windows)
        {
            if (table.Index == index)
                return TryCharge(table);
        }

        return false;
    }

    /// <summary>Notes that EMIT FINAL has given out all windows up to one that is closed.</summary>
    /// <param name="end">The end of that window.</param>
    public void SetGivenOut(long end) => Clock = Clock with { FinalTime = Math.Max(Clock.FinalTime, end + Window!.GraceMs) };

    /// <summary>Lets the open commit drop the windows that are out of retention when stream time is <paramref name="time"/>.</summary>
    public void ExpireWindows(long time)
    {
        if (Window is null)
            return;
        var bound = Window.ExpiredStart(time);
        foreach (var table in _windows)
        {
            if (Window.LastStart(table.Start) > bound)
                return;
            table.IsExpired = true;
        }
    }

    /// <summary>The position in <see cref="Windows"/> of the first table that starts at or after an instant.</summary>
    public int FirstWindowFrom(long start)
    {
        int low = 0, high = _windows.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_windows[middle].Start < start)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <inheritdoc/>
    public override int EstimatedSlots
    {
        get
        {
            // Windows are read one after the other, by one reader.
            if (Window is not null)
                return 0;
            lock (Sync)
                return _windows.Count > 0 ? _windows[0].Index.SlotLimit : 0;
        }
    }

    /// <inheritdoc/>
    public override TableCursor Open(TableAccess access) =>
        Slices is null ? new AggregateTableCursor(this, access) : new SlicedTableCursor(this, Slices, access);

    /// <inheritdoc/>
    public override void WriteChangelog(SliceList keys, SliceList values) => _log.WriteChanges(keys, values);

    /// <inheritdoc/>
    public override void Restore(SliceList keys, SliceList values)
    {
        lock (Sync)
        {
            _log.Read(keys, values);
            _committedClock = Clock;
        }
    }

    /// <inheritdoc/>
    public override string Shape =>
        $"groups of {SchemaShape} with {string.Join(", ", Aggregates.Select(static binding => binding.ResultType))} over {Window}" +
            $"{(Slices is null ? "" : " by slices")}";

    /// <inheritdoc/>
    public override void Reset()
    {
        lock (Sync)
        {
            DropWhere(static _ => true);
            foreach (var table in _dropped)
                _budget.Charge(-table.ChargedBytes);
            _dropped.Clear();
            _dirty.Clear();
            _pool.Clear();
            _budget.Charge(-_pooledBytes);
            _memoryBytes = _pooledBytes = 0;
            Clock = _committedClock = TableClock.Unset;
        }
    }

    /// <inheritdoc/>
    internal override StateScan Scan() => new AggregateTableScan(this);

    /// <inheritdoc/>
    internal override void Load(BlockReader block)
    {
        var clock = new TableClock(block.ReadInt64(), block.ReadInt64());
        Clock = _committedClock = clock;
        if (block.ReadByte() == 0 && block.IsAtEnd)
            return;
        var start = block.ReadInt64();
        var id = new PartId(start, Slices is null ? start : block.ReadInt64());
        var capacity = block.ReadCapacity();
        if (!_byId.TryGetValue(id, out var table))
            table = Add(new GroupTable(_keyTypes, Aggregates, id, EndOf(start), capacity));
        table.Load(ref block, _loadedSlots ??= new int[ChangeBatch.MaxRows]);
        if (!block.IsAtEnd)
            throw new InvalidDataException("a block of groups is too long");
        Charge(table);
    }

    /// <inheritdoc/>
    public override void Commit()
    {
        lock (Sync)
        {
            foreach (var table in _dirty)
                table.Commit(_pool);
            GiveBack();
            _dirty.Clear();
            if (_windows.Count > 0 && _windows[0].IsExpired)
                DropWhere(static table => table.IsExpired);
            _committedClock = Clock;
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        lock (Sync)
        {
            foreach (var table in _windows)
                table.IsExpired = false;
            foreach (var table in _dirty)
                table.Abort(_pool);
            GiveBack();
            _dirty.Clear();
            DropWhere(static table => table.Index.Count == 0);
            Clock = _committedClock;
        }
    }

    /// <summary>The table of a window or slice; made when it is not there, with room for as many groups as the newest one has.</summary>
    public GroupTable FindOrAdd(PartId id) => _byId.TryGetValue(id, out var table) ? table : Add(CreateTable(id));

    /// <summary>The table of a window or slice; null when it is not there.</summary>
    public GroupTable? Find(PartId id) => _byId.GetValueOrDefault(id);

    /// <summary>Drops tables that have become empty.</summary>
    public void DropEmpty() => DropWhere(static table => table.Index.Count == 0);

    private bool TryCharge(GroupTable table)
    {
        var bytes = table.MemoryBytes;
        if (!_budget.TryCharge(bytes - table.ChargedBytes))
            return false;
        _memoryBytes += bytes - table.ChargedBytes;
        table.ChargedBytes = bytes;
        return true;
    }

    /// <summary>Lets a table fill in pre-images; those of the pool are from now on charged for the table.</summary>
    private void UsePreImages(GroupTable table)
    {
        var pooled = PooledBytes();
        table.UsePreImages(_pool);
        var taken = Math.Min(_pooledBytes, pooled - PooledBytes());
        _pooledBytes -= taken;
        table.ChargedBytes += taken;
    }

    /// <summary>
    /// Gives back what the commit held beyond its tables and the pool. Where less was charged than that, as after a refusal, nothing.
    /// </summary>
    private void GiveBack()
    {
        var pooled = PooledBytes();
        var change = pooled - _pooledBytes;
        foreach (var table in _dirty)
            change += table.MemoryBytes - table.ChargedBytes;
        if (change > 0)
            return;
        _budget.Charge(change);
        _memoryBytes += change;
        _pooledBytes = pooled;
        foreach (var table in _dirty)
            table.ChargedBytes = table.MemoryBytes;
    }

    private long PooledBytes()
    {
        var bytes = 0L;
        foreach (var preImages in _pool)
            bytes += preImages.MemoryBytes;
        return bytes;
    }

    private GroupTable Add(GroupTable table)
    {
        var position = FirstWindowFrom(table.Start);
        while (position < _windows.Count && _windows[position].Id.CompareTo(table.Id) < 0)
            position++;
        _windows.Insert(position, table);
        _byId.Add(table.Id, table);
        return table;
    }

    private long EndOf(long start) => Slices?.EndOf(start) ?? Window?.End(start) ?? long.MaxValue;

    private GroupTable CreateTable(PartId id)
    {
        var end = EndOf(id.Start);
        if (_dropped.TryPop(out var dropped))
        {
            dropped.Reopen(id, end);
            return dropped;
        }

        // Few rows come late.
        var isLate = Slices is not null && Slices.FirstWindow(id.Start) != id.FirstWindow;
        var capacity = _windows.Count == 0 || isLate ? 0 : _windows[^1].Index.Count;
        return new GroupTable(_keyTypes, Aggregates, id, end, capacity);
    }

    /// <summary>Keeps a few dropped tables, with their memory, for the windows to come.</summary>
    private void Recycle(GroupTable table)
    {
        if (_dropped.Count < (Slices is null ? RecycledWindows : RecycledSlices))
        {
            _dropped.Push(table);
            return;
        }

        _budget.Charge(-table.ChargedBytes);
        _memoryBytes -= table.ChargedBytes;
    }

    private void DropWhere(Predicate<GroupTable> condition)
    {
        foreach (var table in _windows)
        {
            if (!condition(table))
                continue;
            _byId.Remove(table.Id);
            Recycle(table);
        }

        _windows.RemoveAll(condition);
        _last = null;
    }
}

/// <summary>The clock that an operator's state carries; milliseconds, <see cref="long.MinValue"/> while unset.</summary>
/// <param name="StreamTime">The greatest time that stream time has reached.</param>
/// <param name="FinalTime">The stream time for which EMIT FINAL has given out its windows; below stream
/// time while some are still to come.</param>
internal readonly record struct TableClock(long StreamTime, long FinalTime)
{
    /// <summary>Nothing seen yet.</summary>
    public static TableClock Unset { get; } = new(long.MinValue, long.MinValue);
}

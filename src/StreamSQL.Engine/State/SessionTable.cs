using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// The sessions of every key. A key's sessions are a chain of nodes, newest first; a node is also the slot of the session's aggregates. A
/// session that the last commit knows is never changed: the open commit marks it removed and puts a new node in front, so what was there
/// before stays readable until then.
/// </summary>
internal sealed class SessionTable : TableState
{
    private readonly MemoryBudget _budget;
    private readonly SessionLog _log;
    private readonly SessionNodes _nodes;
    private int[] _headByKey = [];
    private int[] _openByKey = [];
    private int[] _touchedKeys = [];
    private int _touchedCount;
    private TableClock _committedClock = TableClock.Unset;
    private long _oldestEnd = long.MaxValue;
    private long _charged;

    /// <summary>Creates an empty table.</summary>
    /// <param name="id">Stable id of the operator's state within its query.</param>
    /// <param name="schema">Key columns, window bounds, one value column per aggregate.</param>
    /// <param name="aggregates">The aggregates.</param>
    /// <param name="window">The session window.</param>
    /// <param name="budget">What its memory is charged to.</param>
    public SessionTable(string id, PlanSchema schema, IReadOnlyList<AggregateBinding> aggregates, ResolvedWindow window,
        MemoryBudget budget)
        : base(id, schema)
    {
        KeyCount = schema.KeyCount;
        var keyTypes = schema.Columns.Take(KeyCount).Select(static column => column.Type).ToArray();
        Index = KeyIndex.Create(keyTypes, nullable: false);
        Window = window;
        _budget = budget;
        _nodes = new SessionNodes(aggregates);
        _log = new SessionLog(this);
    }

    /// <summary>The window.</summary>
    public ResolvedWindow Window { get; }

    /// <summary>How many key columns there are.</summary>
    public int KeyCount { get; }

    /// <summary>The keys; their slots are not those of sessions.</summary>
    public KeyIndex Index { get; }

    /// <summary>The sessions.</summary>
    public SessionNodes Nodes => _nodes;

    /// <summary>The clock of the operator, with the open changes.</summary>
    public TableClock Clock { get; set; } = TableClock.Unset;

    /// <summary>The clock as of the last commit.</summary>
    public TableClock CommittedClock => _committedClock;

    /// <summary>The keys that the open commit has touched.</summary>
    public ReadOnlySpan<int> TouchedKeys => _touchedKeys.AsSpan(0, _touchedCount);

    /// <inheritdoc/>
    public override long MemoryBytes => Index.MemoryBytes + _nodes.MemoryBytes
        + (4L * (_headByKey.Length + _openByKey.Length + _touchedKeys.Length));

    /// <summary>Creates the empty table of an aggregate over session windows.</summary>
    public static SessionTable Create(string id, LogicalAggregate plan, MemoryBudget budget) => new(
        id, plan.Schema, plan.Aggregates.Select(static call => call.Binding).ToArray(),
        ResolvedWindow.Of(plan.Window!, plan.EmitFinal), budget);

    /// <summary>Finds or adds the key of each selected row, by position.</summary>
    public void FindKeys(ReadOnlySpan<Column> keys, RowSelection rows, Span<int> keySlots)
    {
        Index.FindOrAdd(keys, rows, keySlots);
        EnsureKeys();
        foreach (var key in keySlots)
            Touch(key);
    }

    /// <summary>The newest session of a key, removed ones included; -1 when it has none.</summary>
    public int HeadOf(int key) => _headByKey[key];

    /// <summary>Puts a new, empty session of a touched key into its chain.</summary>
    public int AddSession(int key, long start, long end)
    {
        var node = _nodes.Take(key, start, end, SessionMark.Born);
        Link(key, node);
        _openByKey[key]++;
        _oldestEnd = Math.Min(_oldestEnd, end);
        return node;
    }

    /// <summary>Takes a session out in the open commit: one of this commit at once, another one when it is committed.</summary>
    public void RemoveSession(int key, int node)
    {
        if (_nodes.MarkOf(node) == SessionMark.Born)
        {
            Unlink(key, node);
            _nodes.Free(node);
            _openByKey[key]--;
            return;
        }

        _nodes.SetMark(node, SessionMark.Removed);
        _openByKey[key]++;
    }

    /// <summary>
    /// Lets the open commit drop sessions that are out of retention, without changes being given out. A session that no commit knows yet
    /// stays until it has been given out. Looks again when stream time has moved on enough.
    /// </summary>
    public void ExpireSessions()
    {
        if (Clock.StreamTime == long.MinValue || _oldestEnd >= Clock.StreamTime - Window.RetentionMs)
            return;
        var bound = Clock.StreamTime - Window.RetentionMs;
        var oldest = long.MaxValue;
        for (var node = 0; node < _nodes.Limit; node++)
        {
            if (_nodes.MarkOf(node) is SessionMark.Free or SessionMark.Removed or SessionMark.Expired)
                continue;
            if (_nodes.EndOf(node) < bound && _nodes.MarkOf(node) == SessionMark.Committed)
                Expire(node);
            else
                oldest = Math.Min(oldest, _nodes.EndOf(node));
        }

        // Rather late than often: the next look is when a sixteenth of the retention has passed.
        _oldestEnd = oldest == long.MaxValue ? oldest : Math.Max(oldest, bound + (Window.RetentionMs / 16));
    }

    /// <summary>Charges growth to the budget. To be called after every batch.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Settle()
    {
        if (Index.HasOrder && !TryChargeOrder(Index))
            Index.GiveUpOrder();
        var bytes = MemoryBytes;
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    /// <inheritdoc/>
    internal override MemoryBudget Budget => _budget;

    /// <inheritdoc/>
    internal override bool TryChargeOrder(KeyIndex index)
    {
        var bytes = MemoryBytes;
        if (!_budget.TryCharge(bytes - _charged))
            return false;
        _charged = bytes;
        return true;
    }

    /// <inheritdoc/>
    public override TableCursor Open(TableAccess access) => new SessionTableCursor(this, access);

    /// <inheritdoc/>
    public override void WriteChangelog(SliceList keys, SliceList values) => _log.WriteChanges(keys, values);

    /// <inheritdoc/>
    public override void Restore(SliceList keys, SliceList values)
    {
        lock (Sync)
        {
            _log.Read(keys, values);
            _committedClock = Clock;
            Settle();
        }
    }

    /// <inheritdoc/>
    public override string Shape =>
        $"sessions of {SchemaShape} with {string.Join(", ", _nodes.Aggregates.Select(static binding => binding.ResultType))} over {Window}";

    /// <inheritdoc/>
    public override void Reset()
    {
        lock (Sync)
        {
            Index.Clear();
            _nodes.Reset();
            _headByKey.AsSpan().Fill(-1);
            _openByKey.AsSpan().Fill(-1);
            _touchedCount = 0;
            _oldestEnd = long.MaxValue;
            Clock = _committedClock = TableClock.Unset;
            Settle();
        }
    }

    /// <inheritdoc/>
    internal override StateScan Scan() => new SessionTableScan(this);

    /// <inheritdoc/>
    internal override void Load(BlockReader block)
    {
        Clock = _committedClock = new TableClock(block.ReadInt64(), block.ReadInt64());
        if (Index.Count == 0)
            Index.Reserve(block.ReadCapacity());
        else
            block.ReadCapacity();
        var keys = new int[block.ReadRowCount()];
        Index.LoadKeys(ref block, keys);
        EnsureKeys();
        var nodes = new int[keys.Length];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = RestoreSession(keys[i], block.ReadInt64(), block.ReadInt64());
        foreach (var state in _nodes.States)
            block.Read(state.LoadMany(nodes, block.Rest));
        if (!block.IsAtEnd)
            throw new InvalidDataException("a block of sessions is too long");
        Settle();
    }

    /// <inheritdoc/>
    public override void Commit()
    {
        lock (Sync)
        {
            foreach (var key in TouchedKeys)
                SettleKey(key, keepNew: true);
            _touchedCount = 0;
            _committedClock = Clock;
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        lock (Sync)
        {
            foreach (var key in TouchedKeys)
                SettleKey(key, keepNew: false);
            _touchedCount = 0;
            Clock = _committedClock;
            _oldestEnd = long.MinValue;
        }
    }

    /// <summary>Adds or finds a session outside any commit (restore); its aggregates are empty then.</summary>
    public int RestoreSession(ReadOnlySpan<byte> key, long start, long end)
    {
        var keySlot = Index.FindOrAdd(key);
        EnsureKeys();
        return RestoreSession(keySlot, start, end);
    }

    private int RestoreSession(int keySlot, long start, long end)
    {
        var node = FindExact(keySlot, start, end);
        if (node < 0)
        {
            node = _nodes.Take(keySlot, start, end, SessionMark.Committed);
            Link(keySlot, node);
        }

        _oldestEnd = Math.Min(_oldestEnd, end);
        return node;
    }

    /// <summary>Removes a session outside any commit (restore).</summary>
    public void RestoreRemoval(ReadOnlySpan<byte> key, long start, long end)
    {
        var keySlot = Index.Find(key);
        var node = keySlot < 0 ? -1 : FindExact(keySlot, start, end);
        if (node < 0)
            return;
        Unlink(keySlot, node);
        _nodes.Free(node);
        DropIfEmpty(keySlot);
    }

    private void EnsureKeys()
    {
        var old = _headByKey.Length;
        if (Index.SlotLimit <= old)
            return;
        var size = Math.Max(Index.SlotLimit, Math.Max(16, old * 2));
        Array.Resize(ref _headByKey, size);
        Array.Resize(ref _openByKey, size);
        _headByKey.AsSpan(old).Fill(-1);
        _openByKey.AsSpan(old).Fill(-1);
    }

    /// <summary>Notes a key as touched; the count of its open changes is -1 while it is not.</summary>
    private void Touch(int key)
    {
        if (_openByKey[key] >= 0)
            return;
        _openByKey[key] = 0;
        if (_touchedCount == _touchedKeys.Length)
            Array.Resize(ref _touchedKeys, Math.Max(64, _touchedKeys.Length * 2));
        _touchedKeys[_touchedCount++] = key;
    }

    private void Expire(int node)
    {
        var key = _nodes.KeyOf(node);
        Touch(key);
        _nodes.SetMark(node, SessionMark.Expired);
        _openByKey[key]++;
    }

    /// <summary>Ends the open changes of a key. Only as much of its chain is read as there are open changes.</summary>
    private void SettleKey(int key, bool keepNew)
    {
        var open = _openByKey[key];
        var previous = -1;
        for (var node = _headByKey[key]; open > 0 && node >= 0;)
        {
            var next = _nodes.NextOf(node);
            var mark = _nodes.MarkOf(node);
            if (mark != SessionMark.Committed)
                open--;
            if (mark == SessionMark.Committed || (mark == SessionMark.Born) == keepNew)
            {
                _nodes.SetMark(node, SessionMark.Committed);
                previous = node;
            }
            else
            {
                Bypass(key, previous, next);
                _nodes.Free(node);
            }

            node = next;
        }

        _openByKey[key] = -1;
        DropIfEmpty(key);
    }

    private void DropIfEmpty(int key)
    {
        if (_headByKey[key] < 0)
            Index.Remove(key);
    }

    private int FindExact(int key, long start, long end)
    {
        // Newest first: behind a session that starts earlier it cannot be.
        var node = _headByKey[key];
        while (node >= 0 && _nodes.StartOf(node) >= start)
        {
            if (_nodes.StartOf(node) == start && _nodes.EndOf(node) == end)
                return node;
            node = _nodes.NextOf(node);
        }

        return -1;
    }

    private void Link(int key, int node)
    {
        var previous = -1;
        var next = _headByKey[key];
        while (next >= 0 && _nodes.StartOf(next) > _nodes.StartOf(node))
        {
            previous = next;
            next = _nodes.NextOf(next);
        }

        _nodes.SetNext(node, next);
        Bypass(key, previous, node);
    }

    private void Unlink(int key, int node)
    {
        var previous = -1;
        for (var at = _headByKey[key]; at != node; at = _nodes.NextOf(at))
            previous = at;
        Bypass(key, previous, _nodes.NextOf(node));
    }

    private void Bypass(int key, int previous, int next)
    {
        if (previous < 0)
            _headByKey[key] = next;
        else
            _nodes.SetNext(previous, next);
    }
}

using System.Runtime.CompilerServices;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State.Snapshots;

namespace StreamSQL.Engine.State;

/// <summary>
/// The rows of one side of a stream-stream join: a hash by key with a list of rows for each key in the order of time. Rows stand in columns under numbers that
/// are used again. Rows also hang together by spans of time, so that a whole span is dropped when it is out of retention.
/// </summary>
internal sealed class JoinBuffer : StateStore
{
    private const int None = -1;
    private const int MinFreed = 4096;
    private const int SpansOfRetention = 16;

    private readonly MemoryBudget _budget;
    private readonly JoinBufferLog _log;
    private readonly HeldRows _held;
    private readonly long _spanMs;
    private readonly bool _isFixed;
    private readonly Dictionary<long, int> _spans = [];
    private readonly List<long> _expired = [];
    private readonly List<int> _free = [];
    private readonly List<int> _new = [];
    private readonly List<int> _released = [];
    private readonly List<int> _unlinked = [];
    private readonly HashSet<int> _emptied = [];
    private Dictionary<long, int>? _rowsByNumber;
    private RowFlags[] _flags = [];
    private long[] _times = [];
    private long[] _numbers = [];
    private int[] _keys = [];
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _nextInSpan = [];
    private int[] _first = [];
    private int[] _last = [];
    private TableClock _committedClock = TableClock.Unset;
    private int _limit;
    private long _nextNumber;
    private int _freed;
    private long _charged;

    /// <summary>Creates an empty buffer.</summary>
    /// <param name="id">The state's id.</param>
    /// <param name="keyTypes">Types of the join's key.</param>
    /// <param name="valueTypes">Types of the side's columns.</param>
    /// <param name="retentionMs">How long a row is kept after the side's time has passed its own.</param>
    /// <param name="holdsRows">Whether rows can wait for a match.</param>
    /// <param name="budget">What its memory is charged to.</param>
    public JoinBuffer(string id, IReadOnlyList<SqlType> keyTypes, IReadOnlyList<SqlType> valueTypes, long retentionMs, bool holdsRows, MemoryBudget budget)
        : base(id)
    {
        _budget = budget;
        RetentionMs = retentionMs;
        HoldsRows = holdsRows;
        _spanMs = Math.Max(1, retentionMs / SpansOfRetention);
        Index = KeyIndex.Create(keyTypes, nullable: false);
        Values = [.. valueTypes.Select(Column.Create)];
        _isFixed = valueTypes.All(static type => type.Physical < PhysicalKind.Bytes);
        _held = new HeldRows(this);
        _log = new JoinBufferLog(this);
        Shape = $"a join buffer of ({string.Join(", ", keyTypes)}): {string.Join(", ", valueTypes)}";
    }

    /// <summary>What is known of a row.</summary>
    [Flags]
    internal enum RowFlags : byte
    {
        /// <summary>Nothing: the number is free, or the row is not stored.</summary>
        None = 0,

        /// <summary>The row is stored.</summary>
        Live = 1,

        /// <summary>It was stored in the open commit.</summary>
        New = 2,

        /// <summary>It waits for a match.</summary>
        Held = 4,

        /// <summary>It has ceased to wait in the open commit.</summary>
        Released = 8,

        /// <summary>It goes with the open commit.</summary>
        Going = 16,
    }

    /// <summary>How long a row is kept after the side's time has passed its own.</summary>
    public long RetentionMs { get; }

    /// <summary>Whether rows of this side can wait for a match.</summary>
    public bool HoldsRows { get; }

    /// <summary>The keys.</summary>
    public KeyIndex Index { get; }

    /// <summary>The columns by row number.</summary>
    public Column[] Values { get; }

    /// <summary>The rows that wait for a match.</summary>
    public HeldRows Held => _held;

    /// <summary>The side's own time, and the time of both sides (as final time).</summary>
    public TableClock Clock { get; set; } = TableClock.Unset;

    /// <summary>All row numbers are below it.</summary>
    public int Limit => _limit;

    /// <summary>Rows stored.</summary>
    public int Count { get; private set; }

    /// <summary>Rows with a time before this are forgotten, whether they are still here or not.</summary>
    public long VisibleFrom => Clock.StreamTime < long.MinValue + RetentionMs + 1 ? long.MinValue : Clock.StreamTime - RetentionMs + 1;

    /// <inheritdoc/>
    public override string Shape { get; }

    /// <inheritdoc/>
    public override long MemoryBytes
    {
        get
        {
            var bytes = Index.MemoryBytes + _held.MemoryBytes + (33L * _times.Length) + (8L * _first.Length);
            foreach (var column in Values)
                bytes += column.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>The time of a row.</summary>
    public long TimeOf(int row) => _times[row];

    /// <summary>The key's slot of a row.</summary>
    public int KeyOf(int row) => _keys[row];

    /// <summary>The number that a row's entries are logged under.</summary>
    public long NumberOf(int row) => _numbers[row];

    /// <summary>What is known of a row.</summary>
    public RowFlags FlagsOf(int row) => _flags[row];

    /// <summary>Whether a row that was given a number waits for a match.</summary>
    public bool IsHeld(int row, long number) => _numbers[row] == number && (_flags[row] & RowFlags.Held) != 0;

    /// <summary>
    /// Copies the selected rows in, under numbers of their own, but does not store them yet. Each is then stored with <see cref="Store"/> or given back with
    /// <see cref="Release(int, int)"/>.
    /// </summary>
    public void Copy(ReadOnlySpan<Column> values, RowSelection rows, Span<int> numbers)
    {
        for (var i = 0; i < rows.Count; i++)
            numbers[i] = TakeNumber();
        EnsureRows();
        var from = RowNumbers.Of(rows);
        for (var c = 0; c < Values.Length; c++)
            Values[c].Scatter(values[c], from, numbers[..rows.Count]);
    }

    /// <summary>Stores a row that was copied in: it is found by its key from now on.</summary>
    public void Store(int row, int key, long time)
    {
        _numbers[row] = _nextNumber++;
        _flags[row] = RowFlags.Live | RowFlags.New;
        _new.Add(row);
        Link(row, key, time);
    }

    /// <summary>Gives a row back that is not stored.</summary>
    /// <param name="row">The row.</param>
    /// <param name="key">The slot of its key, which may have no other row; -1 when it has no key.</param>
    public void Release(int row, int key)
    {
        Release(row);
        if (key >= 0 && _first[key] < 0)
            _emptied.Add(key);
    }

    /// <summary>Lets a stored row wait for a match.</summary>
    public void Hold(int row)
    {
        _flags[row] |= RowFlags.Held;
        _held.Add(row, _times[row], _numbers[row]);
    }

    /// <summary>A row waits no more.</summary>
    public void EndHold(int row)
    {
        if ((_flags[row] & RowFlags.Held) == 0)
            return;
        _flags[row] = (_flags[row] & ~RowFlags.Held) | RowFlags.Released;
        _released.Add(row);
    }

    /// <summary>The first row of a key at or after a time that is not forgotten; -1 when there is none.</summary>
    public int FirstFrom(int key, long time)
    {
        time = Math.Max(time, VisibleFrom);
        var found = None;
        for (var row = _last[key]; row >= 0 && _times[row] >= time; row = _previous[row])
            found = row;
        return found;
    }

    /// <summary>The row after a row of the same key; -1 at the end.</summary>
    public int Next(int row) => _next[row];

    /// <summary>Makes room for what was found or added in the index.</summary>
    public void EnsureKeys()
    {
        if (Index.SlotLimit <= _first.Length)
            return;
        var old = _first.Length;
        var size = Math.Max(Index.SlotLimit, Math.Max(16, old * 2));
        Array.Resize(ref _first, size);
        Array.Resize(ref _last, size);
        _first.AsSpan(old).Fill(None);
        _last.AsSpan(old).Fill(None);
    }

    /// <summary>Decides which rows are out of retention; they go with the open commit. To be called before its changelog is written.</summary>
    public void Expire()
    {
        var from = VisibleFrom;
        foreach (var (span, head) in _spans)
        {
            if (from == long.MinValue || (span + 1) * _spanMs > from)
                continue;
            _expired.Add(span);
            for (var row = head; row >= 0; row = _nextInSpan[row])
            {
                if ((_flags[row] & RowFlags.Held) == 0)
                    _flags[row] |= RowFlags.Going;
            }
        }
    }

    /// <summary>Charges growth to the budget, and moves variable-length values together when much of them is out of use.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Settle()
    {
        if (!_isFixed && _freed > Math.Max(MinFreed, Count))
            Compact();
        var bytes = MemoryBytes;
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    /// <inheritdoc/>
    public override void WriteChangelog(SliceList keys, SliceList values) => _log.WriteChanges(keys, values);

    /// <inheritdoc/>
    public override void Restore(SliceList keys, SliceList values) => _log.Read(keys, values);

    /// <inheritdoc/>
    public override void Commit()
    {
        ForgetRemoved();
        ForgetOpen();
        _committedClock = Clock;
        _rowsByNumber = null;
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        foreach (var row in _released)
        {
            _flags[row] |= RowFlags.Held;
            _held.Add(row, _times[row], _numbers[row]);
        }

        foreach (var span in _expired)
        {
            for (var row = _spans[span]; row >= 0; row = _nextInSpan[row])
                _flags[row] &= ~RowFlags.Going;
        }

        _expired.Clear();
        foreach (var row in _new)
            TakeOut(row);
        ForgetOpen();
        Clock = _committedClock;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        Index.Clear();
        _first.AsSpan().Fill(None);
        _last.AsSpan().Fill(None);
        Array.Clear(_flags);
        _spans.Clear();
        _expired.Clear();
        _free.Clear();
        _held.Clear();
        _new.Clear();
        _released.Clear();
        _unlinked.Clear();
        _emptied.Clear();
        (_limit, _freed, Count, _nextNumber, _rowsByNumber) = (0, 0, 0, 0, null);
        Clock = _committedClock = TableClock.Unset;
        Settle();
    }

    /// <inheritdoc/>
    internal override StateScan Scan() => new JoinBufferScan(this);

    /// <inheritdoc/>
    internal override void Load(BlockReader block) => JoinBufferScan.Load(this, ref block);

    /// <summary>The rows stored in the open commit.</summary>
    internal IReadOnlyList<int> NewRows => _new;

    /// <summary>The rows that have ceased to wait in the open commit.</summary>
    internal IReadOnlyList<int> ReleasedRows => _released;

    /// <summary>Calls back for each row that goes with the open commit.</summary>
    internal void VisitGoing(Action<int> visit)
    {
        foreach (var span in _expired)
        {
            for (var row = _spans[span]; row >= 0; row = _nextInSpan[row])
            {
                if ((_flags[row] & RowFlags.Going) != 0)
                    visit(row);
            }
        }
    }

    /// <summary>The clock as the last commit left it.</summary>
    internal TableClock CommittedClock => _committedClock;

    /// <summary>The row that was logged under a number, for restoring; -1 when it is not here.</summary>
    internal int FindNumber(long number) => RowsByNumber.GetValueOrDefault(number, None);

    /// <summary>Adds a committed row (restore); the values are copied by the caller.</summary>
    internal int RestoreRow(ReadOnlySpan<byte> key, long time, long number, bool isHeld)
    {
        var row = TakeNumber();
        EnsureRows();
        var slot = Index.FindOrAdd(key);
        EnsureKeys();
        _numbers[row] = number;
        _flags[row] = RowFlags.Live;
        _nextNumber = Math.Max(_nextNumber, number + 1);
        Link(row, slot, time);
        RowsByNumber[number] = row;
        if (isHeld)
            Hold(row);
        return row;
    }

    /// <summary>Removes a row (restore).</summary>
    internal void RestoreRemoval(int row)
    {
        RowsByNumber.Remove(_numbers[row]);
        TakeOut(row);
    }

    /// <summary>Sets the clock outside any commit (restore).</summary>
    internal void RestoreClock(TableClock clock)
    {
        Clock = new TableClock(Math.Max(Clock.StreamTime, clock.StreamTime), Math.Max(Clock.FinalTime, clock.FinalTime));
        _committedClock = Clock;
    }

    private Dictionary<long, int> RowsByNumber
    {
        get
        {
            if (_rowsByNumber is not null)
                return _rowsByNumber;
            _rowsByNumber = [];
            for (var row = 0; row < _limit; row++)
            {
                if ((_flags[row] & RowFlags.Live) != 0)
                    _rowsByNumber[_numbers[row]] = row;
            }

            return _rowsByNumber;
        }
    }

    private int TakeNumber()
    {
        if (_free.Count == 0)
            return _limit++;
        var row = _free[^1];
        _free.RemoveAt(_free.Count - 1);
        return row;
    }

    private void EnsureRows()
    {
        if (_limit <= _times.Length)
            return;
        var size = Math.Max(_limit, Math.Max(64, _times.Length * 2));
        Array.Resize(ref _times, size);
        Array.Resize(ref _numbers, size);
        Array.Resize(ref _keys, size);
        Array.Resize(ref _next, size);
        Array.Resize(ref _previous, size);
        Array.Resize(ref _nextInSpan, size);
        Array.Resize(ref _flags, size);
        foreach (var column in Values)
            column.Grow(size);
    }

    /// <summary>Puts a row into its key's list, after those of the same time, and into its span.</summary>
    private void Link(int row, int key, long time)
    {
        _times[row] = time;
        _keys[row] = key;
        var before = _last[key];
        while (before >= 0 && _times[before] > time)
            before = _previous[before];
        var after = before < 0 ? _first[key] : _next[before];
        _previous[row] = before;
        _next[row] = after;
        Neighbour(_next, _first, before, key) = row;
        Neighbour(_previous, _last, after, key) = row;
        AddToSpan(row);
        Count++;
    }

    private void Unlink(int row)
    {
        var (before, after, key) = (_previous[row], _next[row], _keys[row]);
        Neighbour(_next, _first, before, key) = after;
        Neighbour(_previous, _last, after, key) = before;
        Count--;
        if (_first[key] < 0)
            _emptied.Add(key);
    }

    /// <summary>Removes a row but for its place in its span; its number is given back with the end of the commit.</summary>
    private void TakeOut(int row)
    {
        Unlink(row);
        _flags[row] = RowFlags.None;
        _unlinked.Add(row);
    }

    private void Release(int row)
    {
        _flags[row] = RowFlags.None;
        _free.Add(row);
        _freed++;
    }

    private void ForgetOpen()
    {
        if (_unlinked.Count > 0)
        {
            RebuildSpans();
            foreach (var row in _unlinked)
                Release(row);
            _unlinked.Clear();
        }

        foreach (var row in _new)
            _flags[row] &= ~RowFlags.New;
        foreach (var row in _released)
            _flags[row] &= ~RowFlags.Released;
        _new.Clear();
        _released.Clear();
        foreach (var key in _emptied)
        {
            if (_first[key] < 0)
                Index.Remove(key);
        }

        _emptied.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref int Neighbour(int[] links, int[] ends, int row, int key) => ref row < 0 ? ref ends[key] : ref links[row];

    private void AddToSpan(int row)
    {
        var span = Math.DivRem(_times[row], _spanMs, out var rest) - (rest < 0 ? 1 : 0);
        _nextInSpan[row] = _spans.GetValueOrDefault(span, None);
        _spans[span] = row;
    }

    /// <summary>Removes the rows that go; what is still held in a span stays.</summary>
    private void ForgetRemoved()
    {
        foreach (var span in _expired)
        {
            var kept = None;
            for (var row = _spans[span]; row >= 0;)
            {
                var next = _nextInSpan[row];
                if ((_flags[row] & RowFlags.Going) != 0)
                {
                    Unlink(row);
                    Release(row);
                }
                else
                {
                    _nextInSpan[row] = kept;
                    kept = row;
                }

                row = next;
            }

            if (kept < 0)
                _spans.Remove(span);
            else
                _spans[span] = kept;
        }

        _expired.Clear();
    }

    private void RebuildSpans()
    {
        _spans.Clear();
        for (var row = 0; row < _limit; row++)
        {
            if ((_flags[row] & RowFlags.Live) != 0)
                AddToSpan(row);
        }
    }

    private void Compact()
    {
        var rows = RowNumbers.Ascending(_limit);
        for (var c = 0; c < Values.Length; c++)
        {
            var packed = Column.Create(Values[c].Type);
            packed.Reset(_times.Length);
            packed.Gather(Values[c], rows, 0);
            Values[c] = packed;
        }

        _freed = 0;
    }
}

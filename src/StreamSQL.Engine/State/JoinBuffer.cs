using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State.Snapshots;

namespace StreamSQL.Engine.State;

/// <summary>
/// The rows of one side of a stream-stream join: a hash by key with a list of rows for each key in the order of time
/// (<see cref="KeyedRowLists"/>). Rows stand in columns under numbers that are used again. They also hang together by spans of time
/// (<see cref="RowSpans"/>), so that a whole span is dropped when it is out of retention.
/// </summary>
internal sealed partial class JoinBuffer : StateStore
{
    private const int None = -1;
    private const int MinFreed = 4096;
    private const int SpansOfRetention = 16;

    private readonly MemoryBudget _budget;
    private readonly JoinBufferLog _log;
    private readonly HeldRows _held;
    private readonly bool _isFixed;
    private readonly KeyedRowLists _rows = new();
    private readonly RowSpans _spans;
    private readonly List<long> _expired = [];
    private readonly List<int> _free = [];
    private readonly List<int> _new = [];
    private readonly List<int> _released = [];
    private readonly List<int> _unlinked = [];
    private readonly HashSet<int> _emptied = [];
    private RowFlags[] _flags = [];
    private long[] _numbers = [];
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
    public JoinBuffer(string id, IReadOnlyList<SqlType> keyTypes, IReadOnlyList<SqlType> valueTypes, long retentionMs, bool holdsRows,
        MemoryBudget budget)
        : base(id)
    {
        _budget = budget;
        RetentionMs = retentionMs;
        HoldsRows = holdsRows;
        _spans = new RowSpans(Math.Max(1, retentionMs / SpansOfRetention));
        Index = KeyIndex.Create(keyTypes, nullable: false);
        Values = [.. valueTypes.Select(Column.Create)];
        _isFixed = valueTypes.All(static type => type.Physical < PhysicalKind.Bytes);
        _held = new HeldRows(this);
        _log = new JoinBufferLog(this);
        Shape = $"a join buffer of ({string.Join(", ", keyTypes)}): {string.Join(", ", valueTypes)}";
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
            var bytes = Index.MemoryBytes + _held.MemoryBytes + _rows.MemoryBytes + _spans.MemoryBytes + (9L * _numbers.Length);
            foreach (var column in Values)
                bytes += column.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>The time of a row.</summary>
    public long TimeOf(int row) => _rows.TimeOf(row);

    /// <summary>The key's slot of a row.</summary>
    public int KeyOf(int row) => _rows.KeyOf(row);

    /// <summary>The number that a row's entries are logged under.</summary>
    public long NumberOf(int row) => _numbers[row];

    /// <summary>What is known of a row.</summary>
    public RowFlags FlagsOf(int row) => _flags[row];

    /// <summary>Whether a row that was given a number waits for a match.</summary>
    public bool IsHeld(int row, long number) => _numbers[row] == number && (_flags[row] & RowFlags.Held) != 0;

    /// <summary>
    /// Copies the selected rows in, under numbers of their own, but does not store them yet. Each is
    /// then stored with <see cref="Store"/> or given back with <see cref="Release(int, int)"/>.
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
        if (key >= 0 && _rows.IsEmpty(key))
            _emptied.Add(key);
    }

    /// <summary>Lets a stored row wait for a match.</summary>
    public void Hold(int row)
    {
        _flags[row] |= RowFlags.Held;
        _held.Add(row, _rows.TimeOf(row), _numbers[row]);
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
    public int FirstFrom(int key, long time) => _rows.FirstFrom(key, Math.Max(time, VisibleFrom));

    /// <summary>The row after a row of the same key; -1 at the end.</summary>
    public int Next(int row) => _rows.Next(row);

    /// <summary>Makes room for what was found or added in the index.</summary>
    public void EnsureKeys() => _rows.EnsureKeys(Index.SlotLimit);

    /// <summary>
    /// Decides which rows are out of retention; they go with the open commit. To be called before its changelog is written.
    /// </summary>
    public void Expire()
    {
        var from = VisibleFrom;
        if (from == long.MinValue)
            return;
        var known = _expired.Count;
        _spans.FindBefore(from, _expired);
        for (var i = known; i < _expired.Count; i++)
        {
            for (var row = _spans.First(_expired[i]); row >= 0; row = _spans.Next(row))
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
            _held.Add(row, _rows.TimeOf(row), _numbers[row]);
        }

        foreach (var span in _expired)
        {
            for (var row = _spans.First(span); row >= 0; row = _spans.Next(row))
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
        _rows.Clear();
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
        if (_limit <= _numbers.Length)
            return;
        var size = Math.Max(_limit, Math.Max(64, _numbers.Length * 2));
        _rows.EnsureRows(size);
        _spans.EnsureRows(size);
        Array.Resize(ref _numbers, size);
        Array.Resize(ref _flags, size);
        foreach (var column in Values)
            column.Grow(size);
    }

    /// <summary>Puts a row into its key's list and into its span.</summary>
    private void Link(int row, int key, long time)
    {
        _rows.Link(row, key, time);
        _spans.Add(row, time);
        Count++;
    }

    private void Unlink(int row)
    {
        _rows.Unlink(row);
        Count--;
        if (_rows.IsEmpty(_rows.KeyOf(row)))
            _emptied.Add(_rows.KeyOf(row));
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
            if (_rows.IsEmpty(key))
                Index.Remove(key);
        }

        _emptied.Clear();
    }

    /// <summary>Removes the rows that go; what is still held in a span stays.</summary>
    private void ForgetRemoved()
    {
        foreach (var span in _expired)
        {
            for (var row = _spans.Take(span); row >= 0;)
            {
                var next = _spans.Next(row);
                if ((_flags[row] & RowFlags.Going) != 0)
                {
                    Unlink(row);
                    Release(row);
                }
                else
                {
                    _spans.Add(row, _rows.TimeOf(row));
                }

                row = next;
            }
        }

        _expired.Clear();
    }

    private void RebuildSpans()
    {
        _spans.Clear();
        for (var row = 0; row < _limit; row++)
        {
            if ((_flags[row] & RowFlags.Live) != 0)
                _spans.Add(row, _rows.TimeOf(row));
        }
    }

    private void Compact()
    {
        var rows = RowNumbers.Ascending(_limit);
        for (var c = 0; c < Values.Length; c++)
        {
            var packed = Column.Create(Values[c].Type);
            packed.Reset(_numbers.Length);
            packed.Gather(Values[c], rows, 0);
            Values[c] = packed;
        }

        _freed = 0;
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.StreamJoin;

/// <summary>
/// Collects the joined rows as pairs of row numbers, and turns them into a batch: the key, the left columns, the right columns.
/// </summary>
internal sealed class JoinOutput
{
    private readonly JoinBuffer[] _buffers;
    private readonly int[][] _rows = [new int[ChangeBatch.MaxRows], new int[ChangeBatch.MaxRows]];
    private readonly bool[] _hasMissing = new bool[2];
    private readonly int[] _found = new int[ChangeBatch.MaxRows];
    private readonly int[] _foundRows = new int[ChangeBatch.MaxRows];
    private readonly int[] _keySlots = new int[ChangeBatch.MaxRows];
    private readonly byte[] _keySides = new byte[ChangeBatch.MaxRows];
    private readonly long[] _times = new long[ChangeBatch.MaxRows];
    private readonly CauseHeaders _causes = new();
    private readonly ChangeBatch _batch;
    private readonly int _keyCount;

    /// <summary>Creates an output.</summary>
    public JoinOutput(PlanSchema schema, int keyCount, JoinBuffer left, JoinBuffer right, int partition)
    {
        _buffers = [left, right];
        _keyCount = keyCount;
        _batch = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray()) { Partition = partition };
    }

    /// <summary>Pairs collected.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there is no room for another pair.</summary>
    public bool IsFull => Count == ChangeBatch.MaxRows;

    /// <summary>Adds a pair of a row of a side with a row of the other, -1 for none.</summary>
    /// <param name="side">The side whose key is the pair's.</param>
    /// <param name="row">Its row.</param>
    /// <param name="key">The slot of the key in that side's index; -1 for null.</param>
    /// <param name="other">The other side's row.</param>
    /// <param name="time">The pair's time.</param>
    /// <param name="cause">The row of the input's batch that made it come, whose headers it has.</param>
    public void Add(int side, int row, int key, int other, long time, int cause)
    {
        _causes.Set(Count, cause);
        _rows[side][Count] = row;
        _rows[1 - side][Count] = other;
        _hasMissing[1 - side] |= other < 0;
        _keySides[Count] = (byte)side;
        _keySlots[Count] = key;
        _times[Count++] = time;
    }

    /// <summary>What was collected, as a batch, lent until the next call.</summary>
    /// <param name="headers">The headers of the input's rows; null where they have none.</param>
    public ChangeBatch Take(HeaderColumns? headers)
    {
        var count = Count;
        Count = 0;
        _batch.Reset(count);
        _times.AsSpan(0, count).CopyTo(_batch.RowTime.Values);
        _causes.Give(headers, _batch);
        WriteKeys(count);
        var at = _keyCount;
        for (var side = 0; side < 2; side++)
        {
            Write(side, count, at);
            at += _buffers[side].Values.Length;
            _hasMissing[side] = false;
        }

        return _batch;
    }

    private void WriteKeys(int count)
    {
        var columns = _batch.Columns.AsSpan(0, _keyCount);
        for (var from = 0; from < count;)
        {
            var to = from + 1;
            while (to < count && _keySides[to] == _keySides[from] && (_keySlots[to] < 0) == (_keySlots[from] < 0))
                to++;
            if (_keySlots[from] >= 0)
            {
                _buffers[_keySides[from]].Index.ReadKeys(_keySlots.AsSpan(from, to - from), columns, from);
            }
            else
            {
                foreach (var column in columns)
                {
                    for (var row = from; row < to; row++)
                        column.SetNull(row);
                }
            }

            from = to;
        }
    }

    private void Write(int side, int count, int at)
    {
        var values = _buffers[side].Values;
        var rows = _rows[side].AsSpan(0, count);
        if (!_hasMissing[side])
        {
            for (var c = 0; c < values.Length; c++)
                _batch.Columns[at + c].Gather(values[c], rows, 0);
            return;
        }

        var found = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0)
            {
                for (var c = 0; c < values.Length; c++)
                    _batch.Columns[at + c].SetNull(i);
                continue;
            }

            _found[found] = rows[i];
            _foundRows[found++] = i;
        }

        for (var c = 0; c < values.Length; c++)
            _batch.Columns[at + c].Scatter(values[c], _found.AsSpan(0, found), _foundRows.AsSpan(0, found));
    }
}

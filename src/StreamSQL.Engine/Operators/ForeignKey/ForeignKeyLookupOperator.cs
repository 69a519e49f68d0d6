using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.ForeignKey;

/// <summary>
/// Keeps the subscriptions of the left rows that refer to keys of this partition (port 0) and answers them: at once, and whenever the right
/// row changes (port 1), then to all subscribers in the order of their keys. One right row may have any number of subscribers, so the
/// answers are given out batch by batch.
/// </summary>
internal sealed class ForeignKeyLookupOperator : Operator
{
    private readonly OperatorContext _context;
    private readonly RowTable _subscriptions;
    private readonly RowTable _right;
    private readonly PostingLists _postings;
    private readonly ChangeBatch _output;
    private readonly Column[] _values;
    private readonly int _foreignCount;
    private readonly int _keyCount;
    private readonly int[] _one = new int[1];
    private readonly int[] _slot = new int[1];
    private ChangeBatch? _input;
    private int[] _subscribers = [];
    private int _subscriberCount = -1;
    private int _nextSubscriber;
    private int _position;
    private int _port;
    private int _count;
    private long _charged;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="node">The step.</param>
    /// <param name="subscriptions">Left key; foreign key and hash.</param>
    /// <param name="right">The right table.</param>
    public ForeignKeyLookupOperator(OperatorContext context, ForeignKeyLookup node, RowTable subscriptions, RowTable right)
    {
        _context = context;
        _subscriptions = subscriptions;
        _right = right;
        _foreignCount = node.Join.LeftKeys.Count;
        _keyCount = node.Join.KeyColumns;
        _postings = new PostingLists(subscriptions, _foreignCount);
        _values = new Column[_foreignCount + 1];
        _output = new ChangeBatch(node.Schema.Columns.Select(static column => column.Type).ToArray()) { Partition = context.Partition };
    }

    private int HashAt => _keyCount;

    private int FoundAt => _keyCount + 1;

    private int RightAt => _keyCount + 2;

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0) => (_input, _port, _position, _subscriberCount) = (input, port, 0, -1);

    /// <inheritdoc/>
    public override ChangeBatch? Pull()
    {
        if (_input is not { } input)
            return null;
        _count = 0;
        _output.Reset(ChangeBatch.MaxRows);
        lock (_subscriptions.Sync)
        {
            lock (_right.Sync)
            {
                _postings.Make();
                while (_count < ChangeBatch.MaxRows && _position < input.Selection.Count)
                {
                    if (_port == 0)
                        Subscribe(input, input.Selection[_position++]);
                    else
                        TellSubscribers(input, input.Selection[_position]);
                }
            }

            if (_position == input.Selection.Count)
                End();
        }

        _output.RowCount = _count;
        _output.Selection = RowSelection.All(_count);
        return _count == 0 ? null : _output;
    }

    private void End()
    {
        _input = null;
        _subscriptions.Settle();
        var bytes = _postings.MemoryBytes;
        _context.Budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    private void Subscribe(ChangeBatch input, int row)
    {
        var foreign = input.Columns.AsSpan(0, _foreignCount);
        var left = input.Columns.AsSpan(_foreignCount, _keyCount);
        var hash = input.Columns[_foreignCount + _keyCount];
        var action = (ForeignKeyAction)((FixedColumn<int>)input.Columns[_foreignCount + _keyCount + 1])[row];
        var hasKey = !HasNull(foreign, row);
        if (hasKey)
            Keep(foreign, left, hash, row, input.RowTime, action is ForeignKeyAction.Subscribe or ForeignKeyAction.SubscribeIfFound);
        if (action == ForeignKeyAction.Forget)
            return;
        var found = hasKey && action != ForeignKeyAction.Delete ? FindRight(foreign, row) : -1;
        if (found < 0 && action == ForeignKeyAction.SubscribeIfFound)
            return;
        for (var c = 0; c < _keyCount; c++)
            _output.Columns[c].Scatter(left[c], [row], [_count]);
        _output.Columns[HashAt].Scatter(hash, [row], [_count]);
        var time = input.RowTime[row];
        if (found >= 0)
            WriteRight(_right.Values, found, foreign, row);
        else
            WriteNoRight();
        _output.RowTime.Values[_count++] = found >= 0 ? Math.Max(time, _right.TimeOf(found)) : time;
    }

    /// <summary>Notes or forgets a subscription. One that has gone to another key in between is that key's.</summary>
    private void Keep(ReadOnlySpan<Column> foreign, ReadOnlySpan<Column> left, Column hash, int row, FixedColumn<long> times, bool isThere)
    {
        _one[0] = row;
        _subscriptions.Touch(left, RowSelection.Of(_one, 1), _slot);
        var slot = _slot[0];
        if (!isThere)
        {
            if (!_subscriptions.IsLive(slot) || !_postings.Holds(foreign, row, slot))
                return;
            _postings.Remove(slot);
            _subscriptions.Delete(slot);
            return;
        }

#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.KeepOldSubscription) && _subscriptions.IsLive(slot))
            return;
#endif
        _postings.Remove(slot);
        for (var c = 0; c < _foreignCount; c++)
            _values[c] = foreign[c];
        _values[_foreignCount] = hash;
        _subscriptions.Put(_slot, _values, _one, times);
        _postings.Add(slot);
    }

    private int FindRight(ReadOnlySpan<Column> foreign, int row)
    {
        _one[0] = row;
        _right.Find(foreign, RowSelection.Of(_one, 1), _slot);
        return _slot[0];
    }

    private void TellSubscribers(ChangeBatch input, int row)
    {
        if (_subscriberCount < 0)
        {
            var found = _postings.Find(input.Columns.AsSpan(0, _foreignCount), row);
            if (_subscribers.Length < found.Length)
                _subscribers = new int[found.Length];
            found.CopyTo(_subscribers);
            (_subscriberCount, _nextSubscriber) = (found.Length, 0);
        }

        var count = Math.Min(_subscriberCount - _nextSubscriber, ChangeBatch.MaxRows - _count);
        var slots = _subscribers.AsSpan(_nextSubscriber, count);
        _subscriptions.Index.ReadKeys(slots, _output.Columns.AsSpan(0, _keyCount), _count);
        _output.Columns[HashAt].Gather(_subscriptions.Values[_foreignCount], slots, _count);
        var isThere = (input.FlagsOf(row) & ChangeFlags.HasNew) != 0;
        for (var i = 0; i < count; i++)
        {
            if (isThere)
                WriteRight(input.Columns.AsSpan(_foreignCount), row, input.Columns.AsSpan(0, _foreignCount), row);
            else
                WriteNoRight();
            _output.RowTime.Values[_count++] = input.RowTime[row];
        }

        _nextSubscriber += count;
        if (_nextSubscriber < _subscriberCount)
            return;
        _subscriberCount = -1;
        _position++;
    }

    private void WriteRight(ReadOnlySpan<Column> values, int valueRow, ReadOnlySpan<Column> keys, int keyRow)
    {
        ((FixedColumn<byte>)_output.Columns[FoundAt]).Values[_count] = 1;
        for (var c = 0; c < keys.Length; c++)
            _output.Columns[RightAt + c].Scatter(keys[c], [keyRow], [_count]);
        for (var c = RightAt + keys.Length; c < _output.Columns.Length; c++)
            _output.Columns[c].Scatter(values[c - RightAt - keys.Length], [valueRow], [_count]);
    }

    private void WriteNoRight()
    {
        ((FixedColumn<byte>)_output.Columns[FoundAt]).Values[_count] = 0;
        for (var c = RightAt; c < _output.Columns.Length; c++)
            _output.Columns[c].SetNull(_count);
    }

    private static bool HasNull(ReadOnlySpan<Column> keys, int row)
    {
        foreach (var key in keys)
        {
            if (key.IsNull(row))
                return true;
        }

        return false;
    }
}

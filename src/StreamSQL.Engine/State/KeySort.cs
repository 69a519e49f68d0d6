using System.Buffers.Binary;

namespace StreamSQL.Engine.State;

/// <summary>
/// Sorts encoded keys: by eight bytes at a time, as numbers, the first eight of all of them, then the next of those that are equal so far.
/// </summary>
internal sealed class KeySort
{
    private const int MaxKeyBytes = 1 << 30;

    private readonly ulong[] _front;
    private readonly int[] _slots;
    private readonly int[] _starts;
    private readonly Stack<Run> _runs = [];
    private byte[] _bytes = [];
    private int _count;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">For so many keys.</param>
    /// <param name="fitsEightBytes">Whether none has more than eight bytes, and zeros behind a key say nothing.</param>
    public KeySort(int capacity, bool fitsEightBytes)
    {
        _front = new ulong[capacity];
        _slots = new int[capacity];
        _starts = fitsEightBytes ? [] : new int[capacity + 1];
    }

    /// <summary>Adds the key of a slot; false when there are too many bytes of keys.</summary>
    public bool TryAdd(KeyIndex index, int slot)
    {
        var length = index.EncodedLength(slot);
        if (_starts.Length == 0)
        {
            Span<byte> key = stackalloc byte[8];
            key.Clear();
            index.WriteEncoded(slot, key[..length]);
            _front[_count] = BinaryPrimitives.ReadUInt64BigEndian(key);
        }
        else
        {
            var start = _starts[_count];
            if (length > MaxKeyBytes - start)
                return false;
            if (start + length > _bytes.Length)
                Array.Resize(ref _bytes, Math.Min(MaxKeyBytes, Math.Max(start + length, Math.Max(1024, 2 * _bytes.Length))));
            index.WriteEncoded(slot, _bytes.AsSpan(start, length));
            _starts[_count + 1] = start + length;
        }

        _slots[_count++] = slot;
        return true;
    }

    /// <summary>The slots in the order of their keys.</summary>
    public ReadOnlySpan<int> Sort()
    {
        if (_starts.Length == 0)
        {
            _front.AsSpan(0, _count).Sort(_slots.AsSpan(0, _count));
            return _slots.AsSpan(0, _count);
        }

        var order = new int[_count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        _runs.Push(new(0, _count, 0));
        while (_runs.TryPop(out var run))
            Sort(order, run);
        for (var i = 0; i < order.Length; i++)
            order[i] = _slots[order[i]];
        return order;
    }

    private void Sort(int[] order, Run run)
    {
        var keys = order.AsSpan(run.Start, run.Count);
        var fronts = _front.AsSpan(run.Start, run.Count);
        for (var i = 0; i < keys.Length; i++)
            fronts[i] = Front(keys[i], run.Depth);
        fronts.Sort(keys);
        for (int from = 0, to; from < keys.Length; from = to)
        {
            for (to = from + 1; to < keys.Length && fronts[to] == fronts[from];)
                to++;
            if (to - from == 1)
                continue;
            if (AnyIsLonger(keys[from..to], run.Depth + 8))
                _runs.Push(new(run.Start + from, to - from, run.Depth + 8));
            else
                keys[from..to].Sort((x, y) => Length(x).CompareTo(Length(y))); // what differs are zeros at their ends
        }
    }

    private int Length(int key) => _starts[key + 1] - _starts[key];

    private bool AnyIsLonger(ReadOnlySpan<int> keys, int length)
    {
        foreach (var key in keys)
        {
            if (Length(key) > length)
                return true;
        }

        return false;
    }

    private ulong Front(int key, int depth)
    {
        var rest = Length(key) - depth;
        if (rest <= 0)
            return 0;
        var bytes = _bytes.AsSpan(_starts[key] + depth, Math.Min(8, rest));
        if (bytes.Length == 8)
            return BinaryPrimitives.ReadUInt64BigEndian(bytes);
        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        bytes.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    private readonly record struct Run(int Start, int Count, int Depth);
}

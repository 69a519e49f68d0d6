using System.Buffers.Binary;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// A time for each slot, milliseconds; <see cref="long.MinValue"/> where there is none. It takes 4 bytes a slot as long as all times lie
/// within 24 days of the first one, and 8 from the first on that does not. Not thread-safe.
/// </summary>
internal sealed class GroupTimes
{
    private const long None = long.MinValue;
    private const long MaxDistance = int.MaxValue;

    // Beyond this, differences of times would not fit 64 bits.
    private const long MaxOrigin = 1L << 60;

    // Per slot the distance from the origin, or 0.
    private uint[] _near = [];
    private long[]? _far;
    private long _origin = None;

    /// <summary>Slots that there is room for.</summary>
    public int Length => _far?.Length ?? _near.Length;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => _far is null ? 4L * _near.Length : 8L * _far.Length;

    /// <summary>The time of a slot.</summary>
    public long this[int slot]
    {
        get
        {
            if (_far is { } far)
                return far[slot];
            var distance = _near[slot];
            return distance == 0 ? None : _origin + distance;
        }

        set
        {
            if (_far is null && TryGetDistance(value, out var distance))
                _near[slot] = distance;
            else
                Widen()[slot] = value;
        }
    }

    /// <summary>Makes room for slots; new ones have no time.</summary>
    public void EnsureSlots(int size)
    {
        var old = Length;
        if (size <= old)
            return;
        if (_far is null)
        {
            Array.Resize(ref _near, size);
            return;
        }

        Array.Resize(ref _far, size);
        _far.AsSpan(old).Fill(None);
    }

    /// <summary>Takes the times of some slots.</summary>
    public void Clear(int from, int count)
    {
        if (_far is null)
            _near.AsSpan(from, count).Clear();
        else
            _far.AsSpan(from, count).Fill(None);
    }

    /// <summary>Takes the times of all slots, and begins with another first one.</summary>
    /// <param name="limit">No slot from here on has a time.</param>
    public void Reset(int limit)
    {
        if (_far is null)
            _near.AsSpan(0, limit).Clear();
        else
            (_near, _far) = (new uint[_far.Length], null);
        _origin = None;
    }

    /// <summary>Raises the slots' times to those of their rows.</summary>
    public void Raise(ReadOnlySpan<int> slots, ReadOnlySpan<long> rowTimes)
    {
        var done = _far is null ? RaiseNear(slots, rowTimes) : 0;
        if (done < slots.Length)
            RaiseFar(slots[done..], rowTimes[done..]);
    }

    /// <summary>Raises a slot's time.</summary>
    public long Raise(int slot, long rowTime)
    {
        var time = this[slot];
        return rowTime > time ? this[slot] = rowTime : time;
    }

    /// <summary>The times of slots.</summary>
    public void Read(ReadOnlySpan<int> slots, Span<long> times)
    {
        for (var i = 0; i < slots.Length; i++)
            times[i] = this[slots[i]];
    }

    /// <summary>Appends the times of slots to a snapshot block, 8 bytes each.</summary>
    public void Save(ReadOnlySpan<int> slots, ByteWriter block)
    {
        var target = block.Append(checked(slots.Length * sizeof(long)));
        for (var i = 0; i < slots.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(target[(sizeof(long) * i)..], this[slots[i]]);
    }

    private bool TryGetDistance(long time, out uint distance)
    {
        distance = 0;
        if (time == None)
            return true;
        if (_origin == None)
        {
            if (time is < -MaxOrigin or > MaxOrigin)
                return false;
            _origin = time - MaxDistance;
        }

        var difference = unchecked((ulong)(time - _origin));
        distance = (uint)difference;
        return difference - 1 < uint.MaxValue;
    }

    /// <summary>Raises times up to the first one that is too far away; returns how many.</summary>
    private int RaiseNear(ReadOnlySpan<int> slots, ReadOnlySpan<long> rowTimes)
    {
        var (near, origin) = (_near, _origin);
        rowTimes = rowTimes[..slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            var difference = unchecked((ulong)(rowTimes[i] - origin));
            var distance = (uint)difference;
            if (difference - 1 >= uint.MaxValue || origin == None)
            {
                if (!TryGetDistance(rowTimes[i], out distance))
                    return i;
                origin = _origin;
            }

            ref var time = ref near[slots[i]];
            if (distance > time)
                time = distance;
        }

        return slots.Length;
    }

    private void RaiseFar(ReadOnlySpan<int> slots, ReadOnlySpan<long> rowTimes)
    {
        var far = Widen();
        for (var i = 0; i < slots.Length && i < rowTimes.Length; i++)
        {
            ref var time = ref far[slots[i]];
            if (rowTimes[i] > time)
                time = rowTimes[i];
        }
    }

    private long[] Widen()
    {
        if (_far is null)
        {
            var far = new long[_near.Length];
            for (var slot = 0; slot < far.Length; slot++)
                far[slot] = this[slot];
            (_far, _near) = (far, []);
        }

        return _far;
    }
}

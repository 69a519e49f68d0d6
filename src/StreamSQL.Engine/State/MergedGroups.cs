using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.State;

/// <summary>Groups put together from the slices of windows: per slot the aggregates and the time of the last change.</summary>
internal sealed class MergedGroups
{
    private long[] _times = [];

    /// <summary>Creates it without slots.</summary>
    public MergedGroups(IReadOnlyList<AggregateBinding> bindings)
    {
        States = new AggregateState[bindings.Count];
        for (var a = 0; a < States.Length; a++)
            States[a] = bindings[a].CreateState();
    }

    /// <summary>The aggregates by slot.</summary>
    public AggregateState[] States { get; }

    /// <summary>Makes slots 0..count-1 empty groups.</summary>
    public void Reset(int count)
    {
        EnsureSlots(count);
        Clear(0, count);
    }

    /// <summary>Makes room for slots 0..count-1; new ones are empty groups.</summary>
    public void EnsureSlots(int count)
    {
        var old = _times.Length;
        if (count <= old)
            return;
        Array.Resize(ref _times, Math.Max(count, old * 2));
        _times.AsSpan(old).Fill(long.MinValue);
        foreach (var state in States)
            state.EnsureSlots(_times.Length);
    }

    /// <summary>Makes some slots empty groups.</summary>
    public void Clear(int from, int count)
    {
        _times.AsSpan(from, count).Fill(long.MinValue);
        foreach (var state in States)
            state.ClearMany(from, count);
    }

    /// <summary>Makes slots empty groups.</summary>
    public void Clear(ReadOnlySpan<int> slots)
    {
        foreach (var slot in slots)
            _times[slot] = long.MinValue;
        foreach (var state in States)
        {
            foreach (var slot in slots)
                state.Clear(slot);
        }
    }

    /// <summary>Adds groups pairwise.</summary>
    public void Add(ReadOnlySpan<int> slots, AggregateState[] states, long[] times, ReadOnlySpan<int> from)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            ref var time = ref _times[slots[i]];
            time = Math.Max(time, times[from[i]]);
        }

        for (var a = 0; a < states.Length; a++)
            States[a].MergeMany(slots, states[a], from);
    }

    /// <summary>Adds groups of another one pairwise.</summary>
    public void Add(ReadOnlySpan<int> slots, MergedGroups other, ReadOnlySpan<int> from) => Add(slots, other.States, other._times, from);

    /// <summary>Times of the last change of groups.</summary>
    public void ReadTimes(ReadOnlySpan<int> slots, Span<long> times)
    {
        for (var i = 0; i < slots.Length; i++)
            times[i] = _times[slots[i]];
    }
}

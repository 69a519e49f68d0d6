using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.State;

/// <summary>Groups put together from the slices of windows: per slot the aggregates and the time of the last change.</summary>
internal sealed class MergedGroups
{
    private readonly GroupTimes _times = new();

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
        _times.EnsureSlots(Math.Max(count, old * 2));
        foreach (var state in States)
            state.EnsureSlots(_times.Length);
    }

    /// <summary>Makes some slots empty groups.</summary>
    public void Clear(int from, int count)
    {
        _times.Clear(from, count);
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
    public void Add(ReadOnlySpan<int> slots, AggregateState[] states, GroupTimes times, ReadOnlySpan<int> from)
    {
        for (var i = 0; i < slots.Length; i++)
            _times.Raise(slots[i], times[from[i]]);

        for (var a = 0; a < states.Length; a++)
            States[a].MergeMany(slots, states[a], from);
    }

    /// <summary>Adds groups of another one pairwise.</summary>
    public void Add(ReadOnlySpan<int> slots, MergedGroups other, ReadOnlySpan<int> from) => Add(slots, other.States, other._times, from);

    /// <summary>Times of the last change of groups.</summary>
    public void ReadTimes(ReadOnlySpan<int> slots, Span<long> times) => _times.Read(slots, times);
}

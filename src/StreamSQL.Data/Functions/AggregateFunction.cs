using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>An aggregate function: name, documentation and, per argument types, its state.</summary>
public abstract class AggregateFunction
{
    /// <summary>Upper-case name.</summary>
    public abstract string Name { get; }

    /// <summary>Documentation for SHOW FUNCTIONS, DESCRIBE FUNCTION and the manual.</summary>
    public abstract FunctionDoc Doc { get; }

    /// <summary>Whether it is called with WITHIN GROUP (ORDER BY ...): the sorted values are its last arguments.</summary>
    public virtual bool IsOrderedSet => false;

    /// <summary>Finds the overload for the argument types (none for COUNT(*)), or null when none fits.</summary>
    public abstract AggregateBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules);
}

/// <summary>An aggregate bound to argument types.</summary>
/// <param name="ParameterTypes">The types that the state takes, one per argument.</param>
/// <param name="ResultType">The type of the result.</param>
/// <param name="CanRetract">Whether a row can be taken back (aggregation of a table, undo).</param>
/// <param name="CreateState">Makes the columns that hold the aggregate of every group.</param>
public sealed record AggregateBinding(
    IReadOnlyList<SqlType> ParameterTypes, SqlType ResultType, bool CanRetract, Func<AggregateState> CreateState)
{
    /// <summary>
    /// Whether groups of parts of the rows, merged in any order, give exactly what all rows in order
    /// give (only where a sum leaves its range may the order show).
    /// </summary>
    public bool MergesExactly { get; init; }

    /// <summary>Whether the result of rows that follow others is the difference of two results: counts and exact sums.</summary>
    public bool IsDifference { get; init; }

    /// <summary>
    /// Whether the state of a group grows with its rows, and depends on their order: to merge groups is
    /// no cheaper than to add the rows again.
    /// </summary>
    public bool HoldsRows { get; init; }

    /// <summary>Which arguments have to be constants, by index.</summary>
    public IReadOnlyList<int> Constants { get; init; } = [];

    /// <summary>Whether ksqlDB keeps the state of a group in one plain value, which any format can hold.</summary>
    public bool IsPlain { get; init; }

    /// <summary>The binding that keeps at most so many values (<c>ksql.functions.NAME.limit</c>); null where that cannot be said.</summary>
    public Func<int, AggregateBinding>? WithLimit { get; init; }
}

/// <summary>
/// The aggregates of all groups of one state table, as typed columns indexed by slot (a small integer that stands for a group).
/// Not thread-safe.
/// </summary>
public abstract class AggregateState
{
    /// <summary>Bytes held, for budgets.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Makes room for slots 0..count-1; new ones are empty groups.</summary>
    public abstract void EnsureSlots(int count);

    /// <summary>Makes a slot an empty group.</summary>
    public abstract void Clear(int slot);

    /// <summary>Makes slots from, ..., from + count - 1 empty groups.</summary>
    public virtual void ClearMany(int from, int count)
    {
        for (var slot = from; slot < from + count; slot++)
            Clear(slot);
    }

    /// <summary>
    /// Adds the selected rows in order: the row at position i goes to <c>slots[i]</c>. When <paramref name="output"/> is given, position i
    /// of it becomes the group's value after that row: the per-record intermediate results, written in the same loop.
    /// </summary>
    public abstract void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output);

    /// <summary>Takes rows back, otherwise like <see cref="Add"/>.</summary>
    /// <exception cref="NotSupportedException">The binding says that it cannot retract.</exception>
    public abstract void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output);

    /// <summary>
    /// Adds the group of another state (of the same binding) to a slot: merging sessions or slices.
    /// Into an empty group it is an exact copy.
    /// </summary>
    public abstract void Merge(int slot, AggregateState other, int otherSlot);

    /// <summary>Adds groups of another state, pairwise, each as <see cref="Merge"/> does.</summary>
    public virtual void MergeMany(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
        for (var i = 0; i < slots.Length; i++)
            Merge(slots[i], other, otherSlots[i]);
    }

    /// <summary>Writes the values of groups: row <c>at + i</c> of the output is the value of <c>slots[i]</c>.</summary>
    public abstract void Read(ReadOnlySpan<int> slots, Column output, int at);

    /// <summary>Writes a group's state in its stable binary form (snapshots, changelog, pre-images).</summary>
    public abstract void Save(int slot, IBufferWriter<byte> writer);

    /// <summary>Reads what <see cref="Save"/> wrote, from the front of <paramref name="source"/>; returns the bytes used.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a state of this aggregate.</exception>
    public abstract int Load(int slot, ReadOnlySpan<byte> source);

    /// <summary>Writes the states of groups one after the other, each as <see cref="Save"/> does.</summary>
    public virtual void SaveMany(ReadOnlySpan<int> slots, IBufferWriter<byte> writer)
    {
        foreach (var slot in slots)
            Save(slot, writer);
    }

    /// <summary>Reads what <see cref="SaveMany"/> wrote, from the front of <paramref name="source"/>; returns the bytes used.</summary>
    /// <exception cref="InvalidDataException">The bytes are not states of this aggregate.</exception>
    public virtual int LoadMany(ReadOnlySpan<int> slots, ReadOnlySpan<byte> source)
    {
        var used = 0;
        foreach (var slot in slots)
            used += Load(slot, source[used..]);
        return used;
    }
}

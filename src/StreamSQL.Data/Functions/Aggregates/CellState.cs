using System.Runtime.CompilerServices;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>An aggregate that keeps a cell of fixed size for each slot; a slot without rows has the default one.</summary>
internal abstract class CellState<TCell> : AggregateState
    where TCell : struct
{
    private TCell[] _cells = [];

    /// <inheritdoc/>
    public override long MemoryBytes => (long)Unsafe.SizeOf<TCell>() * _cells.Length;

    /// <summary>The cells by slot; another array when slots come.</summary>
    protected TCell[] Cells => _cells;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _cells.Length)
            Array.Resize(ref _cells, SlotArrays.Size(_cells.Length, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot) => _cells[slot] = default;

    /// <inheritdoc/>
    public override void ClearMany(int from, int count) => Array.Clear(_cells, from, count);
}

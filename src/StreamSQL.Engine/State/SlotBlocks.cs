using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.State;

/// <summary>Hands the slots of tables out to several readers, block by block, each block to one of them. Thread-safe.</summary>
public sealed class SlotBlocks
{
    /// <summary>Slots of a block.</summary>
    public const int Size = ChangeBatch.MaxRows;

    private readonly ConcurrentDictionary<TableState, StrongBox<int>> _next = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<TableState> _asked = new(ReferenceEqualityComparer.Instance);
    private volatile bool _isStopped;

    /// <summary>The first slot of a block that nobody has taken yet; beyond all slots when the readers are to stop.</summary>
    public int Take(TableState table)
    {
        if (_isStopped)
            return int.MaxValue;
        var next = _next.GetOrAdd(table, static _ => new StrongBox<int>());
        var start = Interlocked.Add(ref next.Value, Size) - Size;
        return start < 0 ? int.MaxValue : start;
    }

    /// <summary>
    /// Lets one of the readers read all of a table in the order of its keys, where that pays: the first one that asks. The others wait for
    /// that, and get no walk; if there is one, they get no blocks either.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="begin">Begins to read; null where it does not pay.</param>
    internal KeyWalk? TryWalk(TableState table, Func<KeyWalk?> begin)
    {
        lock (_asked)
        {
            if (!_asked.Add(table) || begin() is not { } walk)
                return null;
            _next[table] = new StrongBox<int>(int.MinValue);
            return walk;
        }
    }

    /// <summary>No reader gets another block: one of them has failed.</summary>
    public void Stop() => _isStopped = true;
}

using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.Operators;

/// <summary>A node of the budget tree (process &gt; query &gt; operator). Charging a node charges its ancestors. Thread-safe.</summary>
public sealed class MemoryBudget
{
    private readonly MemoryBudget? _parent;
    private long _used;

    /// <summary>Creates a node.</summary>
    /// <param name="name">What the budget is for, named in the error.</param>
    /// <param name="limitBytes">What may be held at most.</param>
    /// <param name="parent">The node above, or null.</param>
    public MemoryBudget(string name, long limitBytes, MemoryBudget? parent)
    {
        Name = name;
        LimitBytes = limitBytes;
        _parent = parent;
    }

    /// <summary>What the budget is for.</summary>
    public string Name { get; }

    /// <summary>What may be held at most.</summary>
    public long LimitBytes { get; }

    /// <summary>What is held now.</summary>
    public long UsedBytes => Volatile.Read(ref _used);

    /// <summary>What to do when there is too little.</summary>
    public string Hint { get; init; } = "raise the budget, or shorten the window retention or the number of keys";

    /// <summary>
    /// A node below this one, with its limit and its hint, for one operator: so that the error says which one took too much.
    /// </summary>
    /// <param name="operation">Which one, as in "a sort".</param>
    public MemoryBudget Part(string operation) => new($"{operation} in {Name}", LimitBytes, this) { Hint = Hint };

    /// <summary>Charges (or, when negative, gives back) bytes.</summary>
    /// <exception cref="SqlException">53200: this node or an ancestor is over its limit; nothing is charged then.</exception>
    public void Charge(long bytes)
    {
        if (FindRefusal(bytes) is { } refusing)
        {
            throw new SqlException(
                PostgresErrorCodes.OutOfMemory, $"{refusing.Name} is over its memory budget of {refusing.LimitBytes} bytes", refusing.Hint);
        }
    }

    /// <summary>Charges bytes; false, and nothing is charged, when this node or an ancestor would be over its limit.</summary>
    public bool TryCharge(long bytes) => FindRefusal(bytes) is null;

    /// <summary>Gives back all that is held, here and in the ancestors: the owner of the memory is gone.</summary>
    public void Release() => Charge(-UsedBytes);

    /// <summary>Charges bytes, and gives the node that refuses them: nothing is charged then.</summary>
    private MemoryBudget? FindRefusal(long bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        var refusing = bytes > 0 && used > LimitBytes ? this : _parent?.FindRefusal(bytes);
        if (refusing is not null)
            Interlocked.Add(ref _used, -bytes);
        return refusing;
    }
}

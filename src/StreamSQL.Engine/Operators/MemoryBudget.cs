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
        var used = Interlocked.Add(ref _used, bytes);
        if (bytes > 0 && used > LimitBytes)
        {
            Interlocked.Add(ref _used, -bytes);
            throw new SqlException(PostgresErrorCodes.OutOfMemory, $"{Name} is over its memory budget of {LimitBytes} bytes", Hint);
        }

        try
        {
            _parent?.Charge(bytes);
        }
        catch (SqlException)
        {
            Interlocked.Add(ref _used, -bytes);
            throw;
        }
    }

    /// <summary>Gives back all that is held, here and in the ancestors: the owner of the memory is gone.</summary>
    public void Release() => Charge(-UsedBytes);
}

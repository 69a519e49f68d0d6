using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// A synchronous function over batches. Protocol: <see cref="Push"/> lends it an input batch; then <see cref="Pull"/> is called until it
/// returns null, which means that the input is used up; only then may the next one be pushed. One input may give many outputs: the operator
/// keeps its place between pulls, so the caller can stop in between. Single-threaded; owned by one task.
/// </summary>
public abstract class Operator
{
    /// <summary>Begins an input batch. Two-input operators tell the sides apart by port: 0 is left.</summary>
    public abstract void Push(ChangeBatch input, int port = 0);

    /// <summary>The next output batch, lent until the next call; null when there is no more for now.</summary>
    public abstract ChangeBatch? Pull();

    /// <summary>
    /// Whether its input is used up and its state tells which outputs are still to come, so that a
    /// commit, or a restart from it, may come before the next pull.
    /// </summary>
    public virtual bool HasMore => false;

    /// <summary>The least time of the rows that it holds back until later; nobody is to take time for further than that.</summary>
    public virtual long HeldTime => long.MaxValue;

    /// <summary>
    /// Tells the operator that something ended; pull until null afterwards. Most operators hold nothing back and ignore it.
    /// </summary>
    public virtual void Signal(OperatorSignal signal)
    {
    }

    /// <summary>Begins another run of its query. Only operators that keep nothing of their inputs are run again.</summary>
    public virtual void Restart()
    {
    }
}

/// <summary>What ended.</summary>
public enum OperatorSignal : byte
{
    /// <summary>A commit is about to be written: give out the changes that were folded since the last one.</summary>
    Commit,

    /// <summary>The (bounded) input is finished: give out the rest (sorts, bounded aggregates).</summary>
    End,
}

/// <summary>When an operator gives out changes of the same key.</summary>
public enum EmissionMode : byte
{
    /// <summary>Changes of one key within a commit are folded into the last one.</summary>
    PerCommit,

    /// <summary>One output for every input row (ksqlDB without caching).</summary>
    EveryChange,
}

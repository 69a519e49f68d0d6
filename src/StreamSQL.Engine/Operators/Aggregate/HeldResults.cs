using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>Results of an aggregate that are given out later than the rows they come from: at a commit, or when windows close.</summary>
internal abstract class HeldResults
{
    /// <summary>Whether the table's clock says exactly what is out: not so between two parts of a window.</summary>
    public virtual bool IsResumable => false;

    /// <summary>Begins to give out what is due now.</summary>
    public abstract void Begin();

    /// <summary>The next results, lent until the next call; null when all are out.</summary>
    public abstract ChangeBatch? Next();
}

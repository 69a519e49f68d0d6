using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>Turns records of one partition of a task's input into batches. Not thread-safe.</summary>
internal abstract class InputDecoder
{
    /// <summary>Whether record headers are read.</summary>
    public virtual bool WantsHeaders => false;

    /// <summary>
    /// The batch of a run of records (selection may be empty), lent until the next call and only as
    /// long as the run is; null when the run holds no rows.
    /// </summary>
    public abstract ChangeBatch? Decode(RecordRun run);

    /// <summary>What was decoded is committed.</summary>
    public virtual void Committed()
    {
    }

    /// <summary>
    /// A batch without rows that tells the operators how far time has come with the last run; null where rows alone tell it.
    /// </summary>
    public virtual ChangeBatch? Clock() => null;
}

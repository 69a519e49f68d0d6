using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Tasks.Output;

/// <summary>Where the last operator of a task writes.</summary>
internal abstract class TaskSink
{
    /// <summary>Takes the selected rows of a batch; keeps nothing of it.</summary>
    public abstract void Write(ChangeBatch batch);

    /// <summary>A commit is about to be written.</summary>
    /// <param name="streamTime">The task's stream time, milliseconds.</param>
    /// <param name="sourceOffset">The next offset that the task will read; of several inputs, the sum.</param>
    public virtual void PrepareCommit(long streamTime, long sourceOffset)
    {
    }

    /// <summary>Whether what was written before has to be read first; <paramref name="wake"/> is called then.</summary>
    public virtual bool MustPause(Action wake) => false;

    /// <summary>The commit is durable.</summary>
    public virtual void Committed()
    {
    }
}

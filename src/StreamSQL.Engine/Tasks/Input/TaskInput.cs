using StreamSQL.Data.Batches;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// The records of one partition as batches for one task, in order. Protocol: <see cref="IsReady"/>, then <see cref="Take"/>, then
/// <see cref="Release"/> when the batch has been worked on. Everything but <see cref="DisposeAsync"/> is called by the task's worker.
/// </summary>
internal abstract class TaskInput : IAsyncDisposable
{
    /// <summary>The partition that is read.</summary>
    public abstract TopicPartition Partition { get; }

    /// <summary>The offset after what was taken, or after what turned out to hold no records.</summary>
    public abstract long Position { get; }

    /// <summary>The offset after the records that are ready.</summary>
    public abstract long ReadyEnd { get; }

    /// <summary>Records that were skipped because the log no longer held them.</summary>
    public abstract long Lost { get; }

    /// <summary>Whether it is not to read further for now, though there may be more.</summary>
    public virtual bool IsAtLimit => false;

    /// <summary>Whether there are records to take; if not, the worker is woken once there are.</summary>
    /// <exception cref="Kafka.KafkaException">The broker refused, or the bytes are corrupt.</exception>
    public abstract bool IsReady();

    /// <summary>
    /// The records that are ready (the selection may be empty), lent until <see cref="Release"/>; null when they hold no rows.
    /// </summary>
    public abstract ChangeBatch? Take();

    /// <summary>What was taken is not looked at any more.</summary>
    public virtual void Release()
    {
    }

    /// <summary>
    /// A batch without rows that tells the operators how far time has come with what was taken; null where rows alone tell it.
    /// </summary>
    public virtual ChangeBatch? Clock() => null;

    /// <summary>What was taken is committed.</summary>
    public virtual void Committed()
    {
    }

    /// <summary>Reads no more.</summary>
    public virtual void Leave()
    {
    }

    /// <summary>Gives everything back, after <see cref="Leave"/>. Any thread.</summary>
    public abstract ValueTask DisposeAsync();
}

namespace StreamSQL.Kafka.Client;

/// <summary>
/// Somebody else has written to a partition that was expected to end at a certain offset (<see cref="TransactionContent.ExpectedEnds"/>).
/// </summary>
public sealed class AppendConflictException(TopicPartition partition, long expected, long actual)
    : Exception($"{partition} was expected to end at offset {expected} and ends at {actual}.")
{
    /// <summary>The partition.</summary>
    public TopicPartition Partition => partition;

    /// <summary>Where it ends.</summary>
    public long ActualEnd => actual;
}

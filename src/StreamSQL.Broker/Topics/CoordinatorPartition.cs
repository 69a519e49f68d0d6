namespace StreamSQL.Broker.Topics;

/// <summary>Which partition of a coordinator's topic a group or a transactional id belongs to (Kafka: Java's string hash).</summary>
public static class CoordinatorPartition
{
    /// <summary>The partition of a group id or transactional id.</summary>
    public static int Of(string key, int partitionCount)
    {
        var hash = 0;
        foreach (var c in key)
            hash = unchecked((31 * hash) + c);
        return (hash & int.MaxValue) % partitionCount;
    }
}

namespace StreamSQL.Broker.Partitions;

/// <summary>Is told when a partition's bounds (high watermark, last stable offset, log start) move, and when it is deleted.</summary>
internal interface IPartitionObserver
{
    /// <summary>Called under the partition's gate, so it may take no other partition's.</summary>
    /// <param name="slot">What the observer said when it was added.</param>
    /// <returns>Whether it wants to be told again.</returns>
    bool OnAdvanced(int slot);
}

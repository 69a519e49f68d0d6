namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>Which errors pass by themselves, or when other metadata is fetched.</summary>
internal static class RetriableErrors
{
    /// <summary>Whether the broker did nothing, and the same request may succeed later or elsewhere.</summary>
    public static bool IsRefusal(ErrorCode error) => error is
        ErrorCode.NotLeaderOrFollower or ErrorCode.LeaderNotAvailable or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch
        or ErrorCode.OffsetNotAvailable or ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId or ErrorCode.NotController
        or ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable or ErrorCode.CoordinatorLoadInProgress
        or ErrorCode.ConcurrentTransactions or ErrorCode.UnstableOffsetCommit or ErrorCode.NotEnoughReplicas
        or ErrorCode.ThrottlingQuotaExceeded;

    /// <summary>Whether the connection was lost, so that it is not known whether the broker did anything.</summary>
    public static bool IsUncertain(ErrorCode error) => error is
        ErrorCode.NetworkException or ErrorCode.RequestTimedOut or ErrorCode.NotEnoughReplicasAfterAppend;
}

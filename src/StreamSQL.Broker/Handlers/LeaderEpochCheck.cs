using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Handlers;

/// <summary>Fences clients whose metadata is older or newer than the leader's (KIP-320).</summary>
internal static class LeaderEpochCheck
{
    private const int Unknown = -1;

    public static ErrorCode Check(Partition partition, int clientEpoch)
    {
        if (clientEpoch == Unknown || clientEpoch == partition.LeaderEpoch)
            return ErrorCode.None;
        return clientEpoch < partition.LeaderEpoch ? ErrorCode.FencedLeaderEpoch : ErrorCode.UnknownLeaderEpoch;
    }
}

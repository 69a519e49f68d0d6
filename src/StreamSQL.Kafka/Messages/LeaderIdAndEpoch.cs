#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Who leads a partition now (KIP-951).</summary>
public sealed class LeaderIdAndEpoch
{
    public int LeaderId = -1;
    public int LeaderEpoch = -1;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<LeaderIdAndEpoch> Schema = new MessageSchema<LeaderIdAndEpoch>()
        .Int32("0+", static m => ref m.LeaderId)
        .Int32("0+", static m => ref m.LeaderEpoch);
}

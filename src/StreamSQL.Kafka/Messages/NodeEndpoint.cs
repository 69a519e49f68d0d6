#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Where a broker is reached (KIP-951).</summary>
public sealed class NodeEndpoint
{
    public int NodeId;
    public string Host = "";
    public int Port;
    public string? Rack;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<NodeEndpoint> Schema = new MessageSchema<NodeEndpoint>()
        .Int32("0+", static m => ref m.NodeId)
        .String("0+", static m => ref m.Host)
        .Int32("0+", static m => ref m.Port)
        .NullableString("0+", static m => ref m.Rack);
}

#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the brokers of the cluster (KIP-700).</summary>
public sealed class DescribeClusterRequest : IApiMessage<DescribeClusterRequest>
{
    public bool IncludeClusterAuthorizedOperations;
    public sbyte EndpointType = 1;
    public bool IncludeFencedBrokers;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeClusterRequest> Schema { get; } = new MessageSchema<DescribeClusterRequest>()
        .Bool("0+", static m => ref m.IncludeClusterAuthorizedOperations)
        .Int8("1+", static m => ref m.EndpointType)
        .Bool("2+", static m => ref m.IncludeFencedBrokers);
}

/// <summary>The brokers of the cluster.</summary>
public sealed class DescribeClusterResponse : IApiMessage<DescribeClusterResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public sbyte EndpointType = 1;
    public string ClusterId = "";
    public int ControllerId = -1;
    public List<Broker> Brokers = [];
    public int ClusterAuthorizedOperations = int.MinValue;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeClusterResponse> Schema { get; } = new MessageSchema<DescribeClusterResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("0+", static m => ref m.ErrorMessage)
        .Int8("1+", static m => ref m.EndpointType)
        .String("0+", static m => ref m.ClusterId)
        .Int32("0+", static m => ref m.ControllerId)
        .Array("0+", static m => ref m.Brokers, Broker.Schema)
        .Int32("0+", static m => ref m.ClusterAuthorizedOperations);

    /// <summary>A broker.</summary>
    public sealed class Broker
    {
        public int BrokerId;
        public string Host = "";
        public int Port;
        public string? Rack;
        public bool IsFenced;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Broker> Schema = new MessageSchema<Broker>()
            .Int32("0+", static m => ref m.BrokerId)
            .String("0+", static m => ref m.Host)
            .Int32("0+", static m => ref m.Port)
            .NullableString("0+", static m => ref m.Rack)
            .Bool("2+", static m => ref m.IsFenced);
    }
}

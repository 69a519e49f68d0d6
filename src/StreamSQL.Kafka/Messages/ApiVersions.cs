#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks which APIs and versions the broker has (KIP-35, KIP-511).</summary>
public sealed class ApiVersionsRequest : IApiMessage<ApiVersionsRequest>
{
    public string ClientSoftwareName = "";
    public string ClientSoftwareVersion = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ApiVersionsRequest> Schema { get; } = new MessageSchema<ApiVersionsRequest>()
        .String("3+", static m => ref m.ClientSoftwareName)
        .String("3+", static m => ref m.ClientSoftwareVersion);
}

/// <summary>The APIs that the broker has, and the features that it finalized (KIP-584).</summary>
public sealed class ApiVersionsResponse : IApiMessage<ApiVersionsResponse>
{
    public ErrorCode ErrorCode;
    public List<ApiVersion> ApiKeys = [];
    public int ThrottleTimeMs;
    public List<SupportedFeatureKey> SupportedFeatures = [];
    public long FinalizedFeaturesEpoch = -1;
    public List<FinalizedFeatureKey> FinalizedFeatures = [];
    public bool ZkMigrationReady;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ApiVersionsResponse> Schema { get; } = new MessageSchema<ApiVersionsResponse>()
        .Error("0+", static m => ref m.ErrorCode)
        .Array("0+", static m => ref m.ApiKeys, ApiVersion.Schema)
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Array("3+", static m => ref m.SupportedFeatures, SupportedFeatureKey.Schema, tag: 0)
        .Int64("3+", static m => ref m.FinalizedFeaturesEpoch, tag: 1)
        .Array("3+", static m => ref m.FinalizedFeatures, FinalizedFeatureKey.Schema, tag: 2)
        .Bool("3+", static m => ref m.ZkMigrationReady, tag: 3);

    /// <summary>The version range of one API.</summary>
    public sealed class ApiVersion
    {
        public short ApiKey;
        public short MinVersion;
        public short MaxVersion;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<ApiVersion> Schema = new MessageSchema<ApiVersion>()
            .Int16("0+", static m => ref m.ApiKey)
            .Int16("0+", static m => ref m.MinVersion)
            .Int16("0+", static m => ref m.MaxVersion);
    }

    /// <summary>A feature that the broker supports.</summary>
    public sealed class SupportedFeatureKey
    {
        public string Name = "";
        public short MinVersion;
        public short MaxVersion;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<SupportedFeatureKey> Schema = new MessageSchema<SupportedFeatureKey>()
            .String("3+", static m => ref m.Name)
            .Int16("3+", static m => ref m.MinVersion)
            .Int16("3+", static m => ref m.MaxVersion);
    }

    /// <summary>A feature that the cluster finalized.</summary>
    public sealed class FinalizedFeatureKey
    {
        public string Name = "";
        public short MaxVersionLevel;
        public short MinVersionLevel;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<FinalizedFeatureKey> Schema = new MessageSchema<FinalizedFeatureKey>()
            .String("3+", static m => ref m.Name)
            .Int16("3+", static m => ref m.MaxVersionLevel)
            .Int16("3+", static m => ref m.MinVersionLevel);
    }
}

#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Raises or lowers finalized feature levels (KIP-584).</summary>
public sealed class UpdateFeaturesRequest : IApiMessage<UpdateFeaturesRequest>
{
    public int TimeoutMs = 60000;
    public List<FeatureUpdate> FeatureUpdates = [];
    public bool ValidateOnly;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<UpdateFeaturesRequest> Schema { get; } = new MessageSchema<UpdateFeaturesRequest>()
        .Int32("0+", static m => ref m.TimeoutMs)
        .Array("0+", static m => ref m.FeatureUpdates, FeatureUpdate.Schema)
        .Bool("1+", static m => ref m.ValidateOnly);

    /// <summary>A feature and the level it shall have; 0 removes it.</summary>
    public sealed class FeatureUpdate
    {
        public string Feature = "";
        public short MaxVersionLevel;
        public bool AllowDowngrade;
        public sbyte UpgradeType = 1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<FeatureUpdate> Schema = new MessageSchema<FeatureUpdate>()
            .String("0+", static m => ref m.Feature)
            .Int16("0+", static m => ref m.MaxVersionLevel)
            .Bool("0", static m => ref m.AllowDowngrade)
            .Int8("1+", static m => ref m.UpgradeType);
    }
}

/// <summary>What became of the features.</summary>
public sealed class UpdateFeaturesResponse : IApiMessage<UpdateFeaturesResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public List<FeatureResult> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<UpdateFeaturesResponse> Schema { get; } = new MessageSchema<UpdateFeaturesResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("0+", static m => ref m.ErrorMessage)
        .Array("0-1", static m => ref m.Results, FeatureResult.Schema);

    /// <summary>A feature.</summary>
    public sealed class FeatureResult
    {
        public string Feature = "";
        public ErrorCode ErrorCode;
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<FeatureResult> Schema = new MessageSchema<FeatureResult>()
            .String("0+", static m => ref m.Feature)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage);
    }
}

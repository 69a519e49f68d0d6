using System.Collections.Frozen;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>The highest version that the client speaks of those APIs whose later versions want more than it does.</summary>
internal static class SpokenVersions
{
    private static readonly FrozenDictionary<ApiKey, short> _last = new Dictionary<ApiKey, short>
    {
        [ApiKey.Produce] = 12, // later ones name topics by id
        [ApiKey.OffsetCommit] = 9,
        [ApiKey.OffsetFetch] = 9,
        [ApiKey.AddPartitionsToTxn] = 3, // later ones are for brokers
    }.ToFrozenDictionary();

    /// <summary>The highest version to send.</summary>
    public static short Last(Api api) => _last.TryGetValue(api.Key, out short version) ? Math.Min(version, api.MaxVersion) : api.MaxVersion;
}

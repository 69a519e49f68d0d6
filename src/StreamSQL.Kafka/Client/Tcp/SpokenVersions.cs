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
        [ApiKey.TxnOffsetCommit] = 4, // later ones add the group to the transaction by themselves (KIP-890)
        [ApiKey.EndTxn] = 4, // later ones raise the producer's epoch (KIP-890)
    }.ToFrozenDictionary();

    /// <summary>The highest version to send.</summary>
    public static short Last(Api api) => _last.TryGetValue(api.Key, out short version) ? Math.Min(version, api.MaxVersion) : api.MaxVersion;
}

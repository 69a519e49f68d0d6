namespace StreamSQL.Broker.Handlers;

/// <summary>A feature that clients look for before they use a protocol (KIP-584).</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="MinVersion">The lowest level supported.</param>
/// <param name="MaxVersion">The highest level supported.</param>
/// <param name="Finalized">The level in force.</param>
internal sealed record BrokerFeature(string Name, short MinVersion, short MaxVersion, short Finalized);

/// <summary>The features of this broker. They come with its settings and do not change while it runs.</summary>
internal static class BrokerFeatures
{
    /// <summary>The epoch of the finalized levels.</summary>
    public const long Epoch = 1;

    /// <summary>All features; a level stands here only when all that it promises is there.</summary>
    public static IReadOnlyList<BrokerFeature> Of(BrokerOptions options) =>
    [
        new("group.version", 0, 1, 1), // KIP-848: the consumer protocol, beside the classic one in the same group
        new("transaction.version", 0, 2, options.TransactionVersion), // KIP-890: epochs rise with each transaction, appends join it
    ];
}

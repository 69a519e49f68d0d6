using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.Planning;

/// <summary>
/// Names and configs of the engine's own topics. Names follow from the query's id, so that they are found again after a restart.
/// </summary>
internal static class InternalTopics
{
    /// <summary>What every internal topic's name begins with.</summary>
    public const string Prefix = "_streamsql-";

    /// <summary>The topic that holds the catalog.</summary>
    public const string Catalog = Prefix + "catalog";

    /// <summary>
    /// The topic in which the engine that runs the queries says that it is there, and the transactional id that only that one has.
    /// </summary>
    public const string Lease = Prefix + "lease";

    private const string QueryPrefix = Prefix + "query-";
    private const string RepartitionSuffix = "-repartition";
    private const string ChangelogSuffix = "-changelog";

    /// <summary>Configs of the catalog topic: it never expires.</summary>
    public static IReadOnlyDictionary<string, string> CatalogConfigs { get; } =
        new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = "-1", ["retention.bytes"] = "-1" };

    /// <summary>Configs of the lease topic: only the last word counts.</summary>
    public static IReadOnlyDictionary<string, string> LeaseConfigs { get; } =
        new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = "600000", ["segment.ms"] = "600000" };

    /// <summary>Configs of a changelog: the newest entry of each key is kept.</summary>
    public static IReadOnlyDictionary<string, string> ChangelogConfigs { get; } = new Dictionary<string, string>
        { ["cleanup.policy"] = "compact" };

    /// <summary>Configs of a repartition topic: it never expires by time; the engine removes what was read.</summary>
    public static IReadOnlyDictionary<string, string> RepartitionConfigs { get; } =
        new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = "-1", ["retention.bytes"] = "-1" };

    /// <summary>The topic behind a stage of a query.</summary>
    public static string Repartition(string queryId, int stage) => $"{QueryPrefix}{queryId}-{stage}{RepartitionSuffix}";

    /// <summary>The topic between the stages of a foreign-key join: subscriptions one way, answers the other.</summary>
    public static string ForeignKey(string queryId, string what) => $"{QueryPrefix}{queryId}-{what}{RepartitionSuffix}";

    /// <summary>The changelog of a state of a query.</summary>
    public static string Changelog(string queryId, string stateId) => $"{QueryPrefix}{queryId}-{stateId}{ChangelogSuffix}";

    /// <summary>The consumer group whose offsets say how far a query has read.</summary>
    public static string ConsumerGroup(string queryId) => QueryPrefix + queryId;

    /// <summary>Refuses to let the catalog's records be read or written as rows: they hold what passwords are checked with.</summary>
    /// <exception cref="SqlException">42501.</exception>
    public static void RefuseCatalog(string topic)
    {
        if (topic == Catalog)
            throw new SqlException(PostgresErrorCodes.InsufficientPrivilege, $"permission denied for topic {topic}",
                "It holds the catalog; SHOW and pg_catalog tell what is in it.");
    }

    /// <summary>Whether a topic belongs to some query.</summary>
    public static bool IsOfSomeQuery(string topic) =>
        topic.StartsWith(QueryPrefix, StringComparison.Ordinal)
        && (topic.EndsWith(RepartitionSuffix, StringComparison.Ordinal) || topic.EndsWith(ChangelogSuffix, StringComparison.Ordinal));

    /// <summary>Whether a topic belongs to a query.</summary>
    public static bool IsOfQuery(string topic, string queryId) => topic.StartsWith($"{QueryPrefix}{queryId}-", StringComparison.Ordinal);
}

using System.Globalization;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Operators;

namespace StreamSQL.Engine.Tasks;

/// <summary>The properties that decide how a query runs.</summary>
internal static class QueryProperties
{
    private const string Compatibility = "ksql.compat";
    private const string OffsetReset = "auto.offset.reset";
    private const string ThrowOnInvalidTime = "ksql.timestamp.throw.on.invalid";
    private const string CacheBytes = "ksql.streams.cache.max.bytes.buffering";

    /// <summary>What a bounded query may hold in memory.</summary>
    public const string QueryMemoryBytes = "streamsql.query.memory.bytes";

    /// <summary>What a bounded query of the session may hold in memory: what it set, and never more than the engine allows.</summary>
    /// <exception cref="SqlException">22023: it is no number of bytes.</exception>
    public static long MemoryBytes(IReadOnlyDictionary<string, string> properties, long limit)
    {
        if (!properties.TryGetValue(QueryMemoryBytes, out var text))
            return limit;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0
            ? Math.Min(bytes, limit)
            : throw new SqlException(PostgresErrorCodes.InvalidParameterValue,
                $"{QueryMemoryBytes} must be a positive number of bytes, not '{text}'");
    }

    /// <summary>Whether ksqlDB's answers are wanted also where they lose rows.</summary>
    public static bool IsCompatible(IReadOnlyDictionary<string, string> properties) =>
        properties.TryGetValue(Compatibility, out var value) && bool.TryParse(value, out var isOn) && isOn;

    /// <summary>Whether a record without a valid event time ends the query; else it is left out.</summary>
    public static bool FailsOnBadTime(IReadOnlyDictionary<string, string> properties) =>
        properties.TryGetValue(ThrowOnInvalidTime, out var value) && bool.TryParse(value, out var isOn) && isOn;

    /// <summary>
    /// Every change when compatibility is on or the cache is set to nothing (ksqlDB's own switch for it); else one per commit.
    /// </summary>
    public static EmissionMode Emission(IReadOnlyDictionary<string, string> properties) =>
        IsCompatible(properties) || properties.GetValueOrDefault(CacheBytes) == "0" ? EmissionMode.EveryChange : EmissionMode.PerCommit;

    /// <summary>Whether reading begins at the end of the topics; the default differs for persistent and push queries.</summary>
    public static bool BeginsAtLatest(IReadOnlyDictionary<string, string> properties, bool byDefault) =>
        properties.TryGetValue(OffsetReset, out var value) ? value.Equals("latest", StringComparison.OrdinalIgnoreCase) : byDefault;
}

using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.Sessions;

/// <summary>The properties that statements heed, with what holds where nobody has set them; SHOW PROPERTIES lists them.</summary>
internal static class PropertyDefaults
{
    /// <summary>The values by name; null where it depends on the statement or its formats what holds.</summary>
    private static readonly Dictionary<string, string?> s_values = new(StringComparer.Ordinal)
    {
        ["auto.offset.reset"] = null,
        ["ksql.assert.schema.default.timeout.ms"] = "1000",
        ["ksql.assert.topic.default.timeout.ms"] = "1000",
        ["ksql.compat"] = "false",
        ["ksql.functions.collect_list.limit"] = null,
        ["ksql.functions.collect_set.limit"] = null,
        ["ksql.new.query.planner.enabled"] = "false",
        ["ksql.output.topic.name.prefix"] = "",
        ["ksql.persistence.default.format.key"] = "KAFKA",
        ["ksql.persistence.default.format.value"] = null,
        ["ksql.persistence.wrap.single.values"] = null,
        ["ksql.query.pull.limit.clause.enabled"] = "true",
        ["ksql.query.pull.range.scan.enabled"] = "true",
        ["ksql.query.pull.table.scan.enabled"] = "true",
        ["ksql.streams.cache.max.bytes.buffering"] = null,
        ["ksql.timestamp.throw.on.invalid"] = "false",
        ["ksql.variable.substitution.enable"] = "true",
        [QueryProperties.QueryMemoryBytes] = null,
        [SessionSettings.Fetch] = "ready",
        [SessionSettings.LostRecords] = "error",
    };

    /// <summary>All properties of a session, sorted by name: what was set, and what holds of the others.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> With(IReadOnlyDictionary<string, string> set) =>
        s_values.Where(known => !set.ContainsKey(known.Key))
            .Concat(set.Select(static property => KeyValuePair.Create(property.Key, (string?)property.Value)))
            .OrderBy(static property => property.Key, StringComparer.Ordinal);
}

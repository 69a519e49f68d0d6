using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>The server as clients see it: databases, tablespaces, settings.</summary>
internal static class ServerRelations
{
    /// <summary>The one database.</summary>
    public const uint Database = 16_383;

    private static readonly string[] KeywordList =
    [
        "advance", "changes", "describe", "emit", "explain", "extended", "grace", "hopping", "partitions", "pause", "print",
        "properties", "queries",
        "resume", "retention", "sample", "session", "size", "stream", "streams", "struct", "tables", "terminate", "topic", "topics",
        "tumbling", "unset", "within",
    ];

    private const uint DefaultTablespace = 1663;
    private const uint GlobalTablespace = 1664;
    private const int Utf8 = 6;

    /// <summary>pg_database.</summary>
    public static void Databases(CatalogObjects objects, CatalogRows rows) => rows.Add(
        ("oid", (long)Database), ("datname", objects.Snapshot.DatabaseName), ("datdba", (long)CatalogObjects.Owner), ("encoding", Utf8),
        ("datlocprovider", "c"),
        ("datallowconn", true), ("datconnlimit", -1), ("dattablespace", (long)DefaultTablespace), ("datcollate", "C.UTF-8"),
        ("datctype", "C.UTF-8"));

    /// <summary>pg_tablespace.</summary>
    public static void Tablespaces(CatalogObjects objects, CatalogRows rows)
    {
        rows.Add(("oid", (long)DefaultTablespace), ("spcname", "pg_default"), ("spcowner", (long)CatalogObjects.Owner));
        rows.Add(("oid", (long)GlobalTablespace), ("spcname", "pg_global"), ("spcowner", (long)CatalogObjects.Owner));
    }

    /// <summary>pg_settings.</summary>
    public static void Settings(CatalogObjects objects, CatalogRows rows)
    {
        var definitions = SettingDefinition.All.ToDictionary(static definition => definition.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in objects.Snapshot.Settings)
        {
            var definition = definitions.GetValueOrDefault(name);
            rows.Add(
                ("name", name), ("setting", value), ("category", definition is null ? "Queries" : "Client Connection Defaults"),
                ("short_desc", definition?.Description ?? "A property of queries."),
                ("context", definition is { IsReadOnly: true } ? "internal" : "user"),
                ("vartype", "string"), ("source", definition?.Default == value ? "default" : "session"), ("boot_val", definition?.Default),
                ("reset_val", definition?.Default ?? value), ("enumvals", definition?.Values?.ToArray<object?>()),
                ("pending_restart", false));
        }
    }

    /// <summary>pg_get_keywords(): the words that the dialect adds to SQL's.</summary>
    public static void Keywords(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var word in KeywordList)
            rows.Add(("word", word), ("catcode", "U"), ("barelabel", true), ("catdesc", "unreserved"), ("baredesc", "can be bare label"));
    }

    /// <summary>pg_timezone_abbrevs.</summary>
    public static void TimeZoneAbbreviations(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (name, seconds, isSummer) in TimeZoneNames.All)
            rows.Add(("abbrev", name), ("utc_offset", Interval.FromMillis(seconds * 1000L)), ("is_dst", isSummer));
    }

    /// <summary>pg_timezone_names.</summary>
    public static void TimeZones(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones())
        {
            rows.Add(
                ("name", zone.Id), ("abbrev", zone.Id), ("utc_offset", Interval.FromMillis((long)zone.BaseUtcOffset.TotalMilliseconds)),
                ("is_dst", false));
        }
    }
}

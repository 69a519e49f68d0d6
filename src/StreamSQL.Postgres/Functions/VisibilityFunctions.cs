using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>Whether an object is found without its schema: everything but what lies in information_schema.</summary>
internal static class VisibilityFunctions
{
    public static IEnumerable<SessionSignature> Signatures { get; } =
    [
        new("PG_TABLE_IS_VISIBLE", SqlType.Boolean, [SqlType.Oid], static (objects, a) =>
            objects.NameOf((uint)(long)a[0]!) is { } name
                ? !name.StartsWith("information_schema.", StringComparison.Ordinal)
                    && !name.StartsWith("streamsql.", StringComparison.Ordinal)
                : null),
        .. new[]
        {
            "PG_TYPE_IS_VISIBLE", "PG_FUNCTION_IS_VISIBLE", "PG_OPERATOR_IS_VISIBLE", "PG_COLLATION_IS_VISIBLE", "PG_CONVERSION_IS_VISIBLE",
            "PG_OPCLASS_IS_VISIBLE", "PG_OPFAMILY_IS_VISIBLE", "PG_STATISTICS_OBJ_IS_VISIBLE", "PG_TS_CONFIG_IS_VISIBLE",
            "PG_TS_DICT_IS_VISIBLE",
            "PG_TS_PARSER_IS_VISIBLE", "PG_TS_TEMPLATE_IS_VISIBLE",
        }
        .Select(static name => new SessionSignature(name, SqlType.Boolean, [SqlType.Oid], static (_, _) => true)),
        new("PG_RELATION_IS_PUBLISHABLE", SqlType.Boolean, [SqlType.Oid], static (_, _) => false),
        new("PG_COLUMN_IS_UPDATABLE", SqlType.Boolean, [SqlType.Oid, SqlType.SmallInt, SqlType.Boolean], static (_, _) => false),
        new("PG_RELATION_IS_UPDATABLE", SqlType.Integer, [SqlType.Oid, SqlType.Boolean], static (objects, a) =>
            objects.Find((uint)(long)a[0]!) is { Definition.IsReadOnly: false } ? InsertBit : 0),
    ];

    /// <summary>INSERT's bit in what pg_relation_is_updatable gives.</summary>
    private const int InsertBit = 8;
}

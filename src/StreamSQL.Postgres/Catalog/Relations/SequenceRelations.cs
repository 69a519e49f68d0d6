using System.Globalization;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Catalog.Relations;

/// <summary>pg_sequence, pg_sequences and information_schema.sequences.</summary>
internal static class SequenceRelations
{
    /// <summary>pg_sequence.</summary>
    public static void Sequences(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (definition, oid, _) in objects.Sequences)
        {
            rows.Add(
                ("seqrelid", (long)oid), ("seqtypid", TypeOf(definition.Type)), ("seqstart", definition.Start),
                ("seqincrement", definition.Increment),
                ("seqmax", definition.Maximum), ("seqmin", definition.Minimum), ("seqcache", 1L), ("seqcycle", definition.Cycles));
        }
    }

    /// <summary>pg_sequences.</summary>
    public static void Listed(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (definition, _, name) in objects.Sequences)
        {
            rows.Add(
                ("schemaname", "public"), ("sequencename", name), ("sequenceowner", objects.Roles.Owner),
                ("data_type", TypeOf(definition.Type)),
                ("start_value", definition.Start), ("min_value", definition.Minimum), ("max_value", definition.Maximum),
                ("increment_by", definition.Increment), ("cycle", definition.Cycles), ("cache_size", 1L),
                ("last_value", objects.Snapshot.Sequences?.LastOf(definition.Name)));
        }
    }

    /// <summary>information_schema.sequences.</summary>
    public static void Standard(CatalogObjects objects, CatalogRows rows)
    {
        foreach (var (definition, _, name) in objects.Sequences)
        {
            rows.Add(
                ("sequence_catalog", objects.Snapshot.DatabaseName), ("sequence_schema", "public"), ("sequence_name", name),
                ("data_type", definition.Type),
                ("numeric_precision", definition.Type switch { "smallint" => 16, "integer" => 32, _ => 64 }),
                ("numeric_precision_radix", 2),
                ("numeric_scale", 0), ("start_value", Text(definition.Start)), ("minimum_value", Text(definition.Minimum)),
                ("maximum_value", Text(definition.Maximum)), ("increment", Text(definition.Increment)),
                ("cycle_option", definition.Cycles ? "YES" : "NO"));
        }
    }

    private static long TypeOf(string name) => PgTypes.ByName[name].Oid;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}

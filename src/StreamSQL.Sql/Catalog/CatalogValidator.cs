using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Catalog;

/// <summary>Says whether a change of the catalog may be made now, and what it affects.</summary>
public static class CatalogValidator
{
    /// <summary>Checks DROP STREAM or DROP TABLE.</summary>
    /// <returns>What is dropped, or null where it is not there and IF EXISTS was written.</returns>
    /// <exception cref="SqlException">42P01: it does not exist; 42809: it is of the other kind; 2BP01: queries read or write it.</exception>
    public static SourceDefinition? CheckDrop(CatalogImage catalog, DropSourceStatement drop)
    {
        var name = drop.Name.Last;
        var kind = drop.Kind == RelationKind.Stream ? "Stream" : "Table";
        if (!catalog.Sources.TryGetValue(name.Name, out var source) && !(name.IsQuoted && catalog.Sources.TryGetValue(name.Text.ToUpperInvariant(), out source)))
        {
            return drop.IfExists ? null : throw new SqlException(
                PostgresErrorCodes.UndefinedTable, $"{kind} {name.Name} does not exist.",
                NearestName.Find(name.Name, catalog.Sources.Keys) is { } nearest ? $"Did you mean {nearest}?" : null, drop.Name.Position);
        }

        if (source.Kind != drop.Kind)
        {
            var other = source.Kind.ToString().ToUpperInvariant();
            throw new SqlException(
                PostgresErrorCodes.WrongObjectType, $"Incompatible data source type is {other}, but statement was DROP {drop.Kind.ToString().ToUpperInvariant()}",
                $"Write DROP {other} {source.Name}.", drop.Name.Position);
        }

        RequireUnused(catalog, source, drop.Name.Position);
        return source;
    }

    /// <summary>The query that TERMINATE, PAUSE or RESUME means.</summary>
    /// <exception cref="SqlException">42704: there is none.</exception>
    public static QueryDefinition GetQuery(CatalogImage catalog, Identifier id) =>
        catalog.Queries.GetValueOrDefault(id.Name) ?? catalog.Queries.GetValueOrDefault(id.Text) ?? throw new SqlException(
            PostgresErrorCodes.UndefinedObject, $"Unknown queryId: {id.Text}",
            NearestName.Find(id.Name, catalog.Queries.Keys) is { } nearest ? $"Did you mean {nearest}?" : "SHOW QUERIES lists them.", id.Position);

    // The query that a CREATE ... AS made ends with its stream or table; all others must be gone first.
    private static void RequireUnused(CatalogImage catalog, SourceDefinition source, TextPosition position)
    {
        var readers = catalog.Queries.Values.Where(query => query.Sources.Contains(source.Name)).Select(static query => query.Id).ToList();
        var writers = catalog.Queries.Values.Where(query => query.Sink == source.Name && !query.OwnsSink).Select(static query => query.Id).ToList();
        if (readers.Count == 0 && writers.Count == 0)
            return;
        throw new SqlException(
            PostgresErrorCodes.DependentObjectsStillExist,
            $"Cannot drop {source.Name}. The following queries read from this source: [{string.Join(", ", readers)}]. The following queries write into this source: [{string.Join(", ", writers)}].",
            $"End them before dropping it: {string.Join(" ", readers.Concat(writers).Select(static id => $"TERMINATE {id};"))}", position);
    }
}

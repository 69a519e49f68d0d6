using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>Finds streams and tables by name: exactly, then folded to upper case, as clients that quote lower-case names expect.</summary>
internal static class SourceNames
{
    /// <summary>The catalog's name for an identifier; the folded name when there is none.</summary>
    public static string Resolve(CatalogImage image, Identifier name) =>
        image.Sources.ContainsKey(name.Name) ? name.Name : name.Name.ToUpperInvariant();

    /// <summary>The stream or table.</summary>
    /// <exception cref="SqlException">42P01: there is none.</exception>
    public static SourceDefinition Find(CatalogImage image, Identifier name) =>
        image.Sources.TryGetValue(Resolve(image, name), out var source) ? source : throw Unknown(image, name);

    /// <summary>The error of a DROP without an object.</summary>
    public static SqlException NothingToDrop(CatalogImage image, DropSourceStatement drop, QualifiedName dropped)
    {
        var name = Resolve(image, dropped.Last);
        if (image.Views.ContainsKey(dropped.Last.Name) || image.Views.ContainsKey(name))
        {
            return new SqlException(
                PostgresErrorCodes.WrongObjectType, $"\"{dropped.Last.Text}\" is not a {drop.Kind.ToString().ToLowerInvariant()}",
                "Use DROP VIEW to remove a view.",
                dropped.Position);
        }

        return new SqlException(
            PostgresErrorCodes.UndefinedTable, $"{drop.Kind} {name} does not exist", Hint(NearestName.Find(name, image.Sources.Keys)),
            dropped.Position);
    }

    private static string Hint(string? nearest) =>
        nearest is null ? "SHOW STREAMS and SHOW TABLES list what there is." : $"Did you mean {nearest}?";

    /// <summary>The error for a name that is not there, with the nearest one that is.</summary>
    public static SqlException Unknown(CatalogImage image, Identifier name)
    {
        var nearest = NearestName.Find(name.Name, image.Sources.Keys);
        return new SqlException(
            PostgresErrorCodes.UndefinedTable, $"relation \"{name.Text}\" does not exist",
            Hint(nearest), name.Position);
    }
}

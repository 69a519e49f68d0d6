using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Catalog;

/// <summary>Definitions of objects as SQL text.</summary>
internal static class ObjectDefinitions
{
    /// <summary>The columns of a table's key.</summary>
    public static string KeyColumns(CatalogSource source) =>
        string.Join(", ", source.Columns.Where(static column => column.IsKey).Select(static column => ClientName.Quote(column.Name)));

    /// <summary>The index over a table's key.</summary>
    public static string Index(CatalogSource source) =>
        $"CREATE UNIQUE INDEX {ClientName.Quote(source.IndexName)} ON public.{ClientName.Quote(source.Name)} USING btree (" +
            $"{KeyColumns(source)})";

    /// <summary>The primary key of a table.</summary>
    public static string PrimaryKey(CatalogSource source) => $"PRIMARY KEY ({KeyColumns(source)})";

    /// <summary>The query behind a materialized view: what stands after AS in its statement.</summary>
    public static string View(CatalogSource source)
    {
        var statement = source.Definition.Statement;
        try
        {
            return SqlParser.ParseStatement(statement) is CreateSourceStatement { Query: { } query }
                ? " " + statement[query.Position.Offset..].TrimEnd(';', ' ', '\n') + ";"
                : statement;
        }
        catch (SqlException)
        {
            return statement; // of a version whose grammar was wider: shown as it stands
        }
    }
}

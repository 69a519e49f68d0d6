using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Checks and resolves what CREATE TYPE names.</summary>
public static class NamedTypes
{
    /// <summary>Checks the name of a new type.</summary>
    /// <exception cref="SqlException">42710: a type of that name comes with the program.</exception>
    public static void Check(Identifier name)
    {
        if (TypeResolver.IsBuiltIn(name.Name))
            throw new SqlException(PostgresErrorCodes.DuplicateObject, $"{name.Name} is a built-in type", "Choose another name.",
                name.Position);
    }

    /// <summary>The type that the name is to mean.</summary>
    /// <exception cref="SqlException">42704: it names a type that does not exist; 0A000: a column cannot have it.</exception>
    public static SqlType Resolve(DataTypeSyntax type, CatalogImage catalog)
    {
        var resolved = TypeResolver.Resolve(type, catalog.Types);
        SourcePlanner.RequireStorable(resolved, type.Position);
        return resolved;
    }
}

using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>The names of what stands in one FROM: each may be there once. Those in a join under an alias are its own.</summary>
internal static class FromNames
{
    /// <summary>Checks the items of a FROM.</summary>
    /// <exception cref="SqlException">42712: two have the same name.</exception>
    public static void Check(IReadOnlyList<FromItem> items)
    {
        var names = new Dictionary<string, QualifiedName?>(StringComparer.Ordinal);
        foreach (var item in items)
            Add(item, names);
    }

    private static void Add(FromItem item, Dictionary<string, QualifiedName?> names)
    {
        switch (item)
        {
            case TableReference table:
                Add(table.Alias?.Name ?? table.Name.Last, table.Alias is null ? table.Name : null, names);
                break;
            case QueryReference { Alias: { } alias }:
                Add(alias.Name, null, names);
                break;
            case FunctionReference function:
                Add(function.Alias?.Name ?? function.Call.Name.Last, null, names);
                break;
            case JoinReference join:
                Add(join.Left, names);
                Add(join.Right, names);
                if (join.UsingAlias is { } merged)
                    Add(merged, null, names);
                break;
            case AliasedJoin aliased:
                Check([aliased.Join]);
                Add(aliased.Alias.Name, null, names);
                break;
        }
    }

    // Tables of one name in two schemas are told apart by these.
    private static void Add(Identifier name, QualifiedName? table, Dictionary<string, QualifiedName?> names)
    {
        if (names.TryAdd(name.Name, table))
            return;
        if (names[name.Name] is { } other && table is not null && other.ToString() != table.ToString())
            return;
        throw new SqlException(
            Npgsql.PostgresErrorCodes.DuplicateAlias, $"table name \"{DisplayName.Of(name.Name)}\" specified more than once",
            "Give one of them an alias.", name.Position);
    }
}

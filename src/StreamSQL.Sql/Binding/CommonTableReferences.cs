using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Whether a common table of WITH RECURSIVE reads itself; many are written RECURSIVE without need.</summary>
internal static class CommonTableReferences
{
    public static bool ToItself(CommonTable table) => table.Query is { } query && Reads(query.Body, table.Name.Name)
        && !query.CommonTables.Any(inner => inner.Name.Name == table.Name.Name);

    /// <summary>Whether a query has the name in a FROM.</summary>
    public static bool Reads(QueryBody body, string name) => body switch
    {
        SelectBody select => select.From.Any(item => Reads(item, name)),
        SetOperation set => Reads(set.Left, name) || Reads(set.Right, name),
        NestedQuery nested => Reads(nested.Query, name),
        _ => false,
    };

    // A name that the query's own WITH gives to another table hides it.
    private static bool Reads(Query query, string name) =>
        query.CommonTables.Any(table => table.Query is { } inner && Reads(inner, name))
        || (Reads(query.Body, name) && !query.CommonTables.Any(table => table.Name.Name == name));

    private static bool Reads(FromItem item, string name) => item switch
    {
        TableReference table => !table.Name.IsQualified && table.Name.Last.Name == name,
        QueryReference query => Reads(query.Query, name),
        JoinReference join => Reads(join.Left, name) || Reads(join.Right, name),
        AliasedJoin join => Reads(join.Join, name),
        _ => false,
    };
}

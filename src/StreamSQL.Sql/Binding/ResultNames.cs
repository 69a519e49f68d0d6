using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Names of a result's columns as clients see them: a quoted alias exactly, every other name as <see cref="DisplayName"/> shows it.
/// </summary>
internal static class ResultNames
{
    /// <summary>The names for the columns of a query's plan; under <c>ksql.compat</c> as they are.</summary>
    public static IReadOnlyList<string> Of(Query query, PlanSchema schema, BindingContext context)
    {
        if (context.IsCompatible)
            return [.. schema.Columns.Select(static column => column.Name)];
        var quoted = new HashSet<string>(StringComparer.Ordinal);
        Collect(query, quoted);
        return [.. schema.Columns.Select(column => quoted.Contains(column.Name) ? column.Name : DisplayName.Of(column.Name))];
    }

    // Stars take over the names of the queries below.
    private static void Collect(Query query, HashSet<string> quoted)
    {
        foreach (var inner in query.CommonTables.Select(static table => table.Query).OfType<Query>())
            Collect(inner, quoted);
        Collect(query.Body, quoted);
    }

    private static void Collect(QueryBody body, HashSet<string> quoted)
    {
        switch (body)
        {
            case NestedQuery nested:
                Collect(nested.Query, quoted);
                break;
            case SetOperation operation:
                Collect(operation.Left, quoted);
                break;
            case SelectBody select:
                foreach (var item in select.Items)
                {
                    if (item is ExpressionItem { Alias: { IsQuoted: true } alias })
                        quoted.Add(alias.Text);
                }

                foreach (var from in select.From)
                    Collect(from, quoted);
                break;
        }
    }

    private static void Collect(FromItem from, HashSet<string> quoted)
    {
        switch (from)
        {
            case QueryReference reference:
                Collect(reference.Query, quoted);
                break;
            case JoinReference join:
                Collect(join.Left, quoted);
                Collect(join.Right, quoted);
                break;
            case AliasedJoin join:
                Collect(join.Join, quoted);
                break;
        }
    }
}

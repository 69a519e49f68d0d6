using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// CREATE MATERIALIZED VIEW: a continuous query as CREATE TABLE or STREAM ... AS SELECT makes one,
/// whose columns have the names that PostgreSQL would give them.
/// </summary>
internal static class MaterializedViews
{
    /// <summary>The query with a name for each of its columns.</summary>
    /// <exception cref="SqlException">42601: there are more names than columns, or stars hide how many there are.</exception>
    public static Query Name(Query query, MaterializedViewNames names)
    {
        if (query.Body is not SelectBody select)
            return query;
        if (names.Columns.Count > 0 && select.Items.OfType<ExpressionItem>().Count() < select.Items.Count)
            throw BindingErrors.NotSupported("the columns of a star are not named", names.Columns[0].Position,
                "Name the columns in the SELECT.");
        if (names.Columns.Count > select.Items.Count)
            throw BindingErrors.Syntax("too many column names were specified", names.Columns[select.Items.Count].Position);
        return query with { Body = select with { Items = [
            .. select.Items.Select((item, i) => Named(item, i < names.Columns.Count ? names.Columns[i] : null))] } };
    }

    // A column keeps its name, by which later clauses know it.
    private static SelectItem Named(SelectItem item, Identifier? name) => item switch
    {
        ExpressionItem single when name is not null => single with { Alias = name },
        ExpressionItem { Alias: null, Expression: not ColumnReference } single =>
            single with { Alias = new Identifier(PostgresColumnNames.Of(single.Expression), true, single.Position) },
        _ => item,
    };
}

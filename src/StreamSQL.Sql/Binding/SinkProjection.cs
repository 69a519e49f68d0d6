using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// The last projection of a persistent query: every key column exactly once and first, then the window, then the values as selected.
/// </summary>
internal static class SinkProjection
{
    private static readonly string[] Reserved = ["ROWTIME", "ROWPARTITION", "ROWOFFSET", "WINDOWSTART", "WINDOWEND"];

    /// <summary>Projects a query for its target.</summary>
    /// <param name="select">The query.</param>
    /// <param name="sink">The target's name.</param>
    /// <param name="position">Where the statement begins.</param>
    /// <param name="keysAsSelected">Whether key columns come in the order of the select list and not in that of the source.</param>
    public static LogicalProject Project(ContinuousSelect select, string sink, TextPosition position, bool keysAsSelected)
    {
        var input = select.Plan.Schema;
        CheckNames(select.Items, isJoin: select.Sources.Count > 1);
        var keys = Enumerable.Range(0, input.Columns.Count).Where(i => input.Columns[i].Role == ColumnRole.Key)
            .Select(i => (Item: KeyItem(i, select, sink, position), Index: i)).ToList();
        if (keysAsSelected)
            keys = [.. keys.OrderBy(key => select.Items.TakeWhile(item => !ReferenceEquals(item, key.Item)).Count())];
        var values = select.Items.Except(keys.Select(static key => key.Item)).ToList();
        if (values.Count == 0)
            throw BindingErrors.Syntax("The projection contains no value columns.", position,
                "AS_VALUE(column) copies a key column into the value.");

        var expressions = new List<BoundExpression>();
        var columns = new List<PlanColumn>();
        foreach (var (item, index) in keys)
        {
            expressions.Add(new BoundColumn(index, input.Columns[index].Name, input.Columns[index].Type));
            columns.Add(new PlanColumn(item.Name, input.Columns[index].Type, ColumnRole.Key));
        }

        for (var i = 0; i < input.Columns.Count; i++)
        {
            if (input.Columns[i].Role is not (ColumnRole.WindowStart or ColumnRole.WindowEnd))
                continue;
            expressions.Add(new BoundColumn(i, input.Columns[i].Name, input.Columns[i].Type));
            columns.Add(input.Columns[i]);
        }

        expressions.AddRange(values.Select(static item => item.Expression));
        columns.AddRange(values.Select(static item => new PlanColumn(item.Name, item.Expression.Type, ColumnRole.Value)));
        return new LogicalProject(select.Plan, expressions, new PlanSchema(columns, input.Kind, input.Window));
    }

    private static void CheckNames(IReadOnlyList<BoundItem> items, bool isJoin)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (Reserved.Contains(item.Name) && !item.IsKeyOfStar)
            {
                throw BindingErrors.Syntax(
                    item.HasAlias && !isJoin
                        ? $"`{item.Name}` is a reserved column name. You cannot use it as an alias for a column."
                        : $"Reserved column name in select: `{item.Name}`. Please remove or alias the column.",
                    item.Position);
            }

            if (!seen.Add(item.Name))
                throw new SqlException(PostgresErrorCodes.DuplicateColumn, $"Duplicate column name in select: `{item.Name}`",
                    "Give each column a name of its own.", item.Position);
        }
    }

    /// <summary>The item that shows a key column: the column itself, or the first of its aliases that is selected.</summary>
    private static BoundItem KeyItem(int index, ContinuousSelect select, string sink, TextPosition position)
    {
        var aliases = select.KeyAliases.Where(alias => alias.Key == index && alias.Expression is BoundColumn).ToList();
        foreach (var column in aliases.Select(static alias => ((BoundColumn)alias.Expression).Index).Prepend(index))
        {
            var items = select.Items.Where(item => item.Expression is BoundColumn reference && reference.Index == column).ToList();
            if (items.Count == 1)
                return items[0];
            if (items.Count > 1)
                throw Repeated(items, aliases, select);
        }

        throw Missing(index, aliases, select, sink, position);
    }

    private static SqlException Repeated(List<BoundItem> items, List<KeyAlias> aliases, ContinuousSelect select)
    {
        // A joined row has each column under its source's name.
        var key = aliases.Find(alias => BoundExpressionComparer.AreSame(alias.Expression, items[0].Expression))?.Text.Replace('.', '_')
            ?? items[0].Name;
        var names = items.Select(static item => item.Name).Order(StringComparer.Ordinal);
        var message = select.KeyClause == ContinuousPlanner.GroupingKeys
            ? $"The projection contains a key column more than once: {string.Join(" and ", names.Select(static name => $"`{name}`"))}."
            : $"The projection contains a key column (`{key}`) more than once, aliased as: {string.Join(" and ", names)}.";
        return BindingErrors.Syntax(message, items[1].Position, "AS_VALUE(column) copies a key column into the value.");
    }

    private static SqlException Missing(int index, List<KeyAlias> aliases, ContinuousSelect select, string sink, TextPosition position)
    {
        var column = select.Plan.Schema.Columns[index];
        if (select.ForeignKeyOwner is { } owner)
        {
            var missing = Enumerable.Range(0, select.Plan.Schema.KeyCount)
                .Where(key => !select.Items.Any(item => item.Expression is BoundColumn reference
                    && select.KeyAliases.Any(alias => alias.Key == key && BoundExpressionComparer.AreSame(alias.Expression, reference))))
                .Select(key => $"`{select.Plan.Schema.Columns[key].Name}`").ToList();
            return BindingErrors.Syntax(
                $"Primary key column{(missing.Count > 1 ? "s" : "")} missing in projection. For foreign-key table-table joins, the " +
                "projection must include all primary key columns "
                + $"from the left input table (`{owner}`). Missing column{(missing.Count > 1 ? "s" : "")}: {string.Join(", ", missing)}.",
                position);
        }

        if (aliases.Count == 0 && select.KeyClause != "join expression")
            return Missing(select, sink, position);
        string[] names = aliases.Count > 0 ? [.. aliases.Select(static alias => alias.Text)] : [column.Name];
        var isSynthetic = aliases.Count == 0;
        return BindingErrors.Syntax(
            $"Key missing from projection (ie, SELECT). The query used to build `{sink}` must include the {select.KeyClause}" +
            $"{(names.Length > 1 ? "s" : "")} "
            + $"{string.Join(" or ", names)} in its projection (eg, SELECT {names[0]}...)."
            + (isSynthetic
                ? $"\n{column.Name} was added as a synthetic key column because the join criteria did not match any source column. "
                  + "This expression must be included in the projection and may be aliased."
                : ""),
            position);
    }

    private static SqlException Missing(ContinuousSelect select, string sink, TextPosition position)
    {
        var keys = select.KeyTexts ?? [.. select.Plan.Schema.Columns.Where(static column => column.Role == ColumnRole.Key)
            .Select(static column => column.Name)];
        return BindingErrors.Syntax(
            $"Key missing from projection (ie, SELECT). The query used to build `{sink}` must include the {select.KeyClause}" +
            $"{(keys.Count > 1 ? "s" : "")} {BindingErrors.Enumerate(keys)}"
            + $" in its projection (eg, SELECT {string.Join(", ", keys)}...).", position);
    }
}

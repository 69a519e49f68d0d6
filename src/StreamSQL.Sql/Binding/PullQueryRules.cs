using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// What ksqlDB's pull queries cannot do, refused under <c>ksql.compat</c> in its words; and the properties that switch LIMIT and table
/// scans off, which hold always. Queries of system relations are not meant.
/// </summary>
internal sealed class PullQueryRules(BindingContext context)
{
    private const string LimitEnabled = "ksql.query.pull.limit.clause.enabled";
    private const string TableScanEnabled = "ksql.query.pull.table.scan.enabled";
    private const string PushHint = "Add EMIT CHANGES if you intended to issue a push query.";

    /// <exception cref="SqlException">0A000, 42601 or 55000: the query is refused.</exception>
    public void Check(Query query)
    {
        if (query.Body is not SelectBody select || SourceOf(select) is not { } source)
            return;
        if (query.Limit is { } limit && IsOff(LimitEnabled))
        {
            throw BindingErrors.SwitchedOff(
                $"LIMIT clause in pull queries is currently disabled. You can enable them by setting {LimitEnabled}=true.",
                limit.Position, PushHint);
        }

        if (context.IsCompatible && query.Limit is { } count)
            RequireNumber(count);
        if (context.IsCompatible)
            CheckCompatible(query, select, source);
        if (source.Kind == RelationKind.Table && IsOff(TableScanEnabled))
            new PullKeyRules(source, IsOff("ksql.query.pull.range.scan.enabled")).Check(select);
    }

    /// <summary>Checks that LIMIT is a number, all that ksqlDB's grammar takes there.</summary>
    /// <exception cref="SqlException">42601: it is something else.</exception>
    public static void RequireNumber(Expression limit)
    {
        if (limit is not (NumberLiteral { Kind: NumberKind.Integer } or ParameterExpression))
        {
            throw BindingErrors.Syntax(
                $"line {limit.Position.Line}:{limit.Position.Column}: Syntax Error: LIMIT takes a number", limit.Position,
                "Without ksql.compat it takes any expression.");
        }
    }

    private bool IsOff(string property) =>
        context.Planning.Properties.TryGetValue(property, out var value) && value.Equals("false", StringComparison.OrdinalIgnoreCase);

    // The only source, or the first of a join.
    private SourceDefinition? SourceOf(SelectBody select) => select.From.Count > 0 ? SourceOf(select.From[0]) : null;

    private SourceDefinition? SourceOf(FromItem item) => item switch
    {
        TableReference table => CatalogRelations.Find(table.Name, context),
        JoinReference join => SourceOf(join.Left),
        _ => null,
    };

    private static void CheckCompatible(Query query, SelectBody select, SourceDefinition source)
    {
        if (select.From is [JoinReference join])
            throw Refuse("JOIN clauses", join.Position);
        if (select.Window is { } window)
            throw Refuse("WINDOW clauses", window.Position);
        if (select.GroupBy.Count > 0)
            throw Refuse("GROUP BY clauses", select.GroupBy[0].Position);
        if (select.PartitionBy.Count > 0)
            throw Refuse("PARTITION BY clauses", select.PartitionBy[0].Position);
        if (select.Having is { } having)
            throw Refuse("HAVING clauses", having.Position);
        if (query.OrderBy.Count > 0)
        {
            var position = query.OrderBy[0].Position;
            throw BindingErrors.Syntax(
                $"line {position.Line}:{position.Column}: Syntax Error: ORDER BY is not in ksqlDB's dialect", position,
                "Without ksql.compat it is supported.");
        }

        CheckPseudoColumns("WHERE", select.Where is null ? [] : [select.Where]);
        CheckPseudoColumns("SELECT", select.Items.OfType<ExpressionItem>().Select(static item => item.Expression));
        if (source is { Kind: RelationKind.Table, QueryId: null, IsReadOnly: false } && !HasDuplicates(select))
        {
            throw BindingErrors.NotSupported(
                $"The `{source.Name}` table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_" +
                    $"{source.Name} AS SELECT * FROM {source.Name}'.",
                select.From[0].Position);
        }

        if (select.Where is { } where)
            CheckKeys(where, source);
    }

    private static bool HasDuplicates(SelectBody select) =>
        select.Items.OfType<ExpressionItem>().Select(static item => item.Expression).OfType<ColumnReference>()
            .GroupBy(static c => c.Name.Last.Name).Any(static g => g.Count() > 1);

    private static SqlException Refuse(string what, TextPosition position) =>
        BindingErrors.NotSupported($"Pull queries don't support {what}.", position, PushHint);

    private static void CheckPseudoColumns(string clause, IEnumerable<Expression> expressions)
    {
        var found = expressions.SelectMany(ExpressionParts.Of).OfType<ColumnReference>()
            .Where(static column => column.Name.Last is { IsQuoted: false, Name: "ROWPARTITION" or "ROWOFFSET" }).ToList();
        if (found.Count > 0)
        {
            throw BindingErrors.NotSupported(
                $"Pull queries don't support the following columns in {clause} clauses: " +
                    $"{string.Join(", ", found.Select(static column => $"`{column.Name.Last.Name}`").Distinct())}",
                found[0].Position);
        }
    }

    // Items of IN over a key are keys.
    private static void CheckKeys(Expression where, SourceDefinition source)
    {
        foreach (var list in ExpressionParts.Of(where).OfType<InListExpression>())
        {
            if (list.Operand is not ColumnReference reference
                || source.Columns.FirstOrDefault(c => c.IsKey && c.Name == reference.Name.Last.Name) is not { } key)
                continue;
            foreach (var item in list.Items)
            {
                if (item is NullLiteral)
                    throw BindingErrors.Mismatch($"Primary key columns can not be NULL: ({ExpressionText.Print(list.Operand)} = null)",
                        item.Position);
                if (item is StringLiteral && key.Type.IsNumeric)
                {
                    throw BindingErrors.Mismatch(
                        $"{ExpressionText.Print(item)} can not be converted to the type of the key column: {key.Name} " +
                            $"{BindingErrors.Name(key.Type)} KEY", item.Position);
                }
            }
        }
    }

    /// <summary>Refuses a result whose columns cannot be told apart.</summary>
    /// <exception cref="SqlException">42701: two columns have one name.</exception>
    public void CheckColumns(PlanSchema schema)
    {
        var duplicates = schema.Columns.GroupBy(static column => column.Name).Where(static group => group.Count() > 1)
            .Select(static group => group.First()).ToList();
        if (context.IsCompatible && duplicates.Count > 0)
        {
            throw new SqlException(
                PostgresErrorCodes.DuplicateColumn,
                "Duplicate value columns found in schema: " +
                    $"{string.Join(", ", duplicates.Select(static column => $"`{column.Name}` {BindingErrors.Name(column.Type)}"))}",
                "Give each column a name of its own.");
        }
    }
}

using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>A continuous SELECT before its final projection.</summary>
/// <param name="Plan">The rows, keyed as the result is.</param>
/// <param name="Items">The select list over it.</param>
/// <param name="Sources">The streams and tables that it reads.</param>
/// <param name="KeyAliases">What is as good as a key column, in the order of preference.</param>
/// <param name="KeyFormat">The format that the result's key inherits.</param>
/// <param name="KeyClause">What made the key, for errors: "key column", "grouping expression", ...</param>
internal sealed record ContinuousSelect(
    LogicalPlan Plan, IReadOnlyList<BoundItem> Items, IReadOnlyList<SourceDefinition> Sources, IReadOnlyList<KeyAlias> KeyAliases,
    FormatSpec KeyFormat,
    string KeyClause)
{
    /// <summary>Whether PARTITION BY made the key.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>The left table of a foreign-key join that gives the result its key; else null.</summary>
    public string? ForeignKeyOwner { get; init; }

    /// <summary>The keys as they were written, for errors; null where they are columns of a source.</summary>
    public IReadOnlyList<string>? KeyTexts { get; init; }
}

/// <summary>Plans continuous SELECTs: what CREATE ... AS, INSERT INTO ... SELECT and push queries have in common.</summary>
internal sealed class ContinuousPlanner(BindingContext context)
{
    /// <summary>What makes the key of groups, for errors.</summary>
    public const string GroupingKeys = "grouping expression";

    // Window bounds of the aggregation can be named in the select list before they have a place: these indexes stand for them.
    private const int WindowStartMark = -1;
    private const int WindowEndMark = -2;

    /// <summary>The kind of the statement that the query stands in, for errors.</summary>
    public string Statement { get; init; } = "SELECT";

    /// <summary>Plans a push query: its columns are the result's, in order.</summary>
    public LogicalPlan PlanPush(Query query)
    {
        var select = Plan(query, isPersistent: false);
        var columns = select.Items.Select(static item => new PlanColumn(item.Name, item.Expression.Type, ColumnRole.Value)).ToArray();
        LogicalPlan plan = new LogicalProject(select.Plan, [.. select.Items.Select(static item => item.Expression)],
            new PlanSchema(columns, select.Plan.Schema.Kind));
        if (query.Limit is not { } limit)
            return plan;
        if (context.IsCompatible)
            PullQueryRules.RequireNumber(limit);
        var count = new ExpressionBinder(context, Scope.Empty, null) { Clause = "LIMIT" }.Bind(limit);
        return new LogicalLimit(plan, Coercion.To(count, SqlType.BigInt, context, limit.Position), null);
    }

    /// <summary>Plans all but the final projection.</summary>
    public ContinuousSelect Plan(Query query, bool isPersistent)
    {
        var select = RequireContinuous(query, isPersistent);
        var from = new ContinuousFrom(context).Plan(select.From, query);
        var plan = from.Plan;
        if (isPersistent && plan.Schema is { Kind: RelationKind.Table, Window: not null })
            throw BindingErrors.NotSupported("KSQL does not support persistent queries on windowed tables.", select.From[0].Position,
                "Query the stream that it is made from.");
        if (!isPersistent && IsScalable(select, plan))
            plan = WithKeys(plan);
        if (select.Where is { } where)
            plan = new LogicalFilter(plan, new ExpressionBinder(context, from.Scope, null) { Clause = "WHERE" }.BindCondition(where));
        if (select.PartitionBy.Count > 0)
            return PartitionBy(select, plan, from, isPersistent);

        var aggregates = new AggregateCollector();
        var scope = select.Window is null ? from.Scope : WithWindowBounds(from.Scope, context.IsCompatible);
        var rows = new TableCallCollector();
        var binder = new ExpressionBinder(context, scope, null) { Aggregates = aggregates, TableCalls = rows };
        var items = SelectItems.Bind(select.Items, binder, scope, context, new KsqlColumnNames(from.Scope, !isPersistent));
        items = Settle(items, isPersistent);
        CheckTableCalls(rows, plan, select, aggregates);
        if (select.GroupBy.Count > 0 || (aggregates.Calls.Count > 0 && !isPersistent))
            return GroupBy(query, select, plan, from, items, aggregates);

        if (aggregates.Calls.Count > 0)
        {
            throw BindingErrors.Grouping(
                $"{Statement} statement does not support aggregate function [{string.Join(", ", aggregates.Calls.Select(Describe))}] " +
                    "without a GROUP BY clause.",
                select.Position, "Add GROUP BY.");
        }

        if (select.Window is { } window)
            throw BindingErrors.Syntax("WINDOW clause requires a GROUP BY clause.", window.Position);
        if (select.Having is { } having)
            throw BindingErrors.Grouping("HAVING needs a GROUP BY clause.", having.Position, "Use WHERE for conditions on rows.");
        if (query.Emit == EmitKind.Final)
            throw BindingErrors.NotSupported("EMIT FINAL is only supported for windowed aggregations.", query.EmitPosition);
        (plan, items) = rows.Expand(plan, items);
        return new ContinuousSelect(plan, items, from.Sources, from.KeyAliases, from.KeyFormat,
            from.Sources.Count > 1 ? "join expression" : "key column")
        {
            ForeignKeyOwner = from.ForeignKeyOwner,
        };
    }

    // To ksqlDB, COUNT(*) counts the times of rows.
    private static string Describe(AggregateCall call) => call.Arguments.Count == 0
        ? $"{call.Name}(ROWTIME)"
        : $"{call.Name}({string.Join(", ", call.Arguments.Select(static argument =>
            argument is BoundColumn column ? column.Name : ExpressionPrinter.Print(argument)))})";

    // ksqlDB runs a SELECT of the latest rows of a result inside the query that makes them, where records without a key are not routed.
    private bool IsScalable(SelectBody select, LogicalPlan plan) =>
        context.IsCompatible && plan is LogicalScan { Source: { Kind: RelationKind.Stream, QueryId: not null } } && plan.Schema.KeyCount > 0
        && select is { GroupBy.Count: 0, PartitionBy.Count: 0, Window: null }
        && context.Planning.Properties.GetValueOrDefault("auto.offset.reset", "latest")
            .Equals("latest", StringComparison.OrdinalIgnoreCase);

    private static LogicalFilter WithKeys(LogicalPlan plan)
    {
        BoundExpression[] keys = [.. plan.Schema.Columns.Take(plan.Schema.KeyCount)
            .Select(static (key, i) => new BoundIsNull(new BoundColumn(i, key.Name, key.Type), Negated: true))];
        return new LogicalFilter(plan, keys.Length == 1 ? keys[0] : new BoundLogical(false, keys));
    }

    private static void CheckTableCalls(TableCallCollector rows, LogicalPlan plan, SelectBody select, AggregateCollector aggregates)
    {
        if (rows.IsEmpty)
            return;
        if (select.GroupBy.Count > 0 || aggregates.Calls.Count > 0)
        {
            throw BindingErrors.Grouping(
                "Table functions cannot be used with aggregations.", rows.Position,
                "Write their rows to a stream of its own and group that.");
        }

        if (plan.Schema.Kind == RelationKind.Table)
            throw BindingErrors.Syntax("Table source is not supported with table functions", rows.Position,
                "They give several rows of one key, which is a row's identity in a table.");
    }

    private static SelectBody RequireContinuous(Query query, bool isPersistent)
    {
        const string InBounded = "In a SELECT without EMIT CHANGES it is.";
        if (query.CommonTables.Count > 0)
            throw BindingErrors.NotSupported("WITH is not supported in a continuous query", query.CommonTables[0].Position, InBounded);
        if (query.OrderBy.Count > 0)
            throw BindingErrors.NotSupported("ORDER BY is not supported in a continuous query", query.OrderBy[0].Position, InBounded);
        if (query.Offset is { } offset)
            throw BindingErrors.NotSupported("OFFSET is not supported in a continuous query", offset.Position, InBounded);
        if (isPersistent && query.Limit is { } limit)
            throw BindingErrors.NotSupported("LIMIT is not supported in a persistent query", limit.Position);
        if (isPersistent && (query.EmitOptions.Count > 0 || query.AsOf is not null))
            throw BindingErrors.NotSupported("WITH and AS OF behind EMIT are for push queries", query.EmitPosition,
                "Set 'auto.offset.reset' to say where a persistent query begins.");
        if (query.Body is not SelectBody select)
            throw BindingErrors.NotSupported("VALUES and set operations are not supported in a continuous query",
                query.Body.Position, InBounded);
        if (select.Items.Count == 0)
            throw BindingErrors.Syntax("a continuous query selects one column at least", select.Position,
                "Write * or expressions behind SELECT.");
        if (select.IsDistinct || select.DistinctOn.Count > 0)
            throw BindingErrors.NotSupported("DISTINCT is not supported in a continuous query", select.Position, "Use GROUP BY.");
        return select;
    }

    private ContinuousSelect PartitionBy(SelectBody select, LogicalPlan plan, ContinuousRelation from, bool isPersistent)
    {
        if (plan.Schema.Kind != RelationKind.Stream)
            throw BindingErrors.NotSupported("PARTITION BY is only supported on streams: the key of a table is its identity.",
                select.PartitionBy[0].Position);
        if (select.GroupBy.Count > 0)
            throw BindingErrors.NotSupported("PARTITION BY and GROUP BY do not go together", select.PartitionBy[0].Position);
        var binder = new ExpressionBinder(context, from.Scope, null) { Clause = "PARTITION BY" };
        Expression[] written = select.PartitionBy is [NullLiteral]
            ? [] : [.. select.PartitionBy.SelectMany(static e => e is RowExpression row ? row.Elements : [e])];
        BoundExpression[] keys = [.. written.Select(e => binder.Known(binder.Bind(e), e.Position))];
        var keyed = Rekeying.By(plan, from.Scope, keys, FieldNames(written, from.Scope), out var shift);
        var added = ReferenceEquals(keyed, plan) ? 0 : keys.Length;
        var scope = new Scope(shift(from.Scope.Columns), null) { HasPseudoColumns = true };
        var (names, namesBefore) = (new KsqlColumnNames(scope, !isPersistent), new KsqlColumnNames(from.Scope, !isPersistent));
        var rewriter = new KeyedRewriter(keys, 0, column => column.Index + added);
        var rows = new TableCallCollector();
        var items = new List<BoundItem>();
        foreach (var item in select.Items)
        {
            // Expressions are bound before re-keying, so that one can be a key itself; a star is
            // expanded after it, where the keys come first.
            if (item is ExpressionItem)
            {
                items.AddRange(SelectItems.Bind([item], new ExpressionBinder(context, from.Scope, null) { TableCalls = rows }, from.Scope,
                    context, namesBefore)
                    .Select(bound => bound with
                    {
                        Expression = IndexOfConstant(keys, bound) is var key and >= 0
                            ? new BoundColumn(key, bound.Name, bound.Expression.Type)
                            : rewriter.Rewrite(bound.Expression),
                    }));
                continue;
            }

            for (var i = 0; i < added; i++)
            {
                if (keys[i] is not BoundColumn && keyed.Schema.Columns[i] is var key)
                    items.Add(new BoundItem(new BoundColumn(i, key.Name, key.Type), key.Name, item.Position) { IsKeyOfStar = true });
            }

            var shown = context.IsCompatible && added > 0
                && item is StarItem { Qualifier: null } ? WithPseudoColumns(from, shift, scope) : scope;
            items.AddRange(SelectItems.Bind([item], binder, shown, context, names));
        }

        (keyed, items) = rows.Expand(keyed, Settle(items, isPersistent), rewriter.Rewrite);
        return new ContinuousSelect(keyed, items, from.Sources, [], from.KeyFormat, "partitioning expression")
        {
            IsPartitioned = true,
            KeyTexts = [.. written.Select(
                e => Sql.Text.ExpressionText.Print(e, from.Scope.HasSeveralRelations ? null : from.Scope.Relations.FirstOrDefault()))],
        };
    }

    /// <summary>
    /// What a star over joined streams stands for in ksqlDB where it has to partition them anew: all columns that its join has, source by
    /// source, those that give time and place too. The key of a source that was partitioned by another
    /// column for the join stands behind them.
    /// </summary>
    private static Scope WithPseudoColumns(ContinuousRelation from, Func<IReadOnlyList<ScopeColumn>, IReadOnlyList<ScopeColumn>> shift,
        Scope scope)
    {
        bool IsJoined(ScopeColumn column) => from.KeyAliases.Any(alias => alias.Expression is BoundColumn key && key.Index == column.Index);
        var columns = from.Scope.Relations.SelectMany((relation, i) => from.Scope.Columns
            .Where(column => column.Relation == relation)
            .OrderBy(column => from.Sources[i].Columns.Any(known => known.IsKey && known.Name == column.Name) && !IsJoined(column) ? 1 : 0)
            .Select(static column => column with { IsPseudo = false }));
        return new Scope(shift([.. columns]), null) { HasPseudoColumns = scope.HasPseudoColumns };
    }

    /// <summary>By expression: the name of the field that it is, as a key is named by it; null for others.</summary>
    private static string?[] FieldNames(IReadOnlyList<Expression> written, Scope scope)
    {
        var names = new KsqlColumnNames(scope, showsWindow: false);
        return [.. written.Select(e => e is FieldAccess field ? names.OfField(field) : null)];
    }

    private ContinuousSelect GroupBy(Query query, SelectBody select, LogicalPlan plan, ContinuousRelation from, List<BoundItem> items,
        AggregateCollector aggregates)
    {
        RequireGroupable(from.Sources, select);
        var keys = GroupKeys(select, from.Scope);
        var window = select.Window is { } written ? WindowChecks.Check(written, plan.Schema) : null;
        if (query.Emit == EmitKind.Final && window is null)
            throw BindingErrors.NotSupported("EMIT FINAL is only supported for windowed aggregations.", query.EmitPosition);
        var having = select.Having is null ? null
            : new ExpressionBinder(context, select.Window is null ? from.Scope : WithWindowBounds(from.Scope, context.IsCompatible), null)
            { Aggregates = aggregates, Clause = "HAVING" }.BindCondition(select.Having);
        CheckAggregates(aggregates, plan.Schema, select, from.Sources[0]);

        var columns = keys.Select((key, i) => new PlanColumn(key is BoundColumn column ? column.Name : $"KSQL_COL_{i}", key.Type,
            ColumnRole.Key)).ToList();
        if (window is not null)
            columns.AddRange(CatalogRelations.WindowBounds);
        var first = columns.Count;
        columns.AddRange(aggregates.Calls.Select(
            static (call, i) => new PlanColumn($"KSQL_AGG_{i}", call.Binding.ResultType, ColumnRole.Value)));
        LogicalPlan grouped = new LogicalAggregate(
            plan, keys, aggregates.Calls, window, query.Emit == EmitKind.Final, new PlanSchema(columns, RelationKind.Table, window));

        BoundExpression Move(BoundExpression expression, TextPosition position) =>
            new KeyedRewriter(keys, first, column => column.Index switch
            {
                WindowStartMark => keys.Count,
                WindowEndMark => keys.Count + 1,
                _ => throw BindingErrors.Grouping(
                    $"Non-aggregate {(having is not null && ReferenceEquals(expression, having) ? "HAVING" : "SELECT")} expression(s) " +
                        $"not part of GROUP BY: {column.Name}\nEither add the column(s) to the GROUP BY or remove them from the SELECT.",
                        position),
            }).Rewrite(expression);

        RequireGrouped(items, keys, first);

        // A constant is a group only where all of an item is that constant.
        BoundExpression MoveItem(BoundItem item) => IndexOfConstant(keys, item) is var key and >= 0
            ? new BoundColumn(key, item.Name, item.Expression.Type)
            : Move(item.Expression, item.Position);

        if (having is not null)
            grouped = new LogicalFilter(grouped, Move(having, select.Having!.Position));
        BoundItem[] moved = [.. items.Select(item => item with { Expression = MoveItem(item) })];
        return new ContinuousSelect(grouped, moved, from.Sources, [], from.KeyFormat, GroupingKeys)
        {
            KeyTexts = [.. select.GroupBy.OfType<GroupingSet>().SelectMany(static set => set.Expressions)
                .Select(static e => Sql.Text.ExpressionText.Print(e))],
        };
    }

    // Ours can; ksqlDB's own cannot.
    private void RequireGroupable(IReadOnlyList<SourceDefinition> sources, SelectBody select)
    {
        var names = sources.Where(static source => source.ValueFormat.Name == "KAFKA").Select(static source => source.Name).ToList();
        if (context.IsCompatible && names.Count > 0)
            throw BindingErrors.NotSupported(
                $"Source(s) {string.Join(", ", names)} are using the 'KAFKA' value format. This format does not yet support GROUP BY.",
                select.Position);
    }

    /// <summary>All items that are neither group keys nor made of them and of aggregates are told together.</summary>
    private static void RequireGrouped(List<BoundItem> items, List<BoundExpression> keys, int first)
    {
        var ungrouped = new List<BoundItem>();
        foreach (var item in items)
        {
            var isGrouped = true;
            new KeyedRewriter(keys, first, column =>
            {
                isGrouped &= column.Index is WindowStartMark or WindowEndMark;
                return 0;
            }).Rewrite(item.Expression);
            if (!isGrouped && !keys.Any(key => key is BoundLiteral && BoundExpressionComparer.AreSame(key, item.Expression)))
                ungrouped.Add(item);
        }

        if (ungrouped.Count > 0)
        {
            throw BindingErrors.Grouping(
                $"Non-aggregate SELECT expression(s) not part of GROUP BY: {string.Join(", ", ungrouped.Select(static item => item.Text))}"
                + "\nEither add the column(s) to the GROUP BY or remove them from the SELECT.", ungrouped[0].Position);
        }
    }

    private static int IndexOfConstant(IReadOnlyList<BoundExpression> keys, BoundItem item)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i] is BoundLiteral && BoundExpressionComparer.AreSame(keys[i], item.Expression))
                return i;
        }

        return -1;
    }

    private List<BoundExpression> GroupKeys(SelectBody select, Scope scope)
    {
        var binder = new ExpressionBinder(context, scope, null) { Clause = "GROUP BY" };
        var keys = new List<BoundExpression>();
        foreach (var element in select.GroupBy)
        {
            if (element is not GroupingSet set || set.Expressions.Count == 0)
                throw BindingErrors.NotSupported("GROUPING SETS, ROLLUP and CUBE are not supported in a continuous query",
                    element.Position);
            foreach (var expression in set.Expressions)
            {
                var key = binder.Known(binder.Bind(expression), expression.Position);
                if (keys.Any(known => BoundExpressionComparer.AreSame(known, key)))
                    throw BindingErrors.Grouping($"Duplicate GROUP BY expression: {Sql.Text.ExpressionText.Print(expression)}",
                        expression.Position);
                keys.Add(key);
            }
        }

        return keys;
    }

    private void CheckAggregates(AggregateCollector aggregates, PlanSchema input, SelectBody select, SourceDefinition source)
    {
        foreach (var call in aggregates.Calls)
        {
            // ksqlDB keeps states in the format of the source.
            if (context.IsCompatible && !call.Binding.IsPlain && source.ValueFormat.Name == "DELIMITED")
            {
                throw BindingErrors.NotSupported(
                    "One of the functions used in the statement has an intermediate type that the value format can not handle. "
                    + $"Please remove the function or change the format. Function: {call.Name}", select.Position);
            }

            if (call.Distinct || call.Filter is not null)
                throw BindingErrors.NotSupported($"DISTINCT and FILTER of {call.Name} are not supported in a continuous query",
                    select.Position, "Use COUNT_DISTINCT, or CASE in the argument.");
            var marks = call.Arguments.SelectMany(static argument => Optimizer.ColumnUse.Of(argument).Columns)
                .Where(static index => index < 0).ToList();
            if (marks.Count > 0)
                throw BindingErrors.Grouping(
                    BindingErrors.WindowBoundsOutsideSelect(marks[0] == WindowStartMark ? "WINDOWSTART" : "WINDOWEND"), select.Position);
        }

        var names = aggregates.Calls.Where(call => input.Kind == RelationKind.Table && !call.Binding.CanRetract)
            .Select(static call => call.Name).Distinct().ToList();
        if (names.Count > 0)
        {
            throw BindingErrors.NotSupported(
                $"The aggregation function{(names.Count > 1 ? "s" : "")} {BindingErrors.Enumerate(names)} cannot be applied to a table " +
                    "source, only to a stream source.",
                select.Position, "A table's old rows have to be taken back, which it cannot.");
        }
    }

    // ksqlDB does not know them over a join.
    private static Scope WithWindowBounds(Scope scope, bool isCompatible)
    {
        var relation = scope.HasSeveralRelations ? null : scope.Relations.FirstOrDefault();
        return scope.Columns.Any(static c => c.Role == ColumnRole.WindowStart) || (isCompatible && relation is null)
            ? scope
            : new Scope(
            [
                .. scope.Columns,
                new ScopeColumn(relation, "WINDOWSTART", WindowStartMark, SqlType.BigInt, ColumnRole.WindowStart),
                new ScopeColumn(relation, "WINDOWEND", WindowEndMark, SqlType.BigInt, ColumnRole.WindowEnd),
            ], null) { HasPseudoColumns = scope.HasPseudoColumns, TimeRelation = scope.TimeRelation };
    }

    // A bare NULL has no type: a stored column needs one, elsewhere it is text.
    private List<BoundItem> Settle(List<BoundItem> items, bool isPersistent) =>
        [.. items.Select(item => (item.Expression.Type.Kind, isPersistent) switch
        {
            (SqlTypeKind.Unknown, true) => throw BindingErrors.Mismatch(
                "Can't infer a type of null. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).", item.Position),
            (SqlTypeKind.Unknown, false) =>
                item with { Expression = Coercion.To(item.Expression, SqlType.Varchar, context, item.Position) },
            _ => item,
        })];
}

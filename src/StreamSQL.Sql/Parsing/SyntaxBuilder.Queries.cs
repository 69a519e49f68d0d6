using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

internal sealed partial class SyntaxBuilder
{
    private Query Query(StreamSqlParser.QueryContext rule)
    {
        Descend(rule);
        var query = new Query(QueryExpression(rule.queryExpression()), SourceText.PositionOf(rule))
        {
            With = With(rule.withClause()),
        };
        foreach (var tail in rule.queryTail())
            query = Tail(query, tail);
        if (rule.queryTail().OfType<StreamSqlParser.LockTailContext>().FirstOrDefault() is { } locks)
            RequireLockable(query, locks);
        _depth--;
        return query;
    }

    private WithClause With(StreamSqlParser.WithClauseContext? rule) =>
        rule is null ? WithClause.None : new([.. rule.commonTable().Select(CommonTable)], rule.RECURSIVE() is not null);

    private CommonTable CommonTable(StreamSqlParser.CommonTableContext rule) =>
        new(Identifier(rule.name), Identifiers(rule.identifier().Skip(1)), rule.query() is { } query ? Query(query) : null,
            SourceText.PositionOf(rule))
        {
            Write = Write(rule),
            IsMaterialized = rule.MATERIALIZED() is null ? null : rule.NOT() is null,
            Search = rule.searchClause() is { } search ? Search(search) : null,
            Cycle = rule.cycleClause() is { } cycle ? Cycle(cycle) : null,
        };

    private Statement? Write(StreamSqlParser.CommonTableContext rule)
    {
        if (rule.query() is not null)
            return null;
        Descend(rule);
        Statement write = rule.insertStatement() is { } insert ? Insert(insert) : rule.updateStatement() is { } update
            ? Update(update) : Delete(rule.deleteStatement());
        _depth--;
        return write;
    }

    private static SearchClause Search(StreamSqlParser.SearchClauseContext rule) => new(
        rule.BREADTH() is not null, Identifiers(rule.identifier().SkipLast(1)), Identifier(rule.order), SourceText.PositionOf(rule));

    private CycleClause Cycle(StreamSqlParser.CycleClauseContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return new CycleClause(
            Identifiers(rule.identifier().SkipLast(2)), Identifier(rule.mark), Optional(rule.value) ?? new BooleanLiteral(true, position),
            Optional(rule.otherwise) ?? new BooleanLiteral(false, position), Identifier(rule.path), position);
    }

    private Query Tail(Query query, StreamSqlParser.QueryTailContext rule)
    {
        switch (rule)
        {
            case StreamSqlParser.OrderByTailContext order:
                RequireOnce(query.OrderBy.Count > 0, "ORDER BY", rule);
                return query with { OrderBy = SortItems(order.sortItem()) };
            case StreamSqlParser.LimitTailContext limit:
                RequireOnce(query.Limit is not null, "LIMIT", rule);
                return query with { Limit = Optional(limit.expression()) };
            case StreamSqlParser.FetchTailContext fetch:
                RequireOnce(query.Limit is not null, "LIMIT", rule);
                return query with { Limit = FetchCount(fetch), IsWithTies = fetch.TIES() is not null };
            case StreamSqlParser.OffsetTailContext offset:
                RequireOnce(query.Offset is not null, "OFFSET", rule);
                return query with { Offset = Expression(offset.expression()) };
            case StreamSqlParser.EmitTailContext emit:
                RequireOnce(query.Emit != EmitKind.None, "EMIT", rule);
                return query with
                {
                    Emit = emit.CHANGES() is not null ? EmitKind.Changes : EmitKind.Final,
                    EmitPosition = SourceText.PositionOf(rule),
                    EmitOptions = Properties(emit.withProperties()),
                    AsOf = Optional(emit.expression()),
                };
            default:
                // FOR UPDATE and its kin lock rows; a bounded SELECT reads one committed state and holds no locks.
                return query;
        }
    }

    /// <exception cref="SqlException">0A000: the query's rows are no rows of a table; 42601: options that exclude each other.</exception>
    private static void RequireLockable(Query query, StreamSqlParser.LockTailContext rule)
    {
        string[] words = [.. rule.children.Skip(1)
            .TakeWhile(static word => word.GetText().ToUpperInvariant() is "UPDATE" or "SHARE" or "NO" or "KEY")
            .Select(static word => word.GetText())];
        var name = "FOR " + string.Join(' ', words).ToUpperInvariant();
        if (query.IsWithTies && rule.SKIP_() is not null)
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.SyntaxError, "SKIP LOCKED and WITH TIES options cannot be used together",
                position: SourceText.PositionOf(rule));
        }

        var refused = query.Body switch
        {
            SetOperation => "is not allowed with UNION/INTERSECT/EXCEPT",
            ValuesBody => "cannot be applied to VALUES",
            SelectBody { IsDistinct: true } or SelectBody { DistinctOn.Count: > 0 } => "is not allowed with DISTINCT clause",
            SelectBody { GroupBy.Count: > 0 } => "is not allowed with GROUP BY clause",
            SelectBody { Having: not null } => "is not allowed with HAVING clause",
            _ => null,
        };
        if (refused is not null)
            throw SyntaxErrors.NotSupported($"{name} {refused}", SourceText.PositionOf(rule));
    }

    private Expression FetchCount(StreamSqlParser.FetchTailContext rule)
    {
        if (rule.expression() is { } expression)
            return Expression(expression);
        var position = SourceText.PositionOf(rule);
        return new NumberLiteral(rule.count?.Text ?? "1", NumberKind.Integer, position);
    }

    private static void RequireOnce(bool seen, string clause, StreamSqlParser.QueryTailContext rule)
    {
        if (seen)
            throw SyntaxErrors.At($"multiple {clause} clauses are not allowed", SourceText.PositionOf(rule));
    }

    private IReadOnlyList<SortItem> SortItems(IEnumerable<StreamSqlParser.SortItemContext> rules) => [.. rules.Select(SortItem)];

    private SortItem SortItem(StreamSqlParser.SortItemContext rule) => new(
        Expression(rule.expression()), rule.DESC() is not null || (rule.sortOperator() is { } by && IsDescending(by)),
        rule.NULLS() is null ? null : rule.FIRST() is not null, SourceText.PositionOf(rule));

    /// <exception cref="SqlException">42809: the operator gives no order.</exception>
    private static bool IsDescending(StreamSqlParser.SortOperatorContext rule)
    {
        var symbol = rule.operatorSymbol() is { } named ? named.GetText() : rule.comparisonOperator().GetText();
        return symbol switch
        {
            "<" => false,
            ">" => true,
            _ => throw new SqlException(
                Npgsql.PostgresErrorCodes.WrongObjectType, $"operator {symbol} is not a valid ordering operator",
                "Write USING < or USING >.",
                SourceText.PositionOf(rule)),
        };
    }

    private QueryBody QueryExpression(StreamSqlParser.QueryExpressionContext rule)
    {
        var body = QueryTerm(rule.queryTerm(0));
        var operators = rule.setOperator();
        for (var i = 0; i < operators.Length; i++)
        {
            Descend(operators[i]);
            var kind = operators[i].UNION() is not null ? SetOperationKind.Union : SetOperationKind.Except;
            body = new SetOperation(body, QueryTerm(rule.queryTerm(i + 1)), kind, operators[i].ALL() is not null,
                SourceText.PositionOf(operators[i]));
        }

        _depth -= operators.Length;
        return body;
    }

    private QueryBody QueryTerm(StreamSqlParser.QueryTermContext rule)
    {
        var body = QueryPrimary(rule.queryPrimary(0));
        var operators = rule.intersectOperator();
        for (var i = 0; i < operators.Length; i++)
        {
            Descend(operators[i]);
            body = new SetOperation(
                body, QueryPrimary(rule.queryPrimary(i + 1)), SetOperationKind.Intersect, operators[i].ALL() is not null,
                SourceText.PositionOf(operators[i]));
        }

        _depth -= operators.Length;
        return body;
    }

    private QueryBody QueryPrimary(StreamSqlParser.QueryPrimaryContext rule) => rule switch
    {
        StreamSqlParser.SelectPrimaryContext select => Select(select.select()),
        StreamSqlParser.ValuesPrimaryContext values =>
            new ValuesBody([.. values.valuesRow().Select(ValuesRow)], SourceText.PositionOf(rule)),
        StreamSqlParser.TablePrimaryQueryContext table => WholeTable(QualifiedName(table.qualifiedName()), SourceText.PositionOf(rule)),
        StreamSqlParser.ParenthesisedQueryContext nested => new NestedQuery(Query(nested.query())),
        _ => throw new InvalidOperationException($"unknown query syntax {rule.GetType().Name}"),
    };

    private IReadOnlyList<Expression?> ValuesRow(StreamSqlParser.ValuesRowContext rule) => 
        [.. rule.valuesItem().Select(item => item.rowItem() is { } row ? RowItem(row) : null)];

    private static SelectBody WholeTable(QualifiedName name, TextPosition position) =>
        new([new StarItem(null, position)], position) { From = [new TableReference(name, null, name.Position)] };

    private SelectBody Select(StreamSqlParser.SelectContext rule)
    {
        var distinctOn = rule.ON() is null ? [] : rule.expression()
            .Take(rule.expression().Length - rule._partition.Count - (rule.having is null ? 0 : 1));
        return new SelectBody(SelectItems(rule.selectItem()), SourceText.PositionOf(rule))
        {
            IsDistinct = rule.DISTINCT() is not null && rule.ON() is null,
            DistinctOn = Expressions(distinctOn),
            From = FromItems(rule.fromItem()),
            Window = rule.streamWindow() is { } window ? StreamWindow(window) : null,
            Where = Where(rule.whereClause()),
            GroupBy = rule.groupBy() is { } group ? [.. group.groupingElement().Select(Grouping)] : [],
            IsGroupByDistinct = rule.groupBy()?.DISTINCT() is not null,
            PartitionBy = Expressions(rule._partition),
            Having = Optional(rule.having),
            NamedWindows = [.. rule.namedWindow()
                .Select(w => new NamedWindow(Identifier(w.identifier()), WindowDefinition(w.windowDefinition()),
                    SourceText.PositionOf(w)))],
        };
    }

    private IReadOnlyList<SelectItem> SelectItems(IEnumerable<StreamSqlParser.SelectItemContext> rules) => [.. rules.Select(SelectItem)];

    private SelectItem SelectItem(StreamSqlParser.SelectItemContext rule)
    {
        var position = SourceText.PositionOf(rule);
        if (rule is not StreamSqlParser.ExpressionItemContext item)
            return new StarItem(rule is StreamSqlParser.ParenthesisedStarContext row ? QualifiedName(row.qualifiedName()) : null, position);
        var expression = Expression(item.expression());
        if (item.STAR() is not null)
            return item.DOT() is not null && expression is ColumnReference { Name: var qualifier } ? new StarItem(qualifier, position)
                : new FieldsItem(expression, position);
        var alias = item.columnLabel() is { } label ? Identifier(label) : item.bareAlias() is { } bare ? Identifier(bare) : null;
        return new ExpressionItem(expression, alias, position);
    }

    private GroupingElement Grouping(StreamSqlParser.GroupingElementContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return rule switch
        {
            StreamSqlParser.GroupingSetsContext sets => new GroupingSets([.. sets.groupingElement().Select(Grouping)], position),
            StreamSqlParser.RollupContext rollup => new GroupingShorthand(false, [.. rollup.expression().Select(GroupingSet)], position),
            StreamSqlParser.CubeContext cube => new GroupingShorthand(true, [.. cube.expression().Select(GroupingSet)], position),
            StreamSqlParser.EmptyGroupingContext => new GroupingSet([], position),
            StreamSqlParser.GroupingExpressionContext single => GroupingSet(single.expression()),
            _ => throw new InvalidOperationException($"unknown grouping syntax {rule.GetType().Name}"),
        };
    }

    private GroupingSet GroupingSet(StreamSqlParser.ExpressionContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return Expression(rule) switch
        {
            RowExpression row => new GroupingSet(row.Elements, position),
            var expression => new GroupingSet([expression], position),
        };
    }

    private IReadOnlyList<FromItem> FromItems(IEnumerable<StreamSqlParser.FromItemContext> rules) => [.. rules.Select(FromItem)];

    private FromItem FromItem(StreamSqlParser.FromItemContext rule) => Joined(rule.tablePrimary(), rule.joinSuffix());

    private FromItem Joined(StreamSqlParser.TablePrimaryContext first, StreamSqlParser.JoinSuffixContext[] joins)
    {
        var item = TablePrimary(first);
        foreach (var join in joins)
        {
            Descend(join);
            item = Join(item, join);
        }

        _depth -= joins.Length;
        return item;
    }

    private FromItem Join(FromItem left, StreamSqlParser.JoinSuffixContext rule)
    {
        var position = SourceText.PositionOf(rule);
        var type = rule.joinType();
        var kind = type is null || type.INNER() is not null ? JoinKind.Inner
            : type.LEFT() is not null ? JoinKind.Left
            : type.RIGHT() is not null ? JoinKind.Right
            : JoinKind.Full;
        var join = new JoinReference(left, Joined(rule.tablePrimary(), rule.joinSuffix()), kind, position)
        {
            IsCross = rule.CROSS() is not null,
            IsNatural = rule.NATURAL() is not null,
            On = Optional(rule.expression()),
            Using = rule.USING() is null ? [] : Identifiers(rule.identifier()),
            UsingAlias = rule.bareAlias() is { } alias ? Identifier(alias) : null,
            Within = rule.joinWindow() is { } window ? JoinWindow(window) : null,
        };
        if (!join.IsCross && !join.IsNatural && rule.ON() is null && rule.USING() is null)
            throw SyntaxErrors.At("JOIN needs ON or USING", position, "Write JOIN ... ON condition, or CROSS JOIN for every combination.");
        return join;
    }

    private static JoinWindow JoinWindow(StreamSqlParser.JoinWindowContext rule)
    {
        var before = Duration(rule.before ?? rule.size).Milliseconds;
        var after = rule.after is null ? before : Duration(rule.after).Milliseconds;
        return new JoinWindow(before, after, rule.grace is null ? null : Duration(rule.grace).Milliseconds);
    }

    private FromItem TablePrimary(StreamSqlParser.TablePrimaryContext rule)
    {
        var position = SourceText.PositionOf(rule);
        switch (rule)
        {
            case StreamSqlParser.NamedTableContext table:
                return new TableReference(QualifiedName(table.qualifiedName()), Alias(table.tableAlias()), position)
                {
                    Sample = table.sample() is { } sample ? Sample(sample) : null,
                };
            case StreamSqlParser.FunctionsTableContext several:
                FunctionCall[] calls = [.. several.functionCall().Select(Call)];
                return new FunctionReference(calls[0], several.LATERAL() is not null, several.ORDINALITY() is not null,
                    Alias(several.tableAlias()), [], position) { More = calls[1..] };
            case StreamSqlParser.QueryTableContext query:
                return new QueryReference(Query(query.query()), query.LATERAL() is not null, Alias(query.tableAlias()), position);
            case StreamSqlParser.FunctionTableContext function:
                return FunctionTable(function, position);
            case StreamSqlParser.ParenthesisedTableContext nested:
                Descend(rule);
                var item = FromItem(nested.fromItem());
                _depth--;
                return Alias(nested.tableAlias()) is { } alias ? new AliasedJoin(item, alias, position) : item;
            default:
                throw new InvalidOperationException($"unknown table syntax {rule.GetType().Name}");
        }
    }

    private TableSample Sample(StreamSqlParser.SampleContext rule)
    {
        var arguments = Expressions(rule.expression());
        var seed = rule.REPEATABLE() is null ? null : arguments[^1];
        return new TableSample(QualifiedName(rule.method), seed is null ? arguments : [.. arguments.SkipLast(1)], seed,
            SourceText.PositionOf(rule));
    }

    private FunctionReference FunctionTable(StreamSqlParser.FunctionTableContext rule, TextPosition position)
    {
        var alias = rule.functionAlias();
        return new FunctionReference(
            Call(rule.functionCall()), rule.LATERAL() is not null, rule.ORDINALITY() is not null,
            alias?.bareAlias() is { } name ? new TableAlias(Identifier(name), [], SourceText.PositionOf(name)) : Alias(alias?.tableAlias()),
            alias is null ? [] : [.. alias.columnDefinition().Select(ColumnDefinition)], position);
    }

    private ColumnDefinition ColumnDefinition(StreamSqlParser.ColumnDefinitionContext rule) =>
        new(Identifier(rule.identifier()), DataType(rule.dataType()), SourceText.PositionOf(rule));

    private static TableAlias? Alias(StreamSqlParser.TableAliasContext? rule)
    {
        if (rule is null)
            return null;
        var names = rule.identifier();
        return rule.bareAlias() is { } bare
            ? new TableAlias(Identifier(bare), Identifiers(names), SourceText.PositionOf(rule))
            : new TableAlias(Identifier(names[0]), Identifiers(names.Skip(1)), SourceText.PositionOf(rule));
    }

    private static WindowSyntax StreamWindow(StreamSqlParser.StreamWindowContext rule)
    {
        var spec = rule switch
        {
            StreamSqlParser.TumblingWindowContext tumbling =>
                Window(WindowKind.Tumbling, tumbling.size, tumbling.size, tumbling.windowOption()),
            StreamSqlParser.HoppingWindowContext hopping =>
                Window(WindowKind.Hopping, hopping.size, hopping.advance, hopping.windowOption()),
            StreamSqlParser.SessionWindowContext session => Window(WindowKind.Session, session.gap, session.gap, session.windowOption()),
            _ => throw new InvalidOperationException($"unknown window syntax {rule.GetType().Name}"),
        };
        return new WindowSyntax(spec, SourceText.PositionOf(rule));
    }

    private static WindowSpec Window(
        WindowKind kind, StreamSqlParser.DurationContext size, StreamSqlParser.DurationContext advance,
        StreamSqlParser.WindowOptionContext[] options)
    {
        long? grace = null;
        long? retention = null;
        foreach (var option in options)
        {
            if (option is StreamSqlParser.GraceOptionContext graceOption)
                grace = Duration(graceOption.duration()).Milliseconds;
            else
                retention = Duration(((StreamSqlParser.RetentionOptionContext)option).duration()).Milliseconds;
        }

        return new WindowSpec(kind, Duration(size).Milliseconds, Duration(advance).Milliseconds, grace, retention);
    }

    private WindowDefinition WindowDefinition(StreamSqlParser.WindowDefinitionContext rule)
    {
        // An empty definition has no token of its own: its closing parenthesis stands for it.
        var position = SourceText.PositionOf(rule);
        return new WindowDefinition(
            rule.basis is null ? null : Identifier(rule.basis), Expressions(rule._partition), SortItems(rule.sortItem()),
            rule.windowFrame() is { } frame ? Frame(frame) : null, position);
    }

    private WindowFrame Frame(StreamSqlParser.WindowFrameContext rule)
    {
        var unit = rule.ROWS() is not null ? FrameUnit.Rows : rule.RANGE() is not null ? FrameUnit.Range : FrameUnit.Groups;
        var bounds = rule.frameBound();
        var exclusion = rule.EXCLUDE() is null || rule.OTHERS() is not null ? FrameExclusion.None
            : rule.CURRENT() is not null ? FrameExclusion.CurrentRow
            : rule.GROUP() is not null ? FrameExclusion.Group
            : FrameExclusion.Ties;
        return new WindowFrame(unit, Bound(bounds[0]), bounds.Length > 1 ? Bound(bounds[1]) : null, exclusion, SourceText.PositionOf(rule));
    }

    private FrameBound Bound(StreamSqlParser.FrameBoundContext rule) =>
        new(rule.PRECEDING() is not null, rule.FOLLOWING() is not null, Optional(rule.expression()), SourceText.PositionOf(rule));
}

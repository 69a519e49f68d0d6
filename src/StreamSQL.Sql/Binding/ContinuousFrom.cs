using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>FROM of a continuous query, planned.</summary>
/// <param name="Plan">Its plan.</param>
/// <param name="Scope">What can be named.</param>
/// <param name="Sources">The streams and tables that it reads; the first one is what a sink inherits from.</param>
/// <param name="KeyAliases">What stands for the key that a join has made; none where there is no join.</param>
/// <param name="KeyFormat">The key's format, for a sink to inherit.</param>
internal sealed record ContinuousRelation(
    LogicalPlan Plan, Scope Scope, IReadOnlyList<SourceDefinition> Sources, IReadOnlyList<KeyAlias> KeyAliases, FormatSpec KeyFormat)
{
    /// <summary>The left table of a foreign-key join that gives the result its key; else null.</summary>
    public string? ForeignKeyOwner { get; init; }
}

/// <summary>Plans FROM of a continuous query: one source, or sources joined from left to right.</summary>
internal sealed class ContinuousFrom(BindingContext context)
{
    public ContinuousRelation Plan(IReadOnlyList<FromItem> items, Query query)
    {
        if (items.Count == 0)
            throw BindingErrors.NotSupported("a continuous query needs FROM", query.Position, "Leave out EMIT CHANGES.");
        return items.Count == 1
            ? Plan(items[0])
            : throw BindingErrors.NotSupported("several sources in FROM are not supported in a continuous query", items[1].Position,
                "Use JOIN ... ON.");
    }

    private ContinuousRelation Plan(FromItem item) => item switch
    {
        TableReference { Sample: { } sample } => throw BindingErrors.NotSupported(
            "TABLESAMPLE needs a bounded query", sample.Position, "WHERE random() < 0.01 keeps about one row of a hundred."),
        TableReference table => Source(table),
        JoinReference join => Join(join, Plan(join.Left), Plan(join.Right)),
        _ => throw BindingErrors.Syntax(
            "sub-queries and functions in FROM are not supported in a continuous query", item.Position,
            "Write the inner query to a stream of its own: CREATE STREAM ... AS SELECT. A table function stands in the select list."),
    };

    private ContinuousRelation Join(JoinReference join, ContinuousRelation left, ContinuousRelation right)
    {
        var areStreams = left.Plan.Schema.Kind == RelationKind.Stream && right.Plan.Schema.Kind == RelationKind.Stream;
        return areStreams
            ? new ContinuousJoin(context, join).Plan(WithPseudoColumns(left), WithPseudoColumns(right))
            : new ContinuousJoin(context, join).Plan(left, right);
    }

    /// <summary>
    /// A source with its pseudo columns as columns, since a joined row has a time and place of its own.
    /// Where nobody names them, they are not there in the end.
    /// </summary>
    private static ContinuousRelation WithPseudoColumns(ContinuousRelation relation)
    {
        if (relation.Plan is not LogicalScan scan)
            return relation;
        var (count, name) = (scan.Schema.Columns.Count, relation.Scope.Relations.First());
        PlanColumn[] pseudo =
        [
            new("ROWTIME", SqlType.BigInt, ColumnRole.Value), new("ROWPARTITION", SqlType.Integer, ColumnRole.Value),
            new("ROWOFFSET", SqlType.BigInt, ColumnRole.Value),
        ];
        BoundExpression[] expressions =
        [
            .. scan.Schema.Columns.Select(static (column, i) => new BoundColumn(i, column.Name, column.Type)),
            new BoundPseudoColumn(PseudoColumn.RowTime), new BoundPseudoColumn(PseudoColumn.RowPartition),
            new BoundPseudoColumn(PseudoColumn.RowOffset),
        ];
        var scope = new Scope(
            [
                .. relation.Scope.Columns,
                .. pseudo.Select((column, i) => new ScopeColumn(name, column.Name, count + i, column.Type, ColumnRole.Value)
                    { IsPseudo = true }),
            ], null) { HasPseudoColumns = true, TimeRelation = relation.Scope.TimeRelation };
        var plan = new LogicalProject(scan, expressions, scan.Schema with { Columns = [.. scan.Schema.Columns, .. pseudo] });
        return relation with { Plan = plan, Scope = scope };
    }

    private ContinuousRelation Source(TableReference table)
    {
        var source = CatalogRelations.Get(table.Name, context);
        LogicalPlan plan = CatalogRelations.Scan(source, ScanMode.Continuous);
        if (table.Alias is { Columns.Count: > 0 } alias)
            throw BindingErrors.NotSupported("names for columns of a source are not supported in a continuous query", alias.Position,
                "Rename them in the select list.");
        var columns = Scope.Of(plan, table.Alias?.Name.Name ?? source.Name).Columns;
        return new ContinuousRelation(
            plan, new Scope(columns, null) { HasPseudoColumns = true, TimeRelation = columns[0].Relation }, [source], [], source.KeyFormat);
    }
}

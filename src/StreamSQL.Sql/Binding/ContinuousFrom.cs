using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>FROM of a continuous query, planned.</summary>
/// <param name="Plan">Its plan.</param>
/// <param name="Scope">What can be named.</param>
/// <param name="Sources">The streams and tables that it reads; the first one is what a sink inherits from.</param>
/// <param name="KeyEquals">Columns whose values are those of a key column, by their index: the right side of a join's condition.</param>
internal sealed record ContinuousRelation(LogicalPlan Plan, Scope Scope, IReadOnlyList<SourceDefinition> Sources, IReadOnlyDictionary<int, int> KeyEquals);

/// <summary>Plans FROM of a continuous query: one source, or a stream with the tables it is joined to.</summary>
internal sealed class ContinuousFrom(BindingContext context)
{
    private static readonly Dictionary<int, int> NoEquals = [];

    public ContinuousRelation Plan(IReadOnlyList<FromItem> items, Query query)
    {
        if (items.Count == 0)
            throw BindingErrors.NotSupported("a continuous query needs FROM", query.Position, "Leave out EMIT CHANGES.");
        return items.Count == 1
            ? Plan(items[0])
            : throw BindingErrors.NotSupported("several sources in FROM are not supported in a continuous query", items[1].Position, "Use JOIN ... ON.");
    }

    private ContinuousRelation Plan(FromItem item) => item switch
    {
        TableReference table => Source(table),
        JoinReference join => Join(join),
        _ => throw BindingErrors.NotSupported(
            "sub-queries and functions in FROM are not supported in a continuous query", item.Position, "Write the inner query to a stream of its own: CREATE STREAM ... AS SELECT."),
    };

    private ContinuousRelation Source(TableReference table)
    {
        var source = CatalogRelations.Get(table.Name, context);
        LogicalPlan plan = CatalogRelations.Scan(source, ScanMode.Continuous);
        if (table.Alias is { Columns.Count: > 0 } alias)
            throw BindingErrors.NotSupported("names for columns of a source are not supported in a continuous query", alias.Position, "Rename them in the select list.");
        var columns = Scope.Of(plan, table.Alias?.Name.Name ?? source.Name).Columns;
        return new ContinuousRelation(plan, new Scope(columns, null) { HasPseudoColumns = true, TimeRelation = columns[0].Relation }, [source], NoEquals);
    }

    private ContinuousRelation Join(JoinReference join)
    {
        if (join.On is not { } on)
            throw BindingErrors.NotSupported("a join in a continuous query needs ON", join.Position);
        var left = Plan(join.Left);
        var right = Plan(join.Right);
        Check(join, left, right);

        var leftCount = left.Plan.Schema.Columns.Count;
        var scope = new Scope([.. left.Scope.Columns, .. right.Scope.Columns.Select(c => c with { Index = c.Index + leftCount })], null) { HasPseudoColumns = true };
        var bound = new ExpressionBinder(context, scope, null) { Clause = "JOIN ON" }.BindCondition(on);
        var condition = JoinCondition.Of(bound, leftCount);
        if (condition.LeftKeys.Count == 0 || condition.Residual is not null)
        {
            throw condition.LeftKeys.Count == 0
                ? BindingErrors.NotSupported("Invalid comparison expression in join: each side of the join comparison must contain references from exactly one source.", on.Position)
                : BindingErrors.NotSupported("Invalid join condition: joins on multiple conditions are not yet supported.", on.Position, "Move what is not the join's equality to WHERE.");
        }

        if (!IsPrimaryKey(condition.RightKeys, right.Plan.Schema))
        {
            throw BindingErrors.NotSupported(
                $"Invalid join condition: stream-table joins require to join on the table's primary key.", on.Position,
                $"The primary key of {right.Sources[0].Name} is {string.Join(", ", right.Plan.Schema.Columns.Where(static c => c.Role == ColumnRole.Key).Select(static c => c.Name))}.");
        }

        return Joined(join, left, right, condition);
    }

    private static void Check(JoinReference join, ContinuousRelation left, ContinuousRelation right)
    {
        var (leftKind, rightKind) = (left.Plan.Schema.Kind, right.Plan.Schema.Kind);
        if (left.Sources.Any(source => right.Sources.Any(other => other.Name == source.Name)))
            throw BindingErrors.NotSupported($"Can not join '{right.Sources[0].Name}' to itself: self joins are not yet supported.", join.Position);
        if (leftKind == RelationKind.Stream && rightKind == RelationKind.Stream)
        {
            throw join.Within is null
                ? BindingErrors.Syntax("Invalid join: stream-stream joins must have a WITHIN clause specified. None was provided.", join.Position)
                : BindingErrors.NotSupported("stream-stream joins are not supported", join.Position, "Join a stream with a table.");
        }

        if (leftKind == RelationKind.Table)
        {
            throw rightKind == RelationKind.Table
                ? BindingErrors.NotSupported("table-table joins are not supported in a continuous query", join.Position, "Without EMIT CHANGES tables join as they are now.")
                : BindingErrors.NotSupported("Invalid join order: table-stream joins are not supported; only stream-table joins.", join.Position, "Write the stream first.");
        }

        if (join.Within is not null)
            throw BindingErrors.Syntax("Invalid join: WITHIN clause can only be used in stream-stream joins.", join.Position);
        if (join.Kind is not (JoinKind.Inner or JoinKind.Left))
            throw BindingErrors.NotSupported($"{join.Kind.ToString().ToUpperInvariant()} OUTER JOIN of a stream with a table is not supported", join.Position, "Use INNER or LEFT JOIN.");
        if (left.Plan.Schema.Window is not null || right.Plan.Schema.Window is not null)
            throw BindingErrors.NotSupported("joins with windowed sources are not supported", join.Position);
    }

    private static bool IsPrimaryKey(IReadOnlyList<BoundExpression> keys, PlanSchema table) =>
        keys.Count == table.KeyCount && keys.Select(static (key, i) => key is BoundColumn column && column.Index == i).All(static same => same);

    private static ContinuousRelation Joined(JoinReference join, ContinuousRelation left, ContinuousRelation right, JoinCondition condition)
    {
        var keyed = Rekeying.By(left.Plan, left.Scope, condition.LeftKeys, out var shift);
        var keys = condition.LeftKeys.Select((key, i) => (BoundExpression)new BoundColumn(i, keyed.Schema.Columns[i].Name, key.Type)).ToArray();
        var leftCount = keyed.Schema.Columns.Count;
        var columns = keyed.Schema.Columns.Concat(right.Plan.Schema.Columns.Select(static c => c with { Role = ColumnRole.Value }));
        var plan = new LogicalJoin(
            keyed, right.Plan, join.Kind, keys, condition.RightKeys, null, null, new PlanSchema([.. columns], RelationKind.Stream));
        var scope = new Scope(
            [
                .. shift(left.Scope.Columns),
                .. right.Scope.Columns.Select(c => c with { Index = c.Index + leftCount, Role = ColumnRole.Value }),
            ], null) { HasPseudoColumns = true, TimeRelation = left.Scope.TimeRelation };
        // An earlier join's equalities hold as long as the key is still the same.
        var equals = ReferenceEquals(keyed, left.Plan) ? new Dictionary<int, int>(left.KeyEquals) : [];
        for (var i = 0; i < condition.RightKeys.Count; i++)
            equals[((BoundColumn)condition.RightKeys[i]).Index + leftCount] = i;
        return new ContinuousRelation(plan, scope, [.. left.Sources, .. right.Sources], equals);
    }
}

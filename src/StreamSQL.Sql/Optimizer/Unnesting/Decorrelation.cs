using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>
/// Takes the conditions that speak of the enclosing row out of a sub-query, upwards through its plan. Through a grouping, DISTINCT and
/// LIMIT only equalities pass: their inner sides become further keys, so that each enclosing row finds its own groups.
/// </summary>
internal sealed class Decorrelation(PlanFunctions functions)
{
    /// <summary>The plan without its conditions on the enclosing row.</summary>
    /// <param name="plan">The sub-query's plan.</param>
    /// <param name="isAny">Whether only the existence of a row counts, so that equal rows, their order
    /// and their number do not matter.</param>
    /// <exception cref="NotUnnestedException">It has another form.</exception>
    public Unnested Pull(LogicalPlan plan, bool isAny)
    {
        if (!PlanTraits.Of(plan).ReadsOuter)
            return Unnested.Of(plan);
        return plan switch
        {
            LogicalFilter filter => PullFilter(filter, isAny),
            LogicalProject project => PullProject(project, isAny),
            LogicalSort sort => PullSort(sort, isAny),
            LogicalJoin { KeyColumns: 0 } join => join.Kind == JoinKind.Inner ? PullJoin(join, isAny) : PullLeft(join, isAny),
            LogicalAggregate { Keys.Count: > 0 } aggregate => Group(aggregate),
            LogicalDistinct { On: null } distinct => isAny ? Pull(distinct.Input, isAny) : PullDistinct(distinct),
            LogicalLimit { Count: BoundLiteral { Value: long and > 0 }, Offset: null } limit when isAny => Pull(limit.Input, isAny),
            LogicalLimit limit => PullLimit(limit),
            _ => throw new NotUnnestedException(),
        };
    }

    /// <summary>
    /// A grouping whose groups are also those of the enclosing rows; without keys of its own, an enclosing row may find none.
    /// </summary>
    /// <exception cref="NotUnnestedException">It has another form.</exception>
    public Unnested Group(LogicalAggregate aggregate)
    {
        if (aggregate.GroupingSets is not null || aggregate.Groupings.Count > 0)
            throw new NotUnnestedException();
        var input = Pull(aggregate.Input, isAny: false);
        var (conditions, added) = AsKeys(input.Conditions, aggregate.Keys.Count);
        // Groups are made of all rows, also of those that no enclosing row asks for.
        BoundExpression Own(BoundExpression expression) =>
            Inner(input.Substitute(expression)) is var own && input.Conditions.Count > 0
                && PlanTraits.Of(own).IsRisky ? throw new NotUnnestedException() : own;

        var calls = aggregate.Aggregates.Select(call => call with
        {
            Arguments = [.. call.Arguments.Select(Own)],
            Filter = call.Filter is null ? null : Own(call.Filter),
            OrderBy = [.. call.OrderBy.Select(key => key with { Expression = Own(key.Expression) })],
        }).ToArray();
        IReadOnlyList<BoundExpression> keys = [.. aggregate.Keys.Select(Own), .. added];
        var (keyCount, columns) = (aggregate.Keys.Count, aggregate.Schema.Columns);
        var schema = new PlanSchema([.. columns.Take(keyCount), .. Columns(added, ColumnRole.Key), .. columns.Skip(keyCount)],
            RelationKind.Rows);
        var plan = aggregate with { Input = input.Plan, Keys = keys, Aggregates = calls, Schema = schema };
        var outputs = columns.Select((column, i) => new BoundColumn(i < keyCount ? i : i + added.Count, column.Name, column.Type));
        return new(plan, conditions, [.. outputs], []);
    }

    private Unnested PullFilter(LogicalFilter filter, bool isAny)
    {
        var input = Pull(filter.Input, isAny);
        var (inner, outer) = Divide(input.Substitute(filter.Predicate));
        return input with
        {
            Plan = Conjunctions.Combine(inner) is { } predicate ? new LogicalFilter(input.Plan, predicate) : input.Plan,
            Conditions = [.. input.Conditions, .. outer],
        };
    }

    private Unnested PullProject(LogicalProject project, bool isAny)
    {
        var input = Pull(project.Input, isAny);
        return input with { Outputs = [.. project.Expressions.Select(e => Movable(input.Substitute(e)))] };
    }

    private Unnested PullSort(LogicalSort sort, bool isAny)
    {
        var input = Pull(sort.Input, isAny);
        return input with { Order = [.. sort.Keys.Select(key => key with { Expression = Movable(input.Substitute(key.Expression)) })] };
    }

    private Unnested PullJoin(LogicalJoin join, bool isAny)
    {
        var (left, right) = (Pull(join.Left, isAny), Pull(join.Right, isAny));
        var count = left.Plan.Schema.Columns.Count;
        BoundExpression Right(BoundExpression expression) => ColumnSubstitution.Renumber(expression, index => index + count);

        var both = new Unnested(left.Plan, [], [.. left.Outputs, .. right.Outputs.Select(Right)], []);
        var (inner, outer) = join.Residual is null ? ([], []) : Divide(both.Substitute(join.Residual));
        var plan = join with
        {
            Left = left.Plan,
            Right = right.Plan,
            LeftKeys = [.. join.LeftKeys.Select(key => Inner(left.Substitute(key)))],
            RightKeys = [.. join.RightKeys.Select(key => Inner(right.Substitute(key)))],
            Residual = Conjunctions.Combine(inner),
            Schema = Binding.BoundedFrom.Columns(left.Plan, right.Plan),
        };
        return both with { Plan = plan, Conditions = [.. left.Conditions, .. right.Conditions.Select(Right), .. outer] };
    }

    /// <summary>A join that keeps the left rows, or some of them: only their conditions pass.</summary>
    private Unnested PullLeft(LogicalJoin join, bool isAny)
    {
        if (join.Kind is JoinKind.Right or JoinKind.Full || PlanTraits.Of(join.Right).ReadsOuter)
            throw new NotUnnestedException();
        var left = Pull(join.Left, isAny);
        var (count, before) = (left.Plan.Schema.Columns.Count, join.Left.Schema.Columns.Count);
        var right = join.Right.Schema.Columns.Select((column, i) => new BoundColumn(count + i, column.Name, column.Type));
        var both = new Unnested(left.Plan, [], [.. left.Outputs, .. right], []);
        var more = join.Schema.Columns.Skip(before).ToArray();
        var plan = join with
        {
            Left = left.Plan,
            LeftKeys = [.. join.LeftKeys.Select(key => Inner(left.Substitute(key)))],
            Residual = join.Residual is null ? null : Inner(both.Substitute(join.Residual)),
            Schema = join.Schema with { Columns = [.. left.Plan.Schema.Columns, .. more] },
        };
        return left with { Plan = plan,
            Outputs = [.. left.Outputs, .. more.Select((column, i) => new BoundColumn(count + i, column.Name, column.Type))] };
    }

    private Unnested PullDistinct(LogicalDistinct distinct)
    {
        var input = Pull(distinct.Input, isAny: false);
        var outputs = input.Outputs.Select(Inner).ToArray();
        var (conditions, added) = AsKeys(input.Conditions, outputs.Length);
        BoundExpression[] all = [.. outputs, .. added];
        var schema = new PlanSchema([.. distinct.Schema.Columns.Select(static c => c with { Role = ColumnRole.Value }),
            .. Columns(added, ColumnRole.Value)], RelationKind.Rows);
        var plan = new LogicalDistinct(new LogicalProject(input.Plan, all, schema), null);
        return new(plan, conditions, [.. Unnested.Of(plan).Outputs.Take(outputs.Length)], []);
    }

    /// <summary>The first rows of each enclosing row are those that have the first numbers among the rows with its keys.</summary>
    private Unnested PullLimit(LogicalLimit limit)
    {
        if (limit.Count is not (null or BoundLiteral { Value: long and >= 0 })
            || limit.Offset is not (null or BoundLiteral { Value: long and >= 0 }))
            throw new NotUnnestedException();
        var input = Pull(limit.Input, isAny: false);
        var (_, keys) = AsKeys(input.Conditions, 0);
        var width = input.Plan.Schema.Columns.Count;
        BoundExpression[] added = [.. keys, .. input.Order.Select(key => Inner(key.Expression))];
        LogicalPlan plan = new LogicalProject(
            input.Plan, [.. Unnested.Of(input.Plan).Outputs, .. added],
            new PlanSchema([.. input.Plan.Schema.Columns, .. Columns(added, ColumnRole.Value)], RelationKind.Rows));
        var places = added.Select((e, i) => (BoundExpression)new BoundColumn(width + i, $"KEY_{i}", e.Type)).ToArray();
        SortKey[] order = [.. input.Order.Select((key, i) => key with { Expression = places[keys.Count + i] })];
        SortKey[] sort = [.. places.Take(keys.Count).Select(static place => new SortKey(place, false, false)), .. order];
        if (sort.Length > 0)
            plan = new LogicalSort(plan, sort);
        var number = new PlanColumn("ROW_NUMBER", SqlType.BigInt, ColumnRole.Value);
        plan = new LogicalWindow(plan, [.. places.Take(keys.Count)], order, [functions.RowNumber()],
            plan.Schema with { Columns = [.. plan.Schema.Columns, number] });
        var first = (long?)((BoundLiteral?)limit.Offset)?.Value ?? 0;
        var count = (long?)((BoundLiteral?)limit.Count)?.Value;
        var column = new BoundColumn(width + added.Length, number.Name, number.Type);
        List<BoundExpression> chosen = [functions.Compare(">", column, new BoundLiteral(first, SqlType.BigInt))];
        if (count <= long.MaxValue - first)
            chosen.Add(functions.Compare("<=", column, new BoundLiteral(first + count, SqlType.BigInt)));
        return input with { Plan = new LogicalFilter(plan, Conjunctions.Combine(chosen)!) };
    }

    /// <summary>The conditions over further key columns from <paramref name="first"/> on, and what these are over the input.</summary>
    private (IReadOnlyList<BoundExpression> Conditions,
        IReadOnlyList<BoundExpression> Keys) AsKeys(IReadOnlyList<BoundExpression> conditions, int first)
    {
        var keys = new List<BoundExpression>();
        BoundColumn Key(BoundExpression inner)
        {
            keys.Add(inner);
            return new BoundColumn(first + keys.Count - 1, $"KEY_{keys.Count - 1}", inner.Type);
        }

        BoundExpression Over(BoundExpression condition)
        {
            if (!PlanTraits.Of(condition).ReadsInput)
                return condition;
            if (condition is not BoundCall { Name: "=", Arguments: [var a, var b] })
                throw new NotUnnestedException();
            var (left, right) = (PlanTraits.Of(a), PlanTraits.Of(b));
            if (left is { ReadsInput: true, ReadsOuter: false } && !right.ReadsInput)
                return functions.Compare("=", Key(a), b);
            if (right is { ReadsInput: true, ReadsOuter: false } && !left.ReadsInput)
                return functions.Compare("=", a, Key(b));
            throw new NotUnnestedException();
        }

        return ([.. conditions.Select(Over)], keys);
    }

    private static IEnumerable<PlanColumn> Columns(IReadOnlyList<BoundExpression> added, ColumnRole role) =>
        added.Select((e, i) => new PlanColumn($"KEY_{i}", e.Type, role));

    private static (List<BoundExpression> Inner, List<BoundExpression> Outer) Divide(BoundExpression predicate)
    {
        var (inner, outer) = (new List<BoundExpression>(), new List<BoundExpression>());
        foreach (var part in Conjunctions.Split(predicate))
            (PlanTraits.Of(part).ReadsOuter ? outer : inner).Add(Near(part));
        return (inner, outer);
    }

    private static BoundExpression Inner(BoundExpression expression) =>
        PlanTraits.Of(expression).ReadsOuter ? throw new NotUnnestedException() : expression;

    private static BoundExpression Near(BoundExpression expression) =>
        PlanTraits.Of(expression) is { ReadsFarOuter: true } or { HasPseudoColumn: true, ReadsOuter: true }
            ? throw new NotUnnestedException() : expression;

    // What is computed beside the enclosing row no longer sees the row of the plan that a time or place is of.
    private static BoundExpression Movable(BoundExpression expression) =>
        PlanTraits.Of(expression) is { ReadsFarOuter: true } or { HasPseudoColumn: true } ? throw new NotUnnestedException() : expression;
}

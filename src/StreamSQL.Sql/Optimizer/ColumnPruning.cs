using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>
/// Lets every node give only the columns that something above it reads, down to the scans, so that decoders fill no others. Key columns and
/// window bounds stay: operators find rows by them.
/// </summary>
internal static class ColumnPruning
{
    /// <summary>Rewrites a plan and the plans of its sub-queries.</summary>
    public static LogicalPlan Run(LogicalPlan plan)
    {
        var all = Enumerable.Range(0, plan.Schema.Columns.Count).ToHashSet();
        var pruned = Prune(plan, all);
        return pruned.IsWhole(plan) ? pruned.Plan : throw new InvalidOperationException("a pruned plan gives other columns than before");
    }

    private static Pruned Prune(LogicalPlan plan, HashSet<int> wanted)
    {
        var subqueries = new SubqueryPlans(Run);
        plan = plan.MapExpressions(subqueries.Rewrite);
        return plan switch
        {
            LogicalScan scan => PruneScan(scan, wanted),
            LogicalFilter filter => Over(filter.Input, wanted, [filter.Predicate],
                (input, map) => new LogicalFilter(input, map(filter.Predicate))),
            LogicalSort sort => Over(sort.Input, wanted, sort.Keys.Select(static key => key.Expression), (input, map) =>
                new LogicalSort(input, sort.Keys.Select(key => key with { Expression = map(key.Expression) }).ToArray())),
            LogicalLimit limit => Over(limit.Input, wanted, [], (input, _) => new LogicalLimit(input, limit.Count, limit.Offset)),
            LogicalDistinct { On: { } on } distinct =>
                Over(distinct.Input, wanted, on, (input, map) => new LogicalDistinct(input, on.Select(map).ToArray())),
            LogicalProject project => PruneProject(project, wanted),
            LogicalRekey rekey => PruneRekey(rekey, wanted),
            LogicalExpand expand => PruneExpand(expand, wanted),
            LogicalApply apply => PruneApply(apply, wanted),
            LogicalAggregate aggregate => PruneAggregate(aggregate, wanted),
            LogicalWindow window => PruneWindow(window, wanted),
            LogicalJoin join => PruneJoin(join, wanted),
            _ => Whole(plan),
        };
    }

    /// <summary>A node that needs every column of its inputs.</summary>
    private static Pruned Whole(LogicalPlan plan) => new(plan.MapInputs(Run), Identity(plan.Schema.Columns.Count));

    private static Pruned PruneScan(LogicalScan scan, HashSet<int> wanted)
    {
        var kept = Kept(scan.Schema, wanted);
        if (kept.Length == scan.Schema.Columns.Count)
            return new(scan, Identity(kept.Length));
        var sourceColumn = 0;
        var columns = new List<int>();
        for (var i = 0; i < scan.Schema.Columns.Count; i++)
        {
            if (scan.Schema.Columns[i].Role is ColumnRole.WindowStart or ColumnRole.WindowEnd)
                continue;
            if (Array.BinarySearch(kept, i) >= 0)
                columns.Add(scan.Columns[sourceColumn]);
            sourceColumn++;
        }

        return new(scan with { Columns = columns, Schema = Narrow(scan.Schema, kept) }, Positions(kept, scan.Schema.Columns.Count));
    }

    /// <summary>A node that gives its input's columns and reads some itself.</summary>
    private static Pruned Over(
        LogicalPlan input, HashSet<int> wanted, IEnumerable<BoundExpression> reads,
        Func<LogicalPlan, Func<BoundExpression, BoundExpression>, LogicalPlan> rebuild)
    {
        var needed = new HashSet<int>(wanted);
        AddUses(reads, needed);
        var pruned = Prune(input, needed);
        return new(rebuild(pruned.Plan, pruned.Renumber), pruned.Positions);
    }

    private static Pruned PruneProject(LogicalProject project, HashSet<int> wanted)
    {
        var kept = Kept(project.Schema, wanted);
        var needed = new HashSet<int>();
        AddUses(kept.Select(index => project.Expressions[index]), needed);
        var input = Prune(project.Input, needed);
        var expressions = kept.Select(index => input.Renumber(project.Expressions[index])).ToArray();
        return new(
            new LogicalProject(input.Plan, expressions, Narrow(project.Schema, kept)), Positions(kept, project.Schema.Columns.Count));
    }

    private static Pruned PruneRekey(LogicalRekey rekey, HashSet<int> wanted)
    {
        var keys = rekey.Keys.Count;
        var needed = wanted.Where(index => index >= keys).Select(index => index - keys).ToHashSet();
        AddUses(rekey.Keys, needed);
        var input = Prune(rekey.Input, needed);
        var positions = new int[rekey.Schema.Columns.Count];
        for (var i = 0; i < positions.Length; i++)
            positions[i] = i < keys ? i : input.Positions[i - keys] is var position and >= 0 ? position + keys : -1;
        var kept = Enumerable.Range(0, positions.Length).Where(index => positions[index] >= 0).ToArray();
        return new(
            new LogicalRekey(input.Plan, rekey.Keys.Select(input.Renumber).ToArray(), Narrow(rekey.Schema, kept)), positions);
    }

    // A column that only the functions read is not repeated; the functions stay, since they make the rows.
    private static Pruned PruneExpand(LogicalExpand expand, HashSet<int> wanted)
    {
        var count = expand.Kept.Count;
        var kept = Enumerable.Range(0, expand.Schema.Columns.Count)
            .Where(index => index >= count || wanted.Contains(index) || expand.Schema.Columns[index].Role != ColumnRole.Value).ToArray();
        var columns = kept.Where(index => index < count).Select(index => expand.Kept[index]).ToArray();
        var needed = columns.ToHashSet();
        foreach (var call in expand.Calls)
            AddUses(call.Arguments, needed);
        var input = Prune(expand.Input, needed);
        return new(
            expand with
            {
                Input = input.Plan,
                Kept = columns.Select(index => input.Positions[index]).ToArray(),
                Calls = expand.Calls.Select(call => call with { Arguments = call.Arguments.Select(input.Renumber).ToArray() }).ToArray(),
                Schema = Narrow(expand.Schema, kept),
            },
            Positions(kept, expand.Schema.Columns.Count));
    }

    // The query's columns stay as they are: its own plan is pruned for all that it gives.
    private static Pruned PruneApply(LogicalApply apply, HashSet<int> wanted)
    {
        var count = apply.Input.Schema.Columns.Count;
        var needed = wanted.Where(index => index < count).ToHashSet();
        ColumnUse.Visit(apply.Rows, index => needed.Add(index));
        var input = Prune(apply.Input, needed);
        var newCount = input.Plan.Schema.Columns.Count;
        int[] positions = [.. input.Positions, .. Enumerable.Range(newCount, apply.Schema.Columns.Count - count)];
        var kept = Enumerable.Range(0, positions.Length).Where(index => positions[index] >= 0).ToArray();
        return new(apply with { Input = input.Plan, Rows = input.Renumber(apply.Rows), Schema = Narrow(apply.Schema, kept) }, positions);
    }

    private static Pruned PruneAggregate(LogicalAggregate aggregate, HashSet<int> wanted)
    {
        var firstGrouping = aggregate.Schema.Columns.Count - aggregate.Groupings.Count;
        var firstCall = firstGrouping - aggregate.Aggregates.Count;
        var kept = Enumerable.Range(0, aggregate.Schema.Columns.Count)
            .Where(index => index < firstCall || wanted.Contains(index)).ToArray();
        var calls = kept.Where(index => index >= firstCall && index < firstGrouping)
            .Select(index => aggregate.Aggregates[index - firstCall]).ToArray();
        var needed = new HashSet<int>();
        AddUses(aggregate.Keys, needed);
        foreach (var call in calls)
        {
            AddUses(call.Arguments, needed);
            ColumnUse.Visit(call.Filter, index => needed.Add(index));
            AddUses(call.OrderBy.Select(static key => key.Expression), needed);
        }

        var input = Prune(aggregate.Input, needed);
        return new(
            aggregate with
            {
                Input = input.Plan,
                Keys = aggregate.Keys.Select(input.Renumber).ToArray(),
                Aggregates = calls.Select(call => call with
                {
                    Arguments = call.Arguments.Select(input.Renumber).ToArray(),
                    Filter = call.Filter is null ? null : input.Renumber(call.Filter),
                    OrderBy = call.OrderBy.Select(key => key with { Expression = input.Renumber(key.Expression) }).ToArray(),
                }).ToArray(),
                Groupings = kept.Where(index => index >= firstGrouping)
                    .Select(index => aggregate.Groupings[index - firstGrouping]).ToArray(),
                Schema = Narrow(aggregate.Schema, kept),
            },
            Positions(kept, aggregate.Schema.Columns.Count));
    }

    private static Pruned PruneWindow(LogicalWindow window, HashSet<int> wanted)
    {
        var first = window.Input.Schema.Columns.Count;
        int[] calls = [.. Enumerable.Range(0, window.Calls.Count).Where(call => wanted.Contains(first + call))];
        var needed = wanted.Where(index => index < first).ToHashSet();
        if (calls.Length == 0)
        {
            // Nobody asks for its results: the input is enough.
            var rows = Prune(window.Input, needed);
            return rows with { Positions = [.. rows.Positions, .. Enumerable.Repeat(-1, window.Calls.Count)] };
        }

        AddUses(window.PartitionBy, needed);
        AddUses(window.OrderBy.Select(static key => key.Expression), needed);
        foreach (var call in calls)
        {
            AddUses(window.Calls[call].Arguments, needed);
            ColumnUse.Visit(window.Calls[call].Filter, index => needed.Add(index));
        }

        var input = Prune(window.Input, needed);
        var width = input.Plan.Schema.Columns.Count;
        int[] positions = [.. input.Positions, .. Enumerable.Range(0, window.Calls.Count)
            .Select(call => Array.IndexOf(calls, call) is var at and >= 0 ? width + at : -1)];
        return new(
            window with
            {
                Input = input.Plan,
                PartitionBy = window.PartitionBy.Select(input.Renumber).ToArray(),
                OrderBy = window.OrderBy.Select(key => key with { Expression = input.Renumber(key.Expression) }).ToArray(),
                Calls = calls.Select(call => PlanMapping.MapCall(window.Calls[call], input.Renumber)).ToArray(),
                Schema = input.Plan.Schema with { Columns = [.. input.Plan.Schema.Columns,
                    .. calls.Select(call => window.Schema.Columns[first + call])] },
            },
            positions);
    }

    private static Pruned PruneJoin(LogicalJoin join, HashSet<int> wanted)
    {
        var first = join.KeyColumns;
        var leftCount = join.Left.Schema.Columns.Count;
        var needed = wanted.Where(index => index >= first && (join.Kind != JoinKind.Mark || index < leftCount))
            .Select(index => index - first).ToHashSet();
        ColumnUse.Visit(join.Residual, index => needed.Add(index));
        var neededLeft = needed.Where(index => index < leftCount).ToHashSet();
        var neededRight = needed.Where(index => index >= leftCount).Select(index => index - leftCount).ToHashSet();
        AddUses(join.LeftKeys, neededLeft);
        AddUses(join.RightKeys, neededRight);
        var (left, right) = (WithoutIdentity(Prune(join.Left, neededLeft)), WithoutIdentity(Prune(join.Right, neededRight)));

        var newLeftCount = left.Plan.Schema.Columns.Count;
        int[] both = [.. left.Positions, .. right.Positions.Select(position => position < 0 ? -1 : position + newLeftCount)];
        int[] shown = join.Kind == JoinKind.Mark ? [.. left.Positions, newLeftCount] : [.. both.Take(join.Schema.Columns.Count - first)];
        int[] positions = [.. Enumerable.Range(0, first), .. shown.Select(position => position < 0 ? -1 : position + first)];
        var kept = Enumerable.Range(0, positions.Length).Where(index => positions[index] >= 0).ToArray();
        return new(
            join with
            {
                Left = left.Plan,
                Right = right.Plan,
                LeftKeys = join.LeftKeys.Select(left.Renumber).ToArray(),
                RightKeys = join.RightKeys.Select(right.Renumber).ToArray(),
                Residual = join.Residual is null ? null : ColumnSubstitution.Renumber(join.Residual, index => both[index]),
                Schema = Narrow(join.Schema, kept),
            },
            positions);
    }

    /// <summary>A projection that is left with nothing to do is taken out from below a join.</summary>
    private static Pruned WithoutIdentity(Pruned pruned) =>
        pruned.Plan is LogicalProject { Input: LogicalScan scan } project && project.Schema.Columns.SequenceEqual(scan.Schema.Columns)
        && project.Expressions.Select(static (expression, i) => expression is BoundColumn column && column.Index == i)
            .All(static same => same)
            ? pruned with { Plan = scan }
            : pruned;

    private static void AddUses(IEnumerable<BoundExpression> expressions, HashSet<int> columns)
    {
        foreach (var expression in expressions)
            ColumnUse.Visit(expression, index => columns.Add(index));
    }

    private static int[] Kept(PlanSchema schema, HashSet<int> wanted) =>
        Enumerable.Range(0, schema.Columns.Count)
            .Where(index => wanted.Contains(index) || schema.Columns[index].Role != ColumnRole.Value).ToArray();

    private static PlanSchema Narrow(PlanSchema schema, int[] kept) =>
        schema with { Columns = kept.Select(index => schema.Columns[index]).ToArray() };

    private static int[] Identity(int count) => Enumerable.Range(0, count).ToArray();

    private static int[] Positions(int[] kept, int count)
    {
        var positions = new int[count];
        Array.Fill(positions, -1);
        for (var i = 0; i < kept.Length; i++)
            positions[kept[i]] = i;
        return positions;
    }

    /// <summary>A narrower plan, and where each column of the plan before stands in it now; -1 when it is gone.</summary>
    private sealed record Pruned(LogicalPlan Plan, int[] Positions)
    {
        public BoundExpression Renumber(BoundExpression expression) => ColumnSubstitution.Renumber(expression, index => Positions[index]);

        public bool IsWhole(LogicalPlan before) =>
            Plan.Schema.Columns.Count == before.Schema.Columns.Count
                && Positions.Select(static (position, index) => position == index).All(static same => same);
    }
}

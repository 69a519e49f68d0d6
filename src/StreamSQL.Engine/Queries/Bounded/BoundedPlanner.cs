using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Engine.Operators.Windows;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>Turns the logical plan of a bounded query into row sources.</summary>
/// <param name="environment">What is read from.</param>
/// <param name="context">The query's context.</param>
/// <param name="meters">Where the nodes are measured, or null.</param>
/// <param name="blocks">Where several readers share the scan of a table: hands out what this one reads; else null.</param>
/// <param name="withTimes">Whether anybody asks for the times of a table's rows.</param>
internal sealed class BoundedPlanner(
    BoundedEnvironment environment, OperatorContext context, PlanMeters? meters = null, SlotBlocks? blocks = null, bool withTimes = true)
{
    /// <summary>Makes the source of a plan's rows; it is not open yet.</summary>
    /// <exception cref="SqlException">0A000: something that is not there yet.</exception>
    public RowSource Build(LogicalPlan plan) => Measured(plan, Create(plan));

    private RowSource Measured(LogicalPlan plan, RowSource source) => meters?.Measure(plan, source) ?? source;

    private RowSource Create(LogicalPlan plan) => plan switch
    {
        LogicalScan scan => BuildScan(scan),
        LogicalSystemScan scan => BuildSystemScan(scan),
        LogicalValues values => new UnaryRows(new ValuesSource(context, values.Rows, values.Schema), null),
        LogicalWorkingTable table => new WorkingRows(environment.WorkingTables[table.Recursion], table.Schema),
        LogicalCommonTable table => new CommonTableRows(environment.CommonTable(table, context.Budget), table.Schema, this),
        LogicalRecursion recursion => new RecursionRows(recursion, this, environment, context),
        LogicalApply apply => new ApplyRows(Build(apply.Input), apply, (BoundedSubqueries)context.Subqueries!, environment),
        LogicalFilter filter => new UnaryRows(new FilterOperator(context, filter.Predicate, RelationKind.Rows), Build(filter.Input)),
        LogicalProject project => new UnaryRows(new ProjectOperator(context, project.Expressions, project.Schema), Build(project.Input)),
        LogicalExpand expand => new UnaryRows(new ExpandOperator(context, expand), Build(expand.Input)),
        LogicalAggregate aggregate => BuildAggregate(aggregate),
        LogicalWindow window => new UnaryRows(new WindowOperator(context, window), Build(window.Input)),
        LogicalSort sort => BuildSort(sort, null),
        LogicalLimit limit => BuildLimit(limit),
        LogicalDistinct distinct => new UnaryRows(new DistinctOperator(context, distinct.On, distinct.Schema), Build(distinct.Input)),
        LogicalJoin join => BuildJoin(join),
        LogicalSetOperation operation => BuildSetOperation(operation),
        _ => throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"{plan.GetType().Name[7..]} cannot be run in a bounded query"),
    };

    private RowSource BuildAggregate(LogicalAggregate aggregate)
    {
        if (meters is not null || environment.Held is not null || !ParallelGrouping.IsFor(aggregate))
            return new UnaryRows(new HashAggregateOperator(context, aggregate), Build(aggregate.Input));
        var readsTimes = PlanExpressions.ReadPseudoColumns(aggregate);
        return new ParallelGrouping(
            aggregate, blocks => new BoundedPlanner(environment, context, blocks: blocks, withTimes: readsTimes).Build(aggregate.Input),
            context,
            environment.Tasks.Options.Lanes);
    }

    private UnaryRows BuildSort(LogicalSort sort, long? top) =>
        new(new SortOperator(context, sort.Keys, sort.Schema, top), Build(sort.Input));

    private UnaryRows BuildLimit(LogicalLimit limit)
    {
        var operation = new LimitOperator(() => (Count(limit.Count, "LIMIT"), Count(limit.Offset, "OFFSET") ?? 0));
        var input = limit.Input is LogicalSort sort ? Measured(sort, BuildSort(sort, operation.Needed)) : Build(limit.Input);
        return new UnaryRows(operation, input);
    }

    private long? Count(BoundExpression? expression, string clause)
    {
        var number = expression is BoundLiteral literal ? literal.Value
            : expression is null ? null : ExpressionEvaluator.EvaluateConstant(expression, context);
        if (number is not { } value)
            return null;
        var count = Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
        return count >= 0 ? count : throw new SqlException(
            clause == "LIMIT" ? PostgresErrorCodes.InvalidRowCountInLimitClause : PostgresErrorCodes.InvalidRowCountInResultOffsetClause,
            $"{clause} must not be negative");
    }

    private BinaryRows BuildJoin(LogicalJoin join)
    {
        var operation = new HashJoinOperator(
            context, join.Kind, join.Left.Schema, join.Right.Schema, join.LeftKeys, join.RightKeys, join.Residual);
        return new BinaryRows(operation, Build(join.Left), Build(join.Right), HashJoinOperator.FirstPort);
    }

    private BinaryRows BuildSetOperation(LogicalSetOperation set)
    {
        var operation = new SetOperationOperator(context, set.Kind, set.All, set.Schema);
        return new BinaryRows(operation, Build(set.Left), Build(set.Right), operation.FirstPort);
    }

    private SystemRelationRows BuildSystemScan(LogicalSystemScan scan) =>
        environment.SystemRelations.TryGetValue(scan.Relation, out var relation)
            ? new SystemRelationRows(relation, environment.Snapshot)
            : throw new SqlException(PostgresErrorCodes.UndefinedTable, $"relation \"{scan.Relation}\" does not exist");

    private RowSource BuildScan(LogicalScan scan)
    {
        if (scan.Source.Kind == RelationKind.Stream)
            return new TopicRows(scan, environment.Tasks, environment.Counters, environment.Held?.EventsOf(scan.Source) ?? []);
        if (scan.Source.QueryId is { } queryId && environment.Queries.Find(queryId) is { } query && query.Topology.View is { } view)
            return BuildView(scan, query, view);
        var schema = SourceSchemas.Of(scan.Source);
        var points = PointsOf(scan.Access, schema);
        var columns = ColumnsOf(scan, schema);
        var overlay = scan.Source.Window is null ? environment.Held?.OverlayOf(scan.Source) : null;
        // An overlay hides rows by their keys, so it needs those too.
        var access = KeyAccessResolver.Resolve(scan.Access, points, schema, context) with
        {
            Columns = overlay is null ? columns : null,
            WithTimes = withTimes,
            Blocks = blocks,
        };
        return new TableRows(cancellation => environment.OpenTableAsync(scan.Source, cancellation), access, columns, points, overlay);
    }

    /// <summary>The result of a running aggregation: its state, seen through the projections above it.</summary>
    private RowSource BuildView(LogicalScan scan, PersistentQuery query, StateView view)
    {
        var aggregate = (LogicalAggregate)query.Topology.Stages[^1].Nodes[view.Aggregate].Plan;
        var reached = KeepsKeys(view, aggregate.Schema) ? scan.Access : null;
        var points = PointsOf(reached, aggregate.Schema);
        var access = KeyAccessResolver.Resolve(reached, points, aggregate.Schema, context) with { Blocks = blocks };
        RowSource rows = new TableRows(cancellation => environment.OpenResultAsync(query, cancellation), access, null, points);
        var viewContext = new OperatorContext
        {
            Partition = 0,
            Time = context.Time,
            Rules = RuleSet.Ksql,
            Emission = EmissionMode.EveryChange,
            Counters = environment.Counters,
            Budget = context.Budget,
            FailOnError = false,
        };
        foreach (var operation in view.Operations)
        {
            rows = operation switch
            {
                LogicalFilter filter => new UnaryRows(new FilterOperator(viewContext, filter.Predicate, RelationKind.Rows), rows),
                LogicalProject project => new UnaryRows(new ProjectOperator(viewContext, project.Expressions, project.Schema), rows),
                _ => throw new InvalidOperationException("a view has only filters and projections"),
            };
        }

        return new SelectedRows(rows, ColumnsOf(scan, SourceSchemas.Of(scan.Source)));
    }

    private KeyPoints? PointsOf(KeyAccess? access, PlanSchema table) =>
        access?.Points is { } points ? new KeyPoints(points, table, context) : null;

    /// <summary>
    /// Whether the projections leave the key columns in front and in order, so that key lookups mean the same below them.
    /// </summary>
    private static bool KeepsKeys(StateView view, PlanSchema state)
    {
        var keys = state.KeyCount;
        return view.Operations.OfType<LogicalProject>().All(project =>
            project.Schema.KeyCount == keys
            && Enumerable.Range(0, keys).All(i => project.Expressions[i] is BoundColumn column && column.Index == i));
    }

    /// <summary>Where the scanned columns are in the whole table.</summary>
    private static int[] ColumnsOf(LogicalScan scan, PlanSchema whole)
    {
        var indexes = new int[scan.Schema.Columns.Count];
        var keys = whole.KeyCount;
        var bounds = scan.Source.Window is null ? 0 : 2;
        var next = 0;
        for (var i = 0; i < indexes.Length; i++)
        {
            indexes[i] = scan.Schema.Columns[i].Role switch
            {
                ColumnRole.WindowStart => keys,
                ColumnRole.WindowEnd => keys + 1,
                _ when scan.Columns[next] < keys => scan.Columns[next++],
                _ => scan.Columns[next++] + bounds,
            };
        }

        return indexes;
    }
}

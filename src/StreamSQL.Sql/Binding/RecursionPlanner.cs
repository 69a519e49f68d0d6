using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans a common table of WITH RECURSIVE that reads itself: first rows UNION [ALL] what a step makes of the last ones.</summary>
internal sealed class RecursionPlanner(QueryPlanner queries, CommonTable table, Scope? outer)
{
    private readonly Query _query = table.Query!;

    // PostgreSQL's 42P19, which the list of known codes has under this name.
    private const string InvalidRecursion = Npgsql.PostgresErrorCodes.InvalidRecursion;

    /// <summary>The plan.</summary>
    /// <param name="tables">The common tables so far; the table itself is there while its step is planned.</param>
    /// <param name="number">Tells it from other recursions of the statement.</param>
    /// <exception cref="SqlException">42P19: it has not the form of a recursion; 42804: a step gives columns of other types.</exception>
    public LogicalPlan Plan(Dictionary<string, LogicalPlan> tables, int number)
    {
        if (Body(_query.Body) is not SetOperation { Kind: SetOperationKind.Union } union
            || CommonTableReferences.Reads(union.Left, table.Name.Name))
            throw Invalid("does not have the form non-recursive-term UNION [ALL] recursive-term");
        RequirePlain(_query);
        var start = QueryPlanner.Rename(queries.PlanPart(union.Left, outer), table.Columns, table.Name.Text, table.Position);
        if (table.Search is not null || table.Cycle is not null)
            return PlanTrail(start, union, tables, number);
        var schema = SchemaOf(start);
        var step = PlanStep(union.Right, tables, new LogicalWorkingTable(number, schema));
        if (step.Schema.Columns.Count != schema.Columns.Count)
            throw BindingErrors.Syntax(
                $"each UNION query must have the same number of columns, not {schema.Columns.Count} and {step.Schema.Columns.Count}",
                union.Position);
        if (Widened(schema, step.Schema) is { } wider)
        {
            // A DECIMAL has a scale here: the recursion works with the widest from its beginning.
            schema = wider;
            step = PlanStep(union.Right, tables, new LogicalWorkingTable(number, schema));
        }

        RequireTypes(schema, step.Schema);
        IReadOnlyList<SqlType> types = [.. schema.Columns.Select(static c => c.Type)];
        return new LogicalRecursion(number, queries.CastColumns(start, types, table.Position),
            queries.CastColumns(step, types, table.Position), union.All, schema);
    }

    private static QueryBody Body(QueryBody body) =>
        body is NestedQuery { Query: { CommonTables.Count: 0, OrderBy.Count: 0, Limit: null, Offset: null } inner }
            ? Body(inner.Body) : body;

    /// <summary>With SEARCH or CYCLE: the columns of both are computed beside the table's own.</summary>
    private LogicalRecursion PlanTrail(LogicalPlan start, SetOperation union, Dictionary<string, LogicalPlan> tables, int number)
    {
        var own = SchemaOf(start);
        var trail = new RecursionTrail(queries, table, own.Columns);
        start = trail.Start(start);
        var schema = SchemaOf(start);
        var step = PlanStep(trail.Step(union.Right), tables, new LogicalWorkingTable(number, schema) { HiddenColumns = trail.Count });
        var given = step.Schema.Columns.Count - trail.Count;
        if (given != own.Columns.Count)
            throw BindingErrors.Syntax($"each UNION query must have the same number of columns, not {own.Columns.Count} and {given}",
                union.Position);
        RequireTypes(own, step.Schema);
        IReadOnlyList<SqlType> types = [.. schema.Columns.Select(static c => c.Type)];
        step = trail.Next(queries.CastColumns(step, types, table.Position));
        return new LogicalRecursion(number, start, queries.CastColumns(step, types, table.Position), union.All, schema);
    }

    private static PlanSchema SchemaOf(LogicalPlan plan) =>
        new([.. plan.Schema.Columns.Select(static c => c with { Role = ColumnRole.Value })], RelationKind.Rows);

    private LogicalPlan PlanStep(QueryBody body, Dictionary<string, LogicalPlan> tables, LogicalWorkingTable working)
    {
        tables[table.Name.Name] = working;
        var step = queries.PlanPart(body, outer);
        tables.Remove(table.Name.Name);
        var check = new Check(working.Recursion);
        check.Visit(step, isAggregated: false);
        return check switch
        {
            { IsInSubquery: true } => throw Invalid("must not be read within a sub-query"),
            { IsInOuterJoin: true } => throw new SqlException(
                InvalidRecursion,
                $"recursive reference to query \"{DisplayName.Of(table.Name.Name)}\" must not appear within an outer join", null,
                table.Position),
            { IsAggregated: true } => throw new SqlException(InvalidRecursion,
                "aggregate functions are not allowed in a recursive query's recursive term", null, body.Position),
            { Reads: > 1 } => throw Invalid("must not be read more than once by its recursive term"),
            _ => step,
        };
    }

    private static void RequirePlain(Query query)
    {
        if (query.OrderBy.Count > 0 || query.Limit is not null || query.Offset is not null)
            throw BindingErrors.NotSupported("ORDER BY, LIMIT and OFFSET in a recursive query are not implemented", query.Position,
                "Write them where the table is read.");
    }

    private static PlanSchema? Widened(PlanSchema start, PlanSchema step)
    {
        var columns = start.Columns.Zip(step.Columns, static (a, b) => IsNumeric(a.Type) && IsNumeric(b.Type) && !a.Type.Equals(b.Type)
            ? a with { Type = SqlType.Numeric }
            : a).ToArray();
        return columns.SequenceEqual(start.Columns) ? null : start with { Columns = columns };
    }

    private void RequireTypes(PlanSchema start, PlanSchema step)
    {
        for (var i = 0; i < start.Columns.Count; i++)
        {
            var (own, other) = (start.Columns[i].Type, step.Columns[i].Type);
            if (IsNumeric(own) && IsNumeric(other))
                continue;
            var common = CommonTypes.Of([own, other], queries.Context, "UNION", table.Position);
            if (!common.Equals(own))
            {
                throw BindingErrors.Mismatch(
                    $"recursive query \"{table.Name.Text}\" column {i + 1} has type {BindingErrors.PostgresName(own)} in non-recursive " +
                        $"term but type {BindingErrors.PostgresName(common)} overall",
                    table.Position, "Cast the output of the non-recursive term to the correct type.");
            }
        }
    }

    private static bool IsNumeric(SqlType type) => type.Kind is SqlTypeKind.Decimal or SqlTypeKind.Numeric;

    private SqlException Invalid(string what) =>
        new(InvalidRecursion, $"recursive query \"{table.Name.Text}\" {what}", null, table.Position);

    /// <summary>Where a step reads the rows of the last one.</summary>
    private sealed class Check(int number) : ExpressionRewriter
    {
        private readonly HashSet<int> _tables = [];
        private bool _aggregated;

        public int Reads { get; private set; }

        public bool IsAggregated { get; private set; }

        public bool IsInSubquery { get; private set; }

        public bool IsInOuterJoin { get; private set; }

        public void Visit(LogicalPlan plan, bool isAggregated)
        {
            // What a common table reads counts once.
            if (plan is LogicalCommonTable { Table.Number: var table } && !_tables.Add(table))
                return;
            if (plan is LogicalWorkingTable { Recursion: var read } && read == number)
            {
                Reads++;
                IsAggregated |= isAggregated;
            }

            _aggregated = isAggregated;
            plan.MapExpressions(Rewrite);
            for (var i = 0; i < plan.Inputs.Count; i++)
            {
                var before = Reads;
                Visit(plan.Inputs[i], isAggregated || plan is LogicalAggregate);
                // A row that is missing there is not known to be so before all of them are found.
                var padded = plan is LogicalJoin join
                    && (join.Kind == JoinKind.Full || join.Kind == (i == 0 ? JoinKind.Right : JoinKind.Left));
                IsInOuterJoin |= padded && Reads > before;
            }
        }

        protected override BoundExpression RewriteSubquery(BoundSubquery subquery)
        {
            var before = Reads;
            Visit(subquery.Plan, _aggregated);
            IsInSubquery |= Reads > before && subquery.Kind != SubqueryKind.Rows;
            return subquery;
        }
    }
}

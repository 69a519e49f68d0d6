using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// Runs the sub-queries of a bounded query. One that does not read the enclosing row runs once, before the query; a correlated one runs for each row, over
/// relations that can be read without waiting.
/// </summary>
internal sealed class BoundedSubqueries : SubqueryRunner
{
    private const int MaxRows = 1_000_000;

    private readonly BoundedEnvironment _environment;
    private readonly Dictionary<BoundSubquery, List<object?>> _values;

    /// <summary>Creates the runner of a query.</summary>
    public BoundedSubqueries(BoundedEnvironment environment)
        : this(environment, new Dictionary<BoundSubquery, List<object?>>(ReferenceEqualityComparer.Instance))
    {
    }

    private BoundedSubqueries(BoundedEnvironment environment, Dictionary<BoundSubquery, List<object?>> values)
    {
        _environment = environment;
        _values = values;
    }

    /// <summary>The context that the enclosing query runs in; set once it is made.</summary>
    public OperatorContext? Context { get; set; }

    /// <summary>Runs the sub-queries of a plan that do not read the enclosing row, so that their values are there when they are needed.</summary>
    public async ValueTask PrepareAsync(LogicalPlan plan, CancellationToken cancellation)
    {
        foreach (var subquery in PlanExpressions.Subqueries(plan))
        {
            await PrepareAsync(subquery.Plan, cancellation);
            if (!subquery.IsCorrelated && !_values.ContainsKey(subquery))
                _values.Add(subquery, await RunAsync(subquery, Context!, cancellation));
        }
    }

    /// <inheritdoc/>
    public override void Evaluate(BoundSubquery subquery, Column? operand, ChangeBatch outer, RowSelection rows, Column result)
    {
        var row = new OuterRow { Batch = outer };
        var context = subquery.IsCorrelated ? Correlated(row) : null;
        for (var i = 0; i < rows.Count; i++)
        {
            row.Row = rows[i];
            var values = context is null ? _values[subquery] : RunNow(subquery, context);
            ColumnWriter.Write(result, rows[i], Answer(subquery, operand, rows[i], values));
        }
    }

    private static object? Answer(BoundSubquery subquery, Column? operand, int row, List<object?> values) => subquery.Kind switch
    {
        SubqueryKind.Exists => values.Count > 0,
        SubqueryKind.Array => values.ToArray(),
        SubqueryKind.Rows => throw new InvalidOperationException("the rows of a lateral query are no value"),
        SubqueryKind.In => IsIn(ColumnReader.Read(operand!, row), values),
        _ when values.Count > 1 => throw new SqlException(
            PostgresErrorCodes.CardinalityViolation, "more than one row returned by a subquery used as an expression"),
        _ => values.Count == 0 ? null : values[0],
    };

    private static object? IsIn(object? value, List<object?> values)
    {
        if (values.Count == 0)
            return false;
        if (value is null)
            return null;
        return values.Contains(value) ? true : values.Contains(null) ? null : false;
    }

    /// <summary>The context of a query that reads a row of the enclosing one.</summary>
    public OperatorContext Correlated(OuterRow row)
    {
        var inner = new BoundedSubqueries(_environment, _values);
        var context = new OperatorContext
        {
            Partition = Context!.Partition,
            Time = Context.Time,
            Rules = Context.Rules,
            Emission = Context.Emission,
            Counters = Context.Counters,
            Budget = Context.Budget,
            FailOnError = Context.FailOnError,
            Parameters = Context.Parameters,
            KsqlCompat = Context.KsqlCompat,
            Subqueries = inner,
            OuterRows = [row, .. Context.OuterRows],
        };
        inner.Context = context;
        return context;
    }

    private async ValueTask<List<object?>> RunAsync(BoundSubquery subquery, OperatorContext context, CancellationToken cancellation)
    {
        await using var source = new BoundedPlanner(_environment, context).Build(subquery.Plan);
        await source.OpenAsync(cancellation);
        var values = new List<object?>();
        while (await source.ReadAsync(cancellation) is { } batch)
            Collect(subquery, batch, values);
        return values;
    }

    private List<object?> RunNow(BoundSubquery subquery, OperatorContext context)
    {
        var run = RunAsync(subquery, context, CancellationToken.None);
        if (!run.IsCompleted)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "a correlated sub-query cannot read the records of a stream");
        return run.GetAwaiter().GetResult();
    }

    private static void Collect(BoundSubquery subquery, ChangeBatch batch, List<object?> values)
    {
        for (var i = 0; i < batch.Selection.Count; i++)
        {
            if (values.Count >= MaxRows)
                throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a sub-query gives more than {MaxRows} rows");
            values.Add(subquery.Kind == SubqueryKind.Exists ? null : ColumnReader.Read(batch.Columns[0], batch.Selection[i]));
        }
    }
}

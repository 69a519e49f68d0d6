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
/// Runs the sub-queries of a bounded query. One that does not read the enclosing row runs once, before the query; a correlated one that the
/// optimizer has found no join for runs once for all rows that are equal in what it reads of them, over
/// relations that can be read without waiting.
/// </summary>
internal sealed class BoundedSubqueries : SubqueryRunner
{
    private const int MaxRows = 1_000_000;

    private readonly BoundedEnvironment _environment;
    private readonly Dictionary<BoundSubquery, object?> _values;
    private readonly Dictionary<BoundSubquery, KnownAnswers?> _known;

    /// <summary>Creates the runner of a query.</summary>
    public BoundedSubqueries(BoundedEnvironment environment)
        : this(
            environment, new Dictionary<BoundSubquery, object?>(ReferenceEqualityComparer.Instance),
            new Dictionary<BoundSubquery, KnownAnswers?>(ReferenceEqualityComparer.Instance))
    {
    }

    private BoundedSubqueries(BoundedEnvironment environment, Dictionary<BoundSubquery, object?> values,
        Dictionary<BoundSubquery, KnownAnswers?> known)
    {
        _environment = environment;
        _values = values;
        _known = known;
    }

    /// <summary>The context that the enclosing query runs in; set once it is made.</summary>
    public OperatorContext? Context { get; set; }

    /// <summary>
    /// Runs the sub-queries of a plan that do not read the enclosing row, so that their values are there when they are needed.
    /// </summary>
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
        if (subquery.IsCorrelated)
        {
            EvaluateEach(subquery, operand, outer, rows, result);
        }
        else if (subquery.Kind == SubqueryKind.In)
        {
            var values = (SubqueryValues)_values[subquery]!;
            foreach (var row in rows)
                ColumnWriter.Write(result, row, values.Contains(ColumnReader.Read(operand!, row)));
        }
        else
        {
            result.Reset(1, constant: true);
            ColumnWriter.Write(result, 0, _values[subquery]);
        }
    }

    private void EvaluateEach(BoundSubquery subquery, Column? operand, ChangeBatch outer, RowSelection rows, Column result)
    {
        var row = new OuterRow { Batch = outer };
        var context = Correlated(row);
        var known = Known(subquery);
        var slots = known is null ? [] : known.SlotsOf(outer, rows, Context!.OuterRows);
        for (var i = 0; i < rows.Count; i++)
        {
            row.Row = rows[i];
            object? answer;
            if (known is null)
                answer = RunNow(subquery, context);
            else if (!known.TryGet(slots[i], out answer))
                known.Add(slots[i], answer = RunNow(subquery, context));
            ColumnWriter.Write(result, rows[i],
                answer is SubqueryValues values ? values.Contains(ColumnReader.Read(operand!, rows[i])) : answer);
        }
    }

    private KnownAnswers? Known(BoundSubquery subquery)
    {
        if (!_known.TryGetValue(subquery, out var known))
            _known.Add(subquery, known = KnownAnswers.For(subquery, Context!.Budget));
        return known;
    }

    private static object? Answer(BoundSubquery subquery, List<object?> values) => subquery.Kind switch
    {
        SubqueryKind.Exists => values.Count > 0,
        SubqueryKind.Array => values.ToArray(),
        SubqueryKind.Rows => throw new InvalidOperationException("the rows of a lateral query are no value"),
        SubqueryKind.In => new SubqueryValues(values),
        _ when values.Count > 1 => throw new SqlException(
            PostgresErrorCodes.CardinalityViolation, "more than one row returned by a subquery used as an expression"),
        _ => values.Count == 0 ? null : values[0],
    };

    /// <summary>The context of a query that reads a row of the enclosing one.</summary>
    public OperatorContext Correlated(OuterRow row)
    {
        var inner = new BoundedSubqueries(_environment, _values, _known);
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

    private async ValueTask<object?> RunAsync(BoundSubquery subquery, OperatorContext context, CancellationToken cancellation)
    {
        await using var source = new BoundedPlanner(_environment, context).Build(subquery.Plan);
        await source.OpenAsync(cancellation);
        var values = new List<object?>();
        while (await source.ReadAsync(cancellation) is { } batch)
        {
            Collect(subquery, batch, values);
            if (subquery.Kind == SubqueryKind.Exists && values.Count > 0)
                break;
        }

        return Answer(subquery, values);
    }

    private object? RunNow(BoundSubquery subquery, OperatorContext context)
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

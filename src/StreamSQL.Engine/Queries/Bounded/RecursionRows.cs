using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// WITH RECURSIVE: gives out the first rows, then those that each step makes of the last ones. The rows of one step are held, within the
/// query's budget; without ALL also all rows that were given, so that a cycle ends. One with ALL that
/// never ends is ended by LIMIT, by a cancel, or by the budget.
/// </summary>
internal sealed class RecursionRows(LogicalRecursion plan, BoundedPlanner planner, BoundedEnvironment environment, OperatorContext context)
    : RowSource
{
    private readonly Data.Types.SqlType[] _types = plan.Schema.Columns.Select(static column => column.Type).ToArray();
    private readonly RowSet? _seen = plan.All ? null : new RowSet(plan.Schema.Columns.Select(static column => column.Type).ToArray(),
        context.Budget);
    private RowSource? _rows;
    private RowBuffer? _working;
    private RowBuffer? _next;
    private ChangeBatch? _output;

    /// <inheritdoc/>
    public override async ValueTask OpenAsync(CancellationToken cancellation)
    {
        _rows = planner.Build(plan.Start);
        _next = new RowBuffer(_types, context.Budget);
        await _rows.OpenAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (_rows is not null)
        {
            cancellation.ThrowIfCancellationRequested();
            if (await _rows.ReadAsync(cancellation) is not { } batch)
            {
                await StepAsync(cancellation);
            }
            else if (Fresh(batch) is { } fresh)
            {
                _next!.Append(fresh.Columns, fresh.RowTime, Rows(fresh));
                return fresh;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_rows is not null)
            await _rows.DisposeAsync();
        await base.DisposeAsync();
    }

    private async ValueTask StepAsync(CancellationToken cancellation)
    {
        await _rows!.DisposeAsync();
        _rows = null;
        _working?.Release();
        (_working, _next) = (_next!, new RowBuffer(_types, context.Budget));
        if (_working.Count == 0)
            return;
        environment.WorkingTables[plan.Number] = _working;
        _rows = planner.Build(plan.Step);
        await _rows.OpenAsync(cancellation);
    }

    private ChangeBatch? Fresh(ChangeBatch batch)
    {
        if (_seen is null)
            return batch.Selection.Count > 0 ? batch : null;
        var output = BatchViews.View(batch, ref _output);
        output.Selection = _seen.AddNew(batch.Columns, batch.Selection);
        return output.Selection.Count > 0 ? output : null;
    }

    private static int[] Rows(ChangeBatch batch)
    {
        var rows = new int[batch.Selection.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = batch.Selection[i];
        return rows;
    }
}

/// <summary>The rows of the last step of a recursion.</summary>
internal sealed class WorkingRows(RowBuffer rows, PlanSchema schema) : RowSource
{
    private readonly BufferedRows _rows = new(rows, schema);

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation) => ValueTask.FromResult(_rows.Next());
}

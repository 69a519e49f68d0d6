using StreamSQL.Data.Batches;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// Each row of an input beside the rows that a query gives for it (LATERAL). The query is run anew for
/// each; its rows are gathered to whole batches.
/// </summary>
internal sealed class ApplyRows : RowSource
{
    private readonly RowSource _input;
    private readonly LogicalApply _plan;
    private readonly BoundedPlanner _planner;
    private readonly OuterRow _row = new();
    private readonly int _leftCount;
    private readonly ChangeBatch _output;
    private readonly int[] _leftRows = new int[ChangeBatch.MaxRows];
    private ChangeBatch? _batch;
    private int _next;
    private RowSource? _rows;
    private ChangeBatch? _found;
    private int _taken;
    private bool _isMatched;
    private int _count;

    /// <summary>Creates the node.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="plan">What is done with them.</param>
    /// <param name="subqueries">Makes the context of the query.</param>
    /// <param name="environment">What the query reads from.</param>
    public ApplyRows(RowSource input, LogicalApply plan, BoundedSubqueries subqueries, BoundedEnvironment environment)
    {
        _input = input;
        _plan = plan;
        _planner = new BoundedPlanner(environment, subqueries.Correlated(_row));
        _leftCount = plan.Input.Schema.Columns.Count;
        _output = new ChangeBatch(plan.Schema.Columns.Select(static column => column.Type).ToArray());
    }

    /// <inheritdoc/>
    public override ValueTask OpenAsync(CancellationToken cancellation) => _input.OpenAsync(cancellation);

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        Begin();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_count == ChangeBatch.MaxRows)
                return Give();
            if (_found is not null)
                Take();
            else if (_rows is not null)
                await ReadRowsAsync(cancellation);
            else if (_batch is not null && _next < _batch.Selection.Count)
                await OpenRowsAsync(_batch, cancellation);
            else if (_count > 0)
                return Give();
            else if ((_batch = await _input.ReadAsync(cancellation)) is null)
                return null;
            else
                _next = 0;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_rows is not null)
            await _rows.DisposeAsync();
        await _input.DisposeAsync();
        await base.DisposeAsync();
    }

    private void Begin()
    {
        _count = 0;
        foreach (var column in _output.Columns)
            column.Reset(ChangeBatch.MaxRows);
    }

    private async ValueTask OpenRowsAsync(ChangeBatch batch, CancellationToken cancellation)
    {
        _row.Batch = batch;
        _row.Row = batch.Selection[_next++];
        _isMatched = false;
        _rows = _planner.Build(_plan.Plan);
        await _rows.OpenAsync(cancellation);
    }

    private async ValueTask ReadRowsAsync(CancellationToken cancellation)
    {
        _taken = 0;
        _found = await _rows!.ReadAsync(cancellation);
        if (_found is not null)
            return;
        await _rows.DisposeAsync();
        _rows = null;
        if (_isMatched || !_plan.IsOuter)
            return;
        for (var c = _leftCount; c < _output.Columns.Length; c++)
            _output.Columns[c].SetNull(_count);
        _leftRows[_count++] = _row.Row;
    }

    private void Take()
    {
        var selection = _found!.Selection;
        var count = Math.Min(ChangeBatch.MaxRows - _count, selection.Count - _taken);
        for (var i = 0; i < count; i++)
        {
            var row = selection[_taken + i];
            for (var c = _leftCount; c < _output.Columns.Length; c++)
                _output.Columns[c].CopyRow(_found.Columns[c - _leftCount], row, _count);
            _leftRows[_count++] = _row.Row;
        }

        _isMatched |= count > 0;
        _taken += count;
        if (_taken == selection.Count)
            _found = null;
    }

    private ChangeBatch Give()
    {
        var rows = _leftRows.AsSpan(0, _count);
        for (var c = 0; c < _leftCount; c++)
            _output.Columns[c].Gather(_batch!.Columns[c], rows, 0);
        _output.RowTime.Reset(_count);
        _output.RowTime.Gather(_batch!.RowTime, rows, 0);
        _output.RowCount = _count;
        _output.Selection = RowSelection.All(_count);
        return _output;
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// The rows of a common table, for all that read them in one statement: computed as far as somebody has asked, and kept within the query's
/// budget. Where nobody is left who reads, rows that are not complete are forgotten.
/// </summary>
internal sealed class CommonTableBuffer(LogicalPlan plan, MemoryBudget budget)
{
    private RowSource? _source;
    private bool _isComplete;
    private int _readers;

    /// <summary>What was computed so far.</summary>
    public RowBuffer Rows { get; } = new([.. plan.Schema.Columns.Select(static column => column.Type)], budget);

    /// <summary>Begins to read.</summary>
    public async ValueTask OpenAsync(BoundedPlanner planner, CancellationToken cancellation)
    {
        _readers++;
        if (_isComplete || _source is not null)
            return;
        _source = planner.Build(plan);
        await _source.OpenAsync(cancellation);
    }

    /// <summary>Computes some more rows; false where there are none.</summary>
    public async ValueTask<bool> ReadMoreAsync(CancellationToken cancellation)
    {
        while (!_isComplete)
        {
            if (await _source!.ReadAsync(cancellation) is not { } batch)
            {
                _isComplete = true;
                await CloseSourceAsync();
            }
            else if (batch.Selection.Count > 0)
            {
                Rows.Append(batch.Columns, batch.RowTime, RowNumbers.Of(batch.Selection));
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends to read.</summary>
    public async ValueTask CloseAsync()
    {
        if (--_readers > 0 || _isComplete)
            return;
        await CloseSourceAsync();
        Rows.Release();
    }

    private async ValueTask CloseSourceAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        _source = null;
    }
}

/// <summary>Reads a common table from its first row on.</summary>
internal sealed class CommonTableRows(CommonTableBuffer table, PlanSchema schema, BoundedPlanner planner) : RowSource
{
    private readonly BufferedRows _rows = new(table.Rows, schema);
    private bool _isOpen;

    /// <inheritdoc/>
    public override ValueTask OpenAsync(CancellationToken cancellation)
    {
        _isOpen = true;
        return table.OpenAsync(planner, cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _rows.Next() ?? (await table.ReadMoreAsync(cancellation) ? _rows.Next() : null);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_isOpen)
            await table.CloseAsync();
        _isOpen = false;
        await base.DisposeAsync();
    }
}

/// <summary>Gives the rows of a buffer batch by batch; the buffer may grow meanwhile.</summary>
internal sealed class BufferedRows(RowBuffer rows, PlanSchema schema)
{
    private readonly ChangeBatch _output = new([.. schema.Columns.Select(static column => column.Type)]);
    private int _position;

    /// <summary>The next rows, lent until the next call; null where there are none now.</summary>
    public ChangeBatch? Next()
    {
        var count = Math.Min(ChangeBatch.MaxRows, rows.Count - _position);
        if (count == 0)
            return null;
        Span<int> places = stackalloc int[count];
        for (var i = 0; i < count; i++)
            places[i] = _position + i;
        _output.Reset(count);
        for (var c = 0; c < _output.Columns.Length; c++)
            _output.Columns[c].Gather(rows.Columns[c], places, 0);
        _output.RowTime.Gather(rows.RowTime, places, 0);
        _position += count;
        return _output;
    }
}

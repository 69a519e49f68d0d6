using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// A grouping of a table's rows on several processors: each takes blocks of the table and groups them by itself; then the groups are
/// merged. Only where the merged result is exactly that of one pass.
/// </summary>
/// <param name="plan">The grouping.</param>
/// <param name="input">Makes the rows of one processor, of the blocks that it takes.</param>
/// <param name="context">The query's context.</param>
/// <param name="options">How many processors.</param>
internal sealed class ParallelGrouping(LogicalAggregate plan, Func<SlotBlocks, RowSource> input, OperatorContext context,
    LaneOptions options)
    : RowSource
{
    private readonly HashAggregateOperator _groups = new(context, plan);
    private readonly SlotBlocks _blocks = new();
    private RowSource? _rows;
    private bool _isGrouped;

    /// <summary>
    /// Whether a grouping can be done so: of a table, by expressions that are the same each time, with aggregates that merge. Keys that may
    /// look different although they are equal would have to be those of the first row.
    /// </summary>
    public static bool IsFor(LogicalAggregate plan) =>
        plan.Aggregates.All(static call => call is { Binding.MergesExactly: true, Distinct: false, OrderBy.Count: 0 }
            && call.Arguments.All(ReadyQuery.CanRepeat) && (call.Filter is null || ReadyQuery.CanRepeat(call.Filter)))
        && plan.Keys.All(static key => ReadyQuery.CanRepeat(key) && !KeyValueCodec.LosesForm(key.Type)) && IsTable(plan.Input);

    /// <inheritdoc/>
    public override ValueTask OpenAsync(CancellationToken cancellation)
    {
        _rows = input(_blocks);
        return _rows.OpenAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<Data.Batches.ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        if (!_isGrouped)
        {
            _isGrouped = true;
            await GroupAsync(cancellation);
            _groups.Signal(OperatorSignal.End);
        }

        return _groups.Pull();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_rows is not null)
            await _rows.DisposeAsync();
        await base.DisposeAsync();
    }

    private static bool IsTable(LogicalPlan plan) => plan switch
    {
        LogicalScan { Source.Kind: RelationKind.Table, Access: null or { Points: null } } => true,
        LogicalFilter filter => ReadyQuery.CanRepeat(filter.Predicate) && IsTable(filter.Input),
        LogicalProject project => project.Expressions.All(ReadyQuery.CanRepeat) && IsTable(project.Input),
        _ => false,
    };

    private async ValueTask GroupAsync(CancellationToken cancellation)
    {
        var lanes = Math.Min(options.Max, _rows!.EstimatedSlots / options.MinRows);
        var others = new HashAggregateOperator[Math.Max(0, lanes - 1)];
        var running = new Task[others.Length];
        for (var i = 0; i < others.Length; i++)
        {
            var groups = others[i] = new HashAggregateOperator(context, plan);
            running[i] = Task.Run(() => RunAsync(groups, cancellation), CancellationToken.None);
        }

        try
        {
            await AddAllAsync(_rows, _groups, cancellation);
        }
        finally
        {
            // Nothing may go on when the query has ended, whatever happened to this lane.
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running);
        foreach (var groups in others)
            _groups.Merge(groups);
    }

    private async Task RunAsync(HashAggregateOperator groups, CancellationToken cancellation)
    {
        await using var rows = input(_blocks);
        try
        {
            await rows.OpenAsync(cancellation);
        }
        catch
        {
            _blocks.Stop();
            throw;
        }

        await AddAllAsync(rows, groups, cancellation);
    }

    private async ValueTask AddAllAsync(RowSource rows, HashAggregateOperator groups, CancellationToken cancellation)
    {
        try
        {
            while (await rows.ReadAsync(cancellation) is { } batch)
                groups.Push(batch);
        }
        catch
        {
            _blocks.Stop();
            throw;
        }
    }
}

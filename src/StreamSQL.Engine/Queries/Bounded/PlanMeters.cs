using StreamSQL.Data.Batches;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>What one node of a plan gave: rows, batches, and how long its first and all of them took, its inputs included.</summary>
internal sealed class PlanMeter
{
    /// <summary>Rows given out.</summary>
    public long Rows { get; set; }

    /// <summary>Batches given out.</summary>
    public long Batches { get; set; }

    /// <summary>Until the first row.</summary>
    public TimeSpan First { get; set; }

    /// <summary>All of its time.</summary>
    public TimeSpan Total { get; set; }
}

/// <summary>The meters of a plan's nodes, for EXPLAIN ANALYZE.</summary>
/// <param name="time">The clock.</param>
internal sealed class PlanMeters(TimeProvider time)
{
    private readonly Dictionary<LogicalPlan, PlanMeter> _meters = new(ReferenceEqualityComparer.Instance);

    /// <summary>A source that is measured.</summary>
    public RowSource Measure(LogicalPlan plan, RowSource source)
    {
        var meter = new PlanMeter();
        _meters[plan] = meter;
        return new MeteredRows(source, meter, time);
    }

    /// <summary>What a node gave; null where it was not run.</summary>
    public PlanMeter? Find(LogicalPlan plan) => _meters.GetValueOrDefault(plan);
}

/// <summary>Rows that are counted and timed on their way.</summary>
internal sealed class MeteredRows(RowSource input, PlanMeter meter, TimeProvider time) : RowSource
{
    /// <inheritdoc/>
    public override async ValueTask OpenAsync(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        await input.OpenAsync(cancellation);
        meter.Total += time.GetElapsedTime(start);
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var batch = await input.ReadAsync(cancellation);
        meter.Total += time.GetElapsedTime(start);
        if (batch is null)
            return null;
        if (meter.Rows == 0 && batch.Selection.Count > 0)
            meter.First = meter.Total;
        meter.Rows += batch.Selection.Count;
        meter.Batches++;
        return batch;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await input.DisposeAsync();
        await base.DisposeAsync();
    }
}

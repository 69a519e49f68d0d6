using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>streamsql.bad_records: records that did not parse, by query, since it started.</summary>
internal sealed class BadRecordsRelation(EngineServices services) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".bad_records";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(
        ("query_id", SqlType.Varchar), ("records", SqlType.BigInt), ("failed_expressions", SqlType.BigInt),
        ("last_error", SqlType.Varchar));

    /// <inheritdoc/>
    public override ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        foreach (var query in services.Queries.All.OrderBy(static query => query.Definition.Id, StringComparer.Ordinal))
            rows.Add(query.Definition.Id, query.Counters.BadRows, query.Counters.FailedExpressions, query.Counters.LastError);
        return ValueTask.CompletedTask;
    }
}

/// <summary>streamsql.late_records: rows that came when their window was closed, by query, since it started.</summary>
internal sealed class LateRecordsRelation(EngineServices services) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".late_records";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(("query_id", SqlType.Varchar), ("records", SqlType.BigInt));

    /// <inheritdoc/>
    public override ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        foreach (var query in services.Queries.All.OrderBy(static query => query.Definition.Id, StringComparer.Ordinal))
            rows.Add(query.Definition.Id, query.Counters.LateRows);
        return ValueTask.CompletedTask;
    }
}

using StreamSQL.Data.Types;
using StreamSQL.Engine.Queries;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>
/// streamsql.queries: each persistent query, how it is, how far behind its sources, and how fast it has been since it started.
/// </summary>
internal sealed class QueriesRelation(EngineServices services) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".queries";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(
        ("id", SqlType.Varchar), ("status", SqlType.Varchar), ("sink", SqlType.Varchar), ("sink_topic", SqlType.Varchar),
        ("lag", SqlType.BigInt),
        ("rows_in", SqlType.BigInt), ("rows_out", SqlType.BigInt), ("rows_per_second", SqlType.Double), ("late_rows", SqlType.BigInt),
        ("bad_rows", SqlType.BigInt), ("state_bytes", SqlType.BigInt), ("commits", SqlType.BigInt), ("started_at", SqlType.Timestamp),
        ("last_error", SqlType.Varchar), ("statement", SqlType.Varchar));

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        var now = services.Tasks.Time.GetUtcNow();
        foreach (var definition in snapshot.Catalog.Queries.Values)
        {
            var query = services.Queries.Find(definition.Id);
            var info = query is null ? null : QueryInfo.Of(query);
            var seconds = query?.StartedAt is { } started ? (now - started).TotalSeconds : 0;
            rows.Add(
                definition.Id, (info?.Status ?? QueryStatus.Stopped).ToString().ToUpperInvariant(), definition.Sink,
                snapshot.Catalog.Sources.GetValueOrDefault(definition.Sink)?.Topic,
                query is null ? null : await TaskLag.OfAsync(query, services, cancellation),
                info?.RowsIn ?? 0, info?.RowsOut ?? 0, seconds > 0 ? info!.RowsIn / seconds : 0d, info?.LateRows ?? 0, info?.BadRows ?? 0,
                info?.StateBytes ?? 0,
                query?.Commits ?? 0, query?.StartedAt?.ToUnixTimeMilliseconds(), info?.LastError, definition.Statement);
        }
    }
}

using Microsoft.Extensions.Logging;
using StreamSQL.Data.Schemas;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Queries.Sharing;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Engine.Tasks.Snapshots;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>What tasks take from the engine around them.</summary>
/// <param name="Broker">Where topics are.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where tasks log.</param>
/// <param name="Tables">The materialised tables, shared by all queries.</param>
/// <param name="Budget">The memory of the process.</param>
/// <param name="Options">What the engine was started with.</param>
/// <param name="Schemas">The schema registry; null when the engine has none.</param>
internal sealed record TaskEnvironment(
    IBrokerClient Broker, TimeProvider Time, ILogger Logger, TableRegistry Tables, MemoryBudget Budget, EngineOptions Options,
    ISchemaRegistry? Schemas)
{
    /// <summary>What runs the tasks of persistent queries.</summary>
    public TaskWorkers Workers { get; } = new(new RecordSource(Broker, Schemas, Time, Logger), Options);

    /// <summary>Where records of streams and tables come from.</summary>
    public RecordSource Records { get; } = new(Broker, Schemas, Time, Logger);

    /// <summary>How queries are shared with engines in other processes; null where this one runs all of them.</summary>
    public SharingOptions? Sharing { get; init; }

    /// <summary>Whether the catalog, read to its end now, still has a query as it is known here.</summary>
    public Func<QueryDefinition, CancellationToken, ValueTask<bool>> IsCurrent { get; init; } = static (_, _) => new(true);

    /// <summary>
    /// Writes and finds snapshots of states; null when the engine has no directory for them: then each start reads all changelogs.
    /// </summary>
    public StateSnapshots? Snapshots { get; init; }
}

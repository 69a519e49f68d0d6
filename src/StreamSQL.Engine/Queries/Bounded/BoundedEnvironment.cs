using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Engine.Sessions;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Engine.State;
using StreamSQL.Engine.SystemRelations;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>What bounded queries read from.</summary>
/// <param name="Tasks">Broker, clock, log, tables.</param>
/// <param name="Queries">The running queries.</param>
/// <param name="SystemRelations">System relations by name.</param>
/// <param name="Snapshot">What system relations are made from.</param>
/// <param name="Writes">What the session has written: tables that come from it are waited for.</param>
internal sealed record BoundedEnvironment(
    TaskEnvironment Tasks, QueryRegistry Queries, IReadOnlyDictionary<string, SystemRelation> SystemRelations, SystemSnapshot Snapshot,
    SessionWrites Writes)
{
    private readonly Dictionary<CommonTableDefinition, CommonTableBuffer> _commonTables = new(ReferenceEqualityComparer.Instance);

    /// <summary>What the session's open transaction has written: its reads see it; null for nothing.</summary>
    public HeldWrites? Held { get; init; }

    /// <summary>Where bad records met on the way are counted.</summary>
    public QueryCounters Counters { get; } = new();

    /// <summary>The rows of the last step of each recursion that runs, by its number.</summary>
    public Dictionary<int, RowBuffer> WorkingTables { get; } = [];

    /// <summary>The rows of a common table, for all that read it.</summary>
    public CommonTableBuffer CommonTable(LogicalCommonTable table, MemoryBudget budget)
    {
        if (!_commonTables.TryGetValue(table.Table, out var rows))
            _commonTables.Add(table.Table, rows = new CommonTableBuffer(table.Table.Plan, budget.Part("a common table")));
        return rows;
    }

    /// <summary>The partitions of a table in memory, current; waits until they are.</summary>
    public async ValueTask<IReadOnlyList<TableState>> OpenTableAsync(SourceDefinition source, CancellationToken cancellation)
    {
        var table = Tasks.Tables.Get(source, Tasks);
        var states = new TableState[table.Partitions.Count];
        for (var i = 0; i < states.Length; i++)
        {
            await table.Partitions[i].WaitUntilCurrentAsync(cancellation);
            states[i] = table.Partitions[i].Table;
        }

        return states;
    }

    /// <summary>The result states of a query; first waits for what the session has written itself.</summary>
    public async ValueTask<IReadOnlyList<TableState>> OpenResultAsync(PersistentQuery query, CancellationToken cancellation)
    {
        await query.WaitUntilStartedAsync(cancellation);
        var id = query.Definition.Id;
        if (Writes.MustWaitFor(id) && await Queries.WaitForWritesAsync(query, Writes.Topics, Snapshot.Catalog, cancellation))
            Writes.Waited(id);

        return await query.OpenResultAsync(cancellation);
    }
}

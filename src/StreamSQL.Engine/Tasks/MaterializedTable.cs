using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks;

/// <summary>A table with all its partitions in memory.</summary>
internal sealed class MaterializedTable : IAsyncDisposable
{
    /// <summary>Starts to follow a table's topic.</summary>
    public MaterializedTable(SourceDefinition source, TaskEnvironment environment)
    {
        Source = source;
        Schema = SourceSchemas.Of(source);
        Partitions = new TableReplica[source.Partitions];
        for (var i = 0; i < Partitions.Count; i++)
            ((TableReplica[])Partitions)[i] = new TableReplica(source, Schema, i, environment);
    }

    /// <summary>The table.</summary>
    public SourceDefinition Source { get; }

    /// <summary>All its columns, window bounds included.</summary>
    public PlanSchema Schema { get; }

    /// <summary>The partitions, in order.</summary>
    public IReadOnlyList<TableReplica> Partitions { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var partition in Partitions)
            await partition.DisposeAsync();
    }
}

/// <summary>The tables that are in memory, each once, from their first use until they are dropped. Thread-safe.</summary>
internal sealed class TableRegistry : IAsyncDisposable
{
    private readonly Lock _sync = new();
    private readonly Dictionary<string, MaterializedTable> _tables = new(StringComparer.Ordinal);

    /// <summary>The table, brought into memory if it is not there yet.</summary>
    public MaterializedTable Get(SourceDefinition source, TaskEnvironment environment)
    {
        lock (_sync)
        {
            if (!_tables.TryGetValue(source.Name, out var table))
                _tables.Add(source.Name, table = new MaterializedTable(source, environment));
            return table;
        }
    }

    /// <summary>The table if it is in memory.</summary>
    public MaterializedTable? Find(string name)
    {
        lock (_sync)
            return _tables.GetValueOrDefault(name);
    }

    /// <summary>Forgets a dropped table.</summary>
    public async ValueTask RemoveAsync(string name)
    {
        MaterializedTable? table;
        lock (_sync)
            _tables.Remove(name, out table);
        if (table is not null)
            await table.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var table in _tables.Values)
            await table.DisposeAsync();
    }
}

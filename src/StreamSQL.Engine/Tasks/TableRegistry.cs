using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>The tables that are in memory, each once, from their first use until they are dropped. Thread-safe.</summary>
internal sealed class TableRegistry : IAsyncDisposable
{
    private readonly Lock _sync = new();
    private readonly Dictionary<string, MaterializedTable> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TableReplica> _merged = new(StringComparer.Ordinal);

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

    /// <summary>The table with the rows of all partitions together, for push queries, which read all partitions in one task.</summary>
    public TableReplica GetMerged(SourceDefinition source, TaskEnvironment environment)
    {
        if (source.Partitions == 1)
            return Get(source, environment).Partitions[0];
        lock (_sync)
        {
            if (!_merged.TryGetValue(source.Name, out var replica))
                _merged.Add(source.Name, replica = new TableReplica(source, SourceSchemas.Of(source), Enumerable.Range(0, source.Partitions).ToArray(), environment));
            return replica;
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
        TableReplica? merged;
        lock (_sync)
        {
            _tables.Remove(name, out table);
            _merged.Remove(name, out merged);
        }

        if (table is not null)
            await table.DisposeAsync();
        if (merged is not null)
            await merged.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var table in _tables.Values)
            await table.DisposeAsync();
        foreach (var replica in _merged.Values)
            await replica.DisposeAsync();
    }
}

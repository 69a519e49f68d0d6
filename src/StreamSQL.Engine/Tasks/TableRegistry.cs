using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>The tables that are in memory, each once, from their first use until they are dropped. Thread-safe.</summary>
internal sealed class TableRegistry : IAsyncDisposable
{
    private readonly Lock _sync = new();
    // A table that was altered is there in both forms, while queries from before go on with the old one: its statement tells them apart.
    private readonly Dictionary<(string Name, string Statement), MaterializedTable> _tables = [];
    private readonly Dictionary<(string Name, string Statement), TableReplica> _merged = [];

    /// <summary>The table, brought into memory if it is not there yet.</summary>
    public MaterializedTable Get(SourceDefinition source, TaskEnvironment environment)
    {
        lock (_sync)
        {
            if (!_tables.TryGetValue((source.Name, source.Statement), out var table))
                _tables.Add((source.Name, source.Statement), table = new MaterializedTable(source, environment));
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
            if (!_merged.TryGetValue((source.Name, source.Statement), out var replica))
                _merged.Add((source.Name, source.Statement),
                    replica = new TableReplica(source, SourceSchemas.Of(source), Enumerable.Range(0, source.Partitions).ToArray(),
                        environment));
            return replica;
        }
    }

    /// <summary>The table if it is in memory.</summary>
    public MaterializedTable? Find(SourceDefinition source)
    {
        lock (_sync)
            return _tables.GetValueOrDefault((source.Name, source.Statement));
    }

    /// <summary>Forgets a dropped table, in all its forms.</summary>
    public async ValueTask RemoveAsync(string name)
    {
        MaterializedTable[] tables;
        TableReplica[] merged;
        lock (_sync)
        {
            tables = Take(_tables, name);
            merged = Take(_merged, name);
        }

        foreach (var table in tables)
            await table.DisposeAsync();
        foreach (var replica in merged)
            await replica.DisposeAsync();
    }

    private static T[] Take<T>(Dictionary<(string Name, string Statement), T> from, string name)
    {
        var keys = from.Keys.Where(key => key.Name == name).ToArray();
        var taken = keys.Select(key => from[key]).ToArray();
        foreach (var key in keys)
            from.Remove(key);
        return taken;
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

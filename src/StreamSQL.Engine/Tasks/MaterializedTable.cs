using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks;

/// <summary>A table with all its partitions in memory, each by itself.</summary>
internal sealed class MaterializedTable : IAsyncDisposable
{
    private readonly TableReplica[] _partitions;

    /// <summary>Starts to follow a table's topic.</summary>
    public MaterializedTable(SourceDefinition source, TaskEnvironment environment)
    {
        var schema = SourceSchemas.Of(source);
        _partitions = new TableReplica[source.Partitions];
        for (var i = 0; i < _partitions.Length; i++)
            _partitions[i] = new TableReplica(source, schema, [i], environment);
    }

    /// <summary>The partitions, in order.</summary>
    public IReadOnlyList<TableReplica> Partitions => _partitions;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var partition in _partitions)
            await partition.DisposeAsync();
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// Fetches the schemas that fetched records name from a registry that has to be asked, so that decoding never waits. While the registry
/// cannot be reached the records wait: what is not understood yet is not bad. Used by one reader, one fetch after another.
/// </summary>
internal sealed class SchemaPrefetch : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly RecordSource _records;
    private readonly ISchemaRegistry _registry;
    private readonly bool _ofKeys;
    private readonly bool _ofValues;
    private readonly RecordParser _parser = new(withHeaders: false);
    private readonly RecordRun _run = new();
    private readonly HashSet<int> _unknown = [];

    private SchemaPrefetch(RecordSource records, ISchemaRegistry registry, bool ofKeys, bool ofValues)
    {
        _records = records;
        _registry = registry;
        _ofKeys = ofKeys;
        _ofValues = ofValues;
    }

    /// <summary>What a source needs; null when its formats have no schemas or all are known.</summary>
    public static SchemaPrefetch? For(SourceDefinition source, RecordSource records)
    {
        var ofKeys = source.Columns.Any(static column => column.IsKey) && SchemaFormats.Find(source.KeyFormat.Name) is not null;
        var ofValues = SchemaFormats.Find(source.ValueFormat.Name) is not null;
        return records.Schemas is { KnowsAll: false } registry
            && (ofKeys || ofValues) ? new SchemaPrefetch(records, registry, ofKeys, ofValues) : null;
    }

    /// <summary>Fetches what the records name and the registry's client does not know yet.</summary>
    public async ValueTask FetchAsync(FetchedRecords fetched, CancellationToken cancellation)
    {
        _unknown.Clear();
        _parser.Begin(fetched);
        while (_parser.Next(_run, 0))
        {
            if (_ofKeys)
                Collect(_run.Keys);
            if (_ofValues)
                Collect(_run.Values);
        }

        foreach (var id in _unknown)
            await FetchAsync(id, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _parser.Dispose();

    private void Collect(SliceList records)
    {
        for (var i = 0; i < records.Count; i++)
        {
            if (SchemaFrame.TryReadId(records[i], out var id) && _registry.Find(id) is null)
                _unknown.Add(id);
        }
    }

    private async ValueTask FetchAsync(int id, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await _registry.GetAsync(id, cancellation);
                return;
            }
            catch (SqlException error)
            {
                TaskLog.SchemaUnavailable(_records.Logger, id, error.Message);
                await Task.Delay(RetryDelay, _records.Time, cancellation);
            }
        }
    }
}

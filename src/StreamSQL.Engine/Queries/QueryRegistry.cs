using System.Collections.Concurrent;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Queries;

/// <summary>The persistent queries of this process by id. Thread-safe.</summary>
internal sealed class QueryRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, PersistentQuery> _queries = new(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public IEnumerable<PersistentQuery> All => _queries.Values;

    /// <summary>The query of an id, or null.</summary>
    public PersistentQuery? Find(string id) => _queries.GetValueOrDefault(id);

    /// <summary>Adds a query, started or not.</summary>
    public void Add(PersistentQuery query) => _queries[query.Definition.Id] = query;

    /// <summary>Puts a query in the place of another one; false when that one is not here any more.</summary>
    public bool TryReplace(PersistentQuery before, PersistentQuery query) => _queries.TryUpdate(query.Definition.Id, query, before);

    /// <summary>Takes a query out; null when it is not here.</summary>
    public PersistentQuery? Remove(string id) => _queries.TryRemove(id, out var query) ? query : null;

    /// <summary>
    /// Waits until a query, and the queries that write what it reads, have read and committed what their topics hold now, if any of it can
    /// come from the given topics. False when one of them does not run, so that it has not read it.
    /// </summary>
    public async ValueTask<bool> WaitForWritesAsync(
        PersistentQuery query, IReadOnlySet<string> topics, CatalogImage catalog, CancellationToken cancellation)
    {
        var allRun = true;
        foreach (var upstream in Upstream(query, catalog))
        {
            if (!ReadsAny(upstream, topics, catalog, []))
                continue;
            await upstream.WaitUntilCaughtUpAsync(cancellation);
            allRun &= upstream.Status == QueryStatus.Running;
        }

        return allRun;
    }

    /// <summary>
    /// Waits until all queries have read and committed what their topics hold now, the results of other queries included.
    /// </summary>
    public async ValueTask WaitUntilCaughtUpAsync(CatalogImage catalog, CancellationToken cancellation)
    {
        var done = new HashSet<PersistentQuery>();
        foreach (var query in All)
        {
            foreach (var upstream in Upstream(query, catalog))
            {
                if (done.Add(upstream))
                    await upstream.WaitUntilCaughtUpAsync(cancellation);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var query in All)
            await query.DisposeAsync();
    }

    /// <summary>A query after everything that it depends on.</summary>
    private List<PersistentQuery> Upstream(PersistentQuery query, CatalogImage catalog)
    {
        var order = new List<PersistentQuery>();
        Visit(query, order, []);
        return order;

        void Visit(PersistentQuery current, List<PersistentQuery> result, HashSet<string> seen)
        {
            if (!seen.Add(current.Definition.Id))
                return;
            foreach (var writer in Writers(current, catalog))
                Visit(writer, result, seen);
            result.Add(current);
        }
    }

    private bool ReadsAny(PersistentQuery query, IReadOnlySet<string> topics, CatalogImage catalog, HashSet<string> seen) =>
        seen.Add(query.Definition.Id)
        && (query.Definition.Sources.Any(name => catalog.Sources.TryGetValue(name, out var source) && topics.Contains(source.Topic))
            || Writers(query, catalog).Any(writer => ReadsAny(writer, topics, catalog, seen)));

    private IEnumerable<PersistentQuery> Writers(PersistentQuery query, CatalogImage catalog) =>
        from definition in catalog.Queries.Values
        where query.Definition.Sources.Contains(definition.Sink) && definition.Id != query.Definition.Id
        let writer = Find(definition.Id)
        where writer is not null
        select writer;
}

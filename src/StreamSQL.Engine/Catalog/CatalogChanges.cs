using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Sessions.Statements;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Catalog;

/// <summary>
/// Runs the statements that change the catalog. Each binds against the newest image and appends its record with that version; when another
/// statement came first, it binds again. Topics are made before the record, and are found there if it is all done twice.
/// </summary>
internal sealed class CatalogChanges(EngineServices services)
{
    private const int MaxAttempts = 20;

    /// <summary>CREATE STREAM or TABLE, over a topic or AS SELECT; INSERT INTO ... SELECT. Returns the query's id, or null.</summary>
    /// <exception cref="SqlException">The statement is wrong, or 40001 after too many conflicts.</exception>
    /// <param name="statement">The statement.</param>
    /// <param name="properties">The session's properties.</param>
    /// <param name="functions">The functions that DEFAULT may name; null for those that all sessions
    /// share, which is what queries may name.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask<CreateOutcome> CreateAsync(
        Statement statement, IReadOnlyDictionary<string, string> properties, FunctionRegistry? functions, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var image = services.Log.Image;
            var topics = await TopicsAsync(cancellation);
            var schemas = await FetchSchemasAsync(statement, properties, cancellation);
            var planned = services.Planner.Plan(statement, image, properties, topics, [], functions, schemas);
            var outcome = planned switch
            {
                PlannedCreateSource create => await TryCreateSourceAsync(create, image, cancellation),
                PlannedPersistentQuery query => await TryCreateQueryAsync(query, statement, properties, image, cancellation),
                _ => throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "this statement cannot be run"),
            };
            if (outcome is not null)
                return outcome;
        }

        throw Conflict();
    }

    /// <summary>DROP STREAM or TABLE, with the query that makes it. False when it is not there.</summary>
    /// <exception cref="SqlException">42809: it is the other kind; 2BP01: queries use it.</exception>
    public async ValueTask<bool> DropAsync(string name, RelationKind kind, bool deleteTopic, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var image = services.Log.Image;
            if (!image.Sources.TryGetValue(name, out var source))
                return false;
            CheckDrop(source, kind, image);
            deleteTopic |= source.OwnsTopic;
            if (deleteTopic && source.IsReadOnly)
            {
                throw new SqlException(
                    PostgresErrorCodes.FeatureNotSupported, $"Cannot delete topic for read-only source: {source.Name}",
                    "Leave DELETE TOPIC out.");
            }

            if (source.QueryId is { } queryId && image.Queries.ContainsKey(queryId))
            {
                await TryTerminateAsync(queryId, cancellation);
                continue;
            }

            if (!await services.Log.TryAppendAsync(new DropSourceRecord(name), image.Version, cancellation))
                continue;
            await services.Tasks.Tables.RemoveAsync(name);
            services.Tasks.Snapshots?.DeleteTable(source);
            if (deleteTopic)
                await DeleteTopicAsync(source, cancellation);
            return true;
        }

        throw Conflict();
    }

    /// <summary>CREATE TYPE. False when there is one of that name.</summary>
    public async ValueTask<bool> CreateTypeAsync(
        string name, Func<CatalogImage, SqlType> resolve, IReadOnlyList<string>? labels, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var image = services.Log.Image;
            if (image.Types.ContainsKey(name))
                return false;
            var record = new CreateTypeRecord(name, resolve(image)) { Labels = labels };
            if (await services.Log.TryAppendAsync(record, image.Version, cancellation))
                return true;
        }

        throw Conflict();
    }

    /// <summary>DROP TYPE. False when there is none of that name.</summary>
    public async ValueTask<bool> DropTypeAsync(string name, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var image = services.Log.Image;
            if (!image.Types.ContainsKey(name))
                return false;
            if (await services.Log.TryAppendAsync(new DropTypeRecord(name), image.Version, cancellation))
                return true;
        }

        throw Conflict();
    }

    /// <summary>TERMINATE. False when there is no such query.</summary>
    public async ValueTask<bool> TerminateAsync(string queryId, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!services.Log.Image.Queries.ContainsKey(queryId))
                return false;
            if (await TryTerminateAsync(queryId, cancellation))
                return true;
        }

        throw Conflict();
    }

    /// <summary>PAUSE or RESUME, which also starts a failed query again. False when there is no such query.</summary>
    public async ValueTask<bool> SetPausedAsync(string queryId, bool paused, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var image = services.Log.Image;
            if (!image.Queries.ContainsKey(queryId))
                return false;
            if (!await services.Log.TryAppendAsync(new PauseQueryRecord(queryId, paused), image.Version, cancellation))
                continue;
            services.Queries.Find(queryId)?.SetPaused(paused);
            if (!paused)
                await services.Lifecycle.RetryAsync(services.Log.Image.Queries[queryId]);
            return true;
        }

        throw Conflict();
    }

    /// <summary>ALTER STREAM or TABLE.</summary>
    /// <exception cref="SqlException">It is not there, or cannot be altered so; 40001 after too many conflicts.</exception>
    public async ValueTask AlterAsync(
        AlterSourceStatement statement, IReadOnlyDictionary<string, string> properties, FunctionRegistry functions,
        CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var image = services.Log.Image;
            var altered = services.Planner.PlanAlter(statement, image, properties, functions);
            var before = image.Sources[statement.Name.Last.Name];
            if (ReferenceEquals(altered, before))
                return;
            CatalogRecord record = altered.Name == before.Name
                ? new CreateSourceRecord(altered) : new RenameSourceRecord(before.Name, altered);
            if (!await services.Log.TryAppendAsync(record, image.Version, cancellation))
                continue;
            await ForgetTableAsync(before.Name);
            return;
        }

        throw Conflict();
    }

    /// <summary>ALTER SYSTEM.</summary>
    /// <exception cref="SqlException">40001 after too many conflicts.</exception>
    public async ValueTask AlterSystemAsync(string property, string value, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await services.Log.TryAppendAsync(new AlterSystemRecord(property, value), services.Log.Image.Version, cancellation))
                return;
        }

        throw Conflict();
    }

    /// <summary>Appends what <paramref name="make"/> makes of the newest image; false when it makes nothing.</summary>
    /// <exception cref="SqlException">What <paramref name="make"/> throws; 40001 after too many conflicts.</exception>
    public async ValueTask<bool> AppendAsync(Func<CatalogImage, CatalogRecord?> make, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var image = services.Log.Image;
            if (make(image) is not { } record)
                return false;
            if (await services.Log.TryAppendAsync(record, image.Version, cancellation))
                return true;
        }

        throw Conflict();
    }

    private static void CheckDrop(SourceDefinition source, RelationKind kind, CatalogImage image)
    {
        if (!source.IsOf(kind))
        {
            var actual = source.Kind == RelationKind.Stream ? "STREAM" : "TABLE";
            throw new SqlException(PostgresErrorCodes.WrongObjectType, $"{source.Name} is a {actual}", $"Use DROP {actual}.");
        }

        if (image.ViewsOver(source.Name) is { Count: > 0 } views)
            throw DependentViews.Refuse(views, $"{(kind == RelationKind.Stream ? "stream" : "table")} {DisplayName.Of(source.Name)}");
        var users = image.Queries.Values
            .Where(query => query.Sources.Contains(source.Name) || (query.Sink == source.Name && query.Id != source.QueryId))
            .Select(static query => query.Id).ToArray();
        if (users.Length > 0)
        {
            throw new SqlException(
                PostgresErrorCodes.DependentObjectsStillExist, $"cannot drop {source.Name}: queries use it",
                $"Terminate them first: {string.Join(", ", users)}.");
        }
    }

    private static SqlException Conflict() =>
        new(PostgresErrorCodes.SerializationFailure, "the catalog kept changing while the statement was run", "Run it again.");

    private async ValueTask<CreateOutcome?> TryCreateSourceAsync(PlannedCreateSource create, CatalogImage image,
        CancellationToken cancellation)
    {
        if (create.Exists)
            return new CreateOutcome(create.Source.Name, null, Existed: true);
        InternalTopics.RefuseCatalog(create.Source.Topic);
        if (create.CreatesTopic)
            await CreateTopicAsync(create.Source, create.TopicConfigs, cancellation);
        var source = await SinkSchemas.RegisterAsync(create.Source, isWritten: false, services.Tasks.Schemas, cancellation);
        if (!await services.Log.TryAppendAsync(new CreateSourceRecord(source) { Sequences = create.Sequences }, image.Version,
            cancellation))
            return null;
        foreach (var sequence in create.Sequences)
            services.Sequences.Forget(sequence.Name);
        await ForgetTableAsync(create.Source.Name);
        return new CreateOutcome(create.Source.Name, null, Existed: false) { IsKeylessTable = create.Source.IsKeylessTable };
    }

    private async ValueTask<CreateOutcome?> TryCreateQueryAsync(
        PlannedPersistentQuery planned, Statement statement, IReadOnlyDictionary<string, string> properties, CatalogImage image,
        CancellationToken cancellation)
    {
        if (planned.Exists)
            return new CreateOutcome(planned.Target.Name, null, Existed: true);
        InternalTopics.RefuseCatalog(planned.Target.Topic);

        // A plan that cannot run must fail before anything is made.
        var topology = PhysicalPlanner.Plan(planned.QueryId, planned.Plan);
        if (planned.Replaced is not null && services.Queries.Find(planned.QueryId) is { } running
            && !QueryProperties.IsCompatible(properties))
            TopologyUpgrade.Check(running.Topology, topology);
        if (planned.CreatesTopic)
            await CreateTopicAsync(planned.Target, planned.TopicConfigs, cancellation);
        var target = planned.CreatesTarget
            ? await SinkSchemas.RegisterAsync(planned.Target, isWritten: true, services.Tasks.Schemas, cancellation)
            : await SinkSchemas.PrepareAsync(planned.Target, services.Tasks.Schemas, cancellation);
        var sources = planned.Sources.Select(name => image.Sources[name]).ToArray();
        var definition = new QueryDefinition
        {
            Id = planned.QueryId,
            Statement = statement.Text,
            Sink = planned.Target.Name,
            Sources = planned.Sources,
            Properties = properties,
            Manifest = PlanPrinter.Print(planned.Plan),
            StartOffsets = planned.Replaced is { } before
                ? before.StartOffsets : QueryProperties.BeginsAtLatest(properties, byDefault: false)
                ? await EndsAsync(sources.Where(static source => source.Kind == RelationKind.Stream), cancellation)
                : new Dictionary<string, IReadOnlyList<long>>(),
            OwnsSink = planned.CreatesTarget,
            Types = image.Types.Where(type => statement.Text.Contains(type.Key, StringComparison.OrdinalIgnoreCase)).ToDictionary(),
            IsPaused = planned.Replaced is { IsPaused: true },
        };
        var record = new CreateQueryRecord(definition, planned.CreatesTarget ? target : null);
        if (planned.Replaced is null)
            await services.Lifecycle.ClearAsync(definition.Id, cancellation);
        if (!await services.Log.TryAppendAsync(record, image.Version, cancellation))
            return null;
        definition = definition with { Version = image.Version + 1 };
        if (planned.Replaced is not null)
        {
            await ForgetTableAsync(planned.Target.Name);
            await services.Lifecycle.ReplaceAsync(definition, target, planned.Plan, cancellation);
            return new CreateOutcome(planned.Target.Name, definition.Id, Existed: false);
        }

        await services.Lifecycle.StartAsync(definition, target, planned.Plan);
        return new CreateOutcome(planned.Target.Name, definition.Id, Existed: false);
    }

    private async ValueTask<bool> TryTerminateAsync(string queryId, CancellationToken cancellation)
    {
        if (!await services.Log.TryAppendAsync(new DropQueryRecord(queryId), services.Log.Image.Version, cancellation))
            return false;
        await services.Lifecycle.RemoveAsync(queryId, cancellation);
        return true;
    }

    private async ValueTask CreateTopicAsync(SourceDefinition source, IReadOnlyDictionary<string, string> configs,
        CancellationToken cancellation)
    {
        try
        {
            var topic = new NewTopic(source.Topic, source.Partitions, services.Tasks.Options.ReplicationFactor, configs);
            await services.Tasks.Broker.CreateTopicAsync(topic, cancellation);
        }
        catch (KafkaException error) when (error.Code == ErrorCode.TopicAlreadyExists)
        {
            // Another statement was faster, or an earlier attempt of this one: it will do if it has the partitions that were planned.
            var existing = await services.Tasks.Broker.GetTopicsAsync([source.Topic], cancellation);
            if (existing.Count == 0 || existing[0].PartitionCount != source.Partitions)
                throw new SqlException(PostgresErrorCodes.DuplicateObject, $"topic {source.Topic} exists with another number of partitions",
                    inner: error);
        }
    }

    // A table as it was stays in memory as long as queries that were made before its change read it.
    private async ValueTask ForgetTableAsync(string name)
    {
        if (!services.Log.Image.Queries.Values.Any(query => query.Sources.Contains(name)))
            await services.Tasks.Tables.RemoveAsync(name);
    }

    /// <summary>The topic, and the schemas of what was in it.</summary>
    private async ValueTask DeleteTopicAsync(SourceDefinition source, CancellationToken cancellation)
    {
        try
        {
            await services.Tasks.Broker.DeleteTopicAsync(source.Topic, cancellation);
        }
        catch (KafkaException error) when (error.Code == ErrorCode.UnknownTopicOrPartition)
        {
            Queries.QueryLog.TopicGone(services.Tasks.Logger, source.Topic);
        }

        if (services.Tasks.Schemas is not { } schemas)
            return;
        if (SchemaFormats.Find(source.KeyFormat.Name) is not null)
            await schemas.DeleteSubjectAsync(SchemaLookup.SubjectOf(source.Topic, isKey: true), cancellation);
        if (SchemaFormats.Find(source.ValueFormat.Name) is not null)
            await schemas.DeleteSubjectAsync(SchemaLookup.SubjectOf(source.Topic, isKey: false), cancellation);
    }

    /// <summary>The schemas that the statement is planned with.</summary>
    private async ValueTask<FetchedSchemas> FetchSchemasAsync(
        Statement statement, IReadOnlyDictionary<string, string> properties, CancellationToken cancellation)
    {
        var found = FetchedSchemas.None;
        foreach (var lookup in SchemaLookup.Of(statement, properties))
        {
            var schemas = services.Tasks.Schemas ?? throw new SqlException(
                PostgresErrorCodes.ObjectNotInPrerequisiteState, "the statement needs a schema registry, and the server has none");
            var schema = lookup.Id is { } id
                ? await schemas.GetAsync(id, cancellation)
                : (await schemas.GetVersionAsync(lookup.Subject, null, cancellation))?.Schema;
            found = lookup.IsKey ? found with { Key = schema } : found with { Value = schema };
        }

        return found;
    }

    private async ValueTask<IReadOnlyDictionary<string, int>> TopicsAsync(CancellationToken cancellation)
    {
        var topics = await services.Tasks.Broker.GetTopicsAsync(null, cancellation);
        return topics.ToDictionary(static topic => topic.Name, static topic => topic.PartitionCount, StringComparer.Ordinal);
    }

    private async ValueTask<Dictionary<string, IReadOnlyList<long>>> EndsAsync(IEnumerable<SourceDefinition> sources,
        CancellationToken cancellation)
    {
        var ends = new Dictionary<string, IReadOnlyList<long>>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            var offsets = new long[source.Partitions];
            for (var i = 0; i < offsets.Length; i++)
                offsets[i] = (await services.Tasks.Broker.GetOffsetsAsync(new TopicPartition(source.Topic, i), cancellation)).LastStable;
            ends[source.Topic] = offsets;
        }

        return ends;
    }
}

/// <summary>What a CREATE has done.</summary>
/// <param name="Name">The stream or table.</param>
/// <param name="QueryId">The query that was started, or null.</param>
/// <param name="Existed">IF NOT EXISTS, and it was there.</param>
internal sealed record CreateOutcome(string Name, string? QueryId, bool Existed)
{
    /// <summary>Whether it is a table without PRIMARY KEY.</summary>
    public bool IsKeylessTable { get; init; }
}

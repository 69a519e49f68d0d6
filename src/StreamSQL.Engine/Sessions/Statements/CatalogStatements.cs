using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>CREATE STREAM or TABLE, also AS SELECT.</summary>
internal sealed class CreateStatement(Session session, EngineServices services, CreateSourceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var functions = syntax.Query is null ? session.Functions : null;
        var outcome = await services.Changes.CreateAsync(syntax, session.Settings.Properties, functions, cancellation);
        var kind = syntax.MaterializedView is not null ? "MATERIALIZED VIEW" : syntax.Kind == RelationKind.Stream ? "STREAM" : "TABLE";
        var notice = outcome switch
        {
            { Existed: true } => new Notice("NOTICE", PostgresErrorCodes.DuplicateTable,
                $"relation \"{DisplayName.Of(outcome.Name)}\" already exists, skipping"),
            { IsKeylessTable: true } => new Notice(
                "NOTICE", PostgresErrorCodes.SuccessfulCompletion,
                $"table \"{DisplayName.Of(outcome.Name)}\" has no primary key: rows are added to it, and never changed",
                "With PRIMARY KEY behind a column, UPDATE and DELETE can find rows."),
            { QueryId: { } id } => new Notice("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"created query {id}"),
            _ => null,
        };
        var kept = outcome.Existed ? [] : StoredTypes.AsText(syntax, session.Settings.Properties).Select(static column => new Notice(
            "NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"column \"{column.Column.Text}\" is kept as text",
            $"Nothing checks what is written to it. Cast it where it is read: {column.Column.Text}::{column.Type}."));
        return new CommandResult($"CREATE {kind}", notices: [.. notice is null ? [] : new[] { notice }, .. kept,
            .. outcome.Existed ? [] : ConstraintWarnings.Of(syntax.Constraints)]);
    }
}

/// <summary>INSERT INTO ... SELECT: a persistent query into what is there.</summary>
internal sealed class InsertQueryStatement(Session session, EngineServices services, InsertStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var outcome = await services.Changes.CreateAsync(syntax, session.Settings.Properties, null, cancellation);
        return CommandResult.Of("INSERT 0 0",
            new Notice("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"created query {outcome.QueryId}"));
    }
}

/// <summary>DROP STREAM or TABLE.</summary>
internal sealed class DropStatement(EngineServices services, DropSourceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var image = services.Log.Image;
        if (!syntax.IfExists && syntax.Names.FirstOrDefault(
            name => !image.Sources.ContainsKey(SourceNames.Resolve(image, name.Last))) is { } missing)
            throw SourceNames.NothingToDrop(image, syntax, missing);
        if (syntax.IsMaterializedView)
            RequireMaterializedViews(image);
        var kind = syntax.IsMaterializedView ? "materialized view" : syntax.Kind == RelationKind.Stream ? "stream" : "table";
        var notices = new List<Notice>();
        foreach (var dropped in syntax.Names)
        {
            var name = SourceNames.Resolve(services.Log.Image, dropped.Last);
            if (syntax.IsCascade && services.Log.Image.Sources.ContainsKey(name))
                notices.AddRange((await DependentViews.DropAsync(services, name, static _ => true, cancellation)).Select(
                    DependentViews.Dropped));
            if (await services.Changes.DropAsync(name, syntax.Kind, syntax.DeleteTopic, cancellation))
                continue;
            if (!syntax.IfExists)
                throw SourceNames.NothingToDrop(services.Log.Image, syntax, dropped);
            notices.Add(new("NOTICE", PostgresErrorCodes.SuccessfulCompletion,
                $"{kind} \"{DisplayName.Of(name)}\" does not exist, skipping"));
        }

        return new CommandResult($"DROP {kind.ToUpperInvariant()}", notices: notices);
    }

    private void RequireMaterializedViews(CatalogImage image)
    {
        foreach (var name in syntax.Names)
        {
            if (image.Sources.TryGetValue(SourceNames.Resolve(image, name.Last), out var source) && source.QueryId is null)
            {
                throw new SqlException(
                    PostgresErrorCodes.WrongObjectType, $"\"{name.Last.Text}\" is not a materialized view",
                    "Use DROP TABLE or DROP STREAM to remove it.", name.Position);
            }
        }
    }
}

/// <summary>TERMINATE, PAUSE and RESUME of one query or all.</summary>
internal sealed class QueryControlStatement(EngineServices services, Identifier? queryId, QueryControl control) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (queryId is not null)
        {
            if (!await ApplyAsync(FindId(queryId), cancellation))
                throw Unknown(queryId);
        }
        else
        {
            foreach (var id in services.Log.Image.Queries.Keys)
                await ApplyAsync(id, cancellation);
        }

        return new CommandResult(control.ToString().ToUpperInvariant());
    }

    /// <summary>The error for a query that is not there.</summary>
    public static SqlException Unknown(Identifier id) =>
        new(PostgresErrorCodes.UndefinedObject, $"query {id.Text} does not exist", "SHOW QUERIES lists the queries.", id.Position);

    private string FindId(Identifier id)
    {
        var queries = services.Log.Image.Queries;
        return queries.ContainsKey(id.Name) ? id.Name
            : queries.Keys.FirstOrDefault(key => key.Equals(id.Text, StringComparison.OrdinalIgnoreCase)) ?? id.Name;
    }

    private ValueTask<bool> ApplyAsync(string id, CancellationToken cancellation) => control switch
    {
        QueryControl.Terminate => services.Changes.TerminateAsync(id, cancellation),
        _ => services.Changes.SetPausedAsync(id, control == QueryControl.Pause, cancellation),
    };
}

/// <summary>What is done with a query.</summary>
internal enum QueryControl
{
    /// <summary>TERMINATE.</summary>
    Terminate,

    /// <summary>PAUSE.</summary>
    Pause,

    /// <summary>RESUME.</summary>
    Resume,
}

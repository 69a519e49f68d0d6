using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>ALTER STREAM or TABLE. Queries that run go on with the columns that they were made with.</summary>
internal sealed class AlterStatement(Session session, EngineServices services, AlterSourceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var tag = syntax.Kind == RelationKind.Stream ? "ALTER STREAM" : "ALTER TABLE";
        var name = syntax.Name.Last;
        if (!services.Log.Image.Sources.TryGetValue(name.Name, out var source) && syntax.IfExists)
            return CommandResult.Of(tag,
                new Notice("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"relation \"{name.Text}\" does not exist, skipping"));
        Notice[] notices = [.. syntax.Alterations.OfType<AddedColumn>()
            .Where(added => added.IfNotExists && source is not null && source.Columns.Any(column => column.Name == added.Column.Name.Name))
            .Select(added => new Notice(
                "NOTICE", PostgresErrorCodes.DuplicateColumn,
                $"column \"{added.Column.Name.Text}\" of relation \"{name.Text}\" already exists, skipping"))];
        await services.Changes.AlterAsync(syntax, session.Settings.Properties, session.Functions, cancellation);
        return new CommandResult(tag, notices: notices);
    }
}

/// <summary>ALTER SYSTEM 'property' = 'value': for this session and all that begin later.</summary>
internal sealed class AlterPropertyStatement(Session session, EngineServices services, AlterSystemStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (!SessionSettings.IsProperty(syntax.Property))
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, $"ALTER SYSTEM sets ksqlDB's properties, not \"{syntax.Property}\"",
                "Use SET, or the server's options.", syntax.Position);
        }

        session.Identity.RequireSuperuser($"permission denied to set parameter \"{syntax.Property}\"");
        // Setting it here checks the value.
        session.Settings.Set(syntax.Property, syntax.Value);
        await services.Changes.AlterSystemAsync(syntax.Property, session.Settings.Get(syntax.Property), cancellation);
        return new CommandResult("ALTER SYSTEM");
    }
}

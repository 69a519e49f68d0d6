using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Roles;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// CREATE INDEX: what it names has to be there. An index changes no result, so that it is taken, and a
/// NOTICE says that none is built; one that is UNIQUE would.
/// </summary>
internal sealed class CreateIndexCommand(EngineServices services, CreateIndexStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var source = SourceNames.Find(services.Log.Image, syntax.Table.Last);
        if (syntax.IsUnique)
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, "CREATE UNIQUE INDEX is not supported", "Only a table's primary key is unique.",
                syntax.Position);
        }

        foreach (var column in syntax.Items.OfType<ColumnReference>().Select(static item => item.Name.Last))
        {
            var folded = column.Text.ToUpperInvariant();
            if (!source.Columns.Any(known => known.Name == column.Name || known.Name == folded))
                throw new SqlException(PostgresErrorCodes.UndefinedColumn, $"column \"{column.Text}\" does not exist",
                    position: column.Position);
        }

        var notice = new Notice(
            "NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"no index on \"{DisplayName.Of(source.Name)}\" is built",
            "A table is found by its primary key, by anything else with a scan.");
        return ValueTask.FromResult<StatementResult>(CommandResult.Of("CREATE INDEX", notice));
    }
}

/// <summary>DROP INDEX: there is never one, but those of primary keys, which go with their tables.</summary>
internal sealed class DropIndexCommand(EngineServices services, DropIndexStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        foreach (var name in syntax.Names)
        {
            var text = name.Last.Text;
            const string Suffix = "_pkey";
            var table = text.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) ? text[..^Suffix.Length] : "";
            if (services.Log.Image.Sources.Keys.FirstOrDefault(key => key.Equals(table, StringComparison.OrdinalIgnoreCase)) is { } owner)
            {
                throw new SqlException(
                    PostgresErrorCodes.DependentObjectsStillExist,
                    $"cannot drop index {text} because constraint {text} on table {DisplayName.Of(owner)} requires it",
                    position: name.Position);
            }

            if (!syntax.IfExists)
                throw new SqlException(PostgresErrorCodes.UndefinedObject, $"index \"{text}\" does not exist", position: name.Position);
        }

        return ValueTask.FromResult<StatementResult>(new CommandResult("DROP INDEX", notices: [.. syntax.Names.Select(static name =>
            new Notice("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"index \"{name.Last.Text}\" does not exist, skipping"))]));
    }
}

/// <summary>
/// GRANT ... ON ...: who and what it names has to be there. Every role may read and write everything,
/// so that it gives nothing that is not there.
/// </summary>
internal sealed class GrantCommand(Session session, EngineServices services, GrantStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var image = services.Log.Image;
        foreach (var table in syntax.Tables.Where(table => !image.Views.ContainsKey(table.Last.Name)
            && !SystemNames.IsSystemRelation(services, table)))
            SourceNames.Find(image, table.Last);
        foreach (var role in syntax.Roles)
        {
            var name = RoleNames.Of(role, session.Identity);
            if (name != "public" && name != session.Identity.CurrentUser && !image.Roles.ContainsKey(name))
                throw new SqlException(PostgresErrorCodes.UndefinedObject, $"role \"{name}\" does not exist", position: role.Position);
        }

        var notice = new Notice(
            "NOTICE", PostgresErrorCodes.SuccessfulCompletion, "nothing is granted: every role may read and write all streams and tables");
        return ValueTask.FromResult<StatementResult>(CommandResult.Of("GRANT", notice));
    }
}

/// <summary>REFRESH MATERIALIZED VIEW: the view has to be there, and is always fresh.</summary>
internal sealed class RefreshViewCommand(EngineServices services, RefreshViewStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var name = syntax.Name.Last;
        return SourceNames.Find(services.Log.Image, name).QueryId is not null
            ? ValueTask.FromResult<StatementResult>(new CommandResult("REFRESH MATERIALIZED VIEW"))
            : throw new SqlException(PostgresErrorCodes.WrongObjectType, $"\"{name.Text}\" is not a materialized view",
                position: name.Position);
    }
}

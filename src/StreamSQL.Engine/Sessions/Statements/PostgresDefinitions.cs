using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Roles;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// LOCK TABLE: what it names has to be there. Nobody waits for it: a transaction whose rows others have changed fails when it commits.
/// </summary>
internal sealed class LockTableCommand(Session session, EngineServices services, LockTableStatement syntax) : SessionStatement
{
    private static readonly string[] Modes =
    [
        "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
        "ACCESS EXCLUSIVE",
    ];

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (session.TransactionStatus == TransactionStatus.Idle)
        {
            throw new SqlException(
                PostgresErrorCodes.NoActiveSqlTransaction, "LOCK TABLE can only be used in transaction blocks", position: syntax.Position);
        }

        var mode = syntax.Mode ?? "ACCESS EXCLUSIVE";
        if (!Modes.Contains(mode))
            throw new SqlException(PostgresErrorCodes.SyntaxError, $"there is no lock mode {mode}",
                $"The modes are {string.Join(", ", Modes)}.", syntax.Position);
        var image = services.Log.Image;
        foreach (var table in syntax.Tables.Where(table => !image.IsRelation(table.Last.Name)
            && !SystemNames.IsSystemRelation(services, table)))
            SourceNames.Find(image, table.Last);

        // The weakest mode asks for nothing that is not so.
        return ValueTask.FromResult<StatementResult>(mode == Modes[0] ? new CommandResult("LOCK TABLE") : CommandResult.Of("LOCK TABLE",
            new Notice(
                "NOTICE", PostgresErrorCodes.SuccessfulCompletion, "nothing is locked: other sessions go on writing",
                "If they change rows that this transaction has read to write them, its COMMIT fails (40001): run it again.")));
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

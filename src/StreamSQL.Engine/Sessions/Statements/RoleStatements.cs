using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>CREATE, ALTER and DROP ROLE or USER.</summary>
internal sealed class RoleStatement(Session session, EngineServices services, Statement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        switch (syntax)
        {
            case CreateRoleStatement create:
                return CommandResult.Of("CREATE ROLE", await services.Roles.CreateAsync(create, session.Identity, cancellation));
            case AlterRoleStatement alter:
                return CommandResult.Of("ALTER ROLE", await services.Roles.AlterAsync(alter, session.Identity, cancellation));
            case RenameRoleStatement rename:
                await services.Roles.RenameAsync(rename, session.Identity, cancellation);
                return new CommandResult("ALTER ROLE");
            default:
                return new CommandResult("DROP ROLE", null,
                    await services.Roles.DropAsync((DropRoleStatement)syntax, session.Identity, cancellation));
        }
    }
}

/// <summary>SET and RESET of ROLE and SESSION AUTHORIZATION; a missing name is the one that the session began with.</summary>
internal sealed class IdentityStatement(Session session, string setting, string? name, string tag) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (setting == SessionIdentity.Role)
            session.Identity.SetRole(name);
        else
            session.Identity.SetSessionUser(name);
        return ValueTask.FromResult<StatementResult>(new CommandResult(tag));
    }
}

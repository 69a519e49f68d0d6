using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>DECLARE ... CURSOR: the query starts now, so that a push query misses nothing before the first FETCH.</summary>
internal sealed class DeclareCommand(ClientState state, DeclareCursorStatement syntax, EngineStatement query) : ClientStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ClientParameter> Parameters => query.Parameters;

    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var name = ObjectName.Of(syntax.Name);
        if (!syntax.IsHeld && !state.InImplicitBlock && state.Session.TransactionStatus == TransactionStatus.Idle)
        {
            throw new SqlException(
                PostgresErrorCodes.NoActiveSqlTransaction, "DECLARE CURSOR can only be used in transaction blocks",
                "Send BEGIN first, or declare the cursor WITH HOLD.", syntax.Position);
        }

        state.Portals.RequireFree(name);
        var portal = new Portal(name, query, values, [])
        {
            Text = syntax.Text,
            IsHeld = syntax.IsHeld,
            IsBinaryCursor = syntax.IsBinary,
            MaxScrollBytes = syntax.IsScrollable ? state.Options.MaxScrollBytes : null,
        };
        await portal.StartAsync(cancellation);
        try
        {
            await state.Portals.AddAsync(portal);
        }
        catch (SqlException)
        {
            await portal.DisposeAsync();
            throw;
        }

        return Execution.Done("DECLARE CURSOR", portal.Execution!.Notices);
    }
}

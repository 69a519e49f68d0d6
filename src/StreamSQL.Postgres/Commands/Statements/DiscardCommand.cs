using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>DISCARD: ALL forgets everything that the session has set and opened; the other kinds have nothing to forget here.</summary>
internal sealed class DiscardCommand(ClientState state, DiscardStatement syntax) : ClientStatement
{
    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        switch (syntax.Target)
        {
            case DiscardTarget.Plans:
                return Execution.Done("DISCARD PLANS");
            case DiscardTarget.Sequences:
                state.Session.DiscardSequences();
                return Execution.Done("DISCARD SEQUENCES");
            case DiscardTarget.Temporary:
                return Execution.Done("DISCARD TEMP");
        }

        if (state.Session.TransactionStatus != TransactionStatus.Idle || state.InImplicitBlock)
            throw new SqlException(PostgresErrorCodes.ActiveSqlTransaction, "DISCARD ALL cannot run inside a transaction block",
                position: syntax.Position);
        await state.Portals.ClearNamedAsync();
        state.Statements.Clear();
        state.Session.Settings.ResetAll();
        state.Session.StopListening();
        state.Session.Identity.Reset();
        state.Session.DiscardSequences();
        return Execution.Done("DISCARD ALL");
    }
}

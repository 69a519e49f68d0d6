using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>DISCARD: ALL forgets everything that the session has set, opened and locked.</summary>
internal sealed class DiscardCommand(ClientState state, DiscardStatement syntax) : ClientStatement
{
    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (syntax.Target == DiscardTarget.All)
        {
            if (state.Session.TransactionStatus != TransactionStatus.Idle || state.InImplicitBlock)
                throw new SqlException(PostgresErrorCodes.ActiveSqlTransaction, "DISCARD ALL cannot run inside a transaction block",
                    position: syntax.Position);
            await state.Portals.ClearNamedAsync();
            state.Statements.Clear();
        }

        state.Session.Discard(syntax.Target);
        return Execution.Done(syntax.Target switch
        {
            DiscardTarget.Plans => "DISCARD PLANS",
            DiscardTarget.Sequences => "DISCARD SEQUENCES",
            DiscardTarget.Temporary => "DISCARD TEMP",
            _ => "DISCARD ALL",
        });
    }
}

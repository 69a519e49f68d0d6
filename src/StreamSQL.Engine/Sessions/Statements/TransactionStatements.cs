using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>BEGIN, COMMIT, ROLLBACK and savepoints.</summary>
internal sealed class TransactionControlStatement(Session session, TransactionState transaction, Statement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool RunsInFailedBlock => syntax is CommitStatement or RollbackStatement or RollbackToStatement;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (syntax is not CommitStatement || session.TransactionStatus == TransactionStatus.Failed)
            return Execute();
        try
        {
            await session.CommitAsync(cancellation);
        }
        catch
        {
            transaction.Rollback();
            throw;
        }

        return Execute();
    }

    private CommandResult Execute()
    {
        switch (syntax)
        {
            case BeginStatement begin:
                var warning = transaction.Begin();
                SetTransactionModesStatement.Apply(session.Settings, "transaction", begin.Modes);
                return CommandResult.Of(begin.IsStart ? "START TRANSACTION" : "BEGIN", warning);
            case CommitStatement commit:
                return End(transaction.Commit(), commit.AndChain);
            case RollbackStatement rollback:
                return End(transaction.Rollback(), rollback.AndChain);
            case SavepointStatement savepoint:
                transaction.SetSavepoint(savepoint.Name.Name);
                return new CommandResult("SAVEPOINT");
            case ReleaseStatement release:
                transaction.Release(release.Name.Name);
                return new CommandResult("RELEASE");
            case RollbackToStatement rollbackTo:
                transaction.RollbackTo(rollbackTo.Name.Name);
                return new CommandResult("ROLLBACK");
            default:
                throw new InvalidOperationException($"{syntax.GetType().Name} is no transaction statement");
        }
    }

    private CommandResult End((string Tag, Notice? Warning) ended, bool chain)
    {
        if (chain && ended.Warning is null)
            transaction.Begin();
        return CommandResult.Of(ended.Tag, ended.Warning);
    }
}

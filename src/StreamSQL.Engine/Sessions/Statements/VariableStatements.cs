using Npgsql;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>DEFINE and UNDEFINE.</summary>
internal sealed class VariableStatement(Session session, Statement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation) =>
        ValueTask.FromResult<StatementResult>(Execute());

    private CommandResult Execute()
    {
        if (syntax is DefineStatement define)
        {
            session.Variables.Define(define.Name.Text, define.Value);
            return new CommandResult("DEFINE");
        }

        var name = ((UndefineStatement)syntax).Name.Text;
        return CommandResult.Of(
            "UNDEFINE",
            session.Variables.Undefine(name) ? null : new Notice("WARNING", PostgresErrorCodes.UndefinedObject,
                $"Cannot undefine variable '{name}' which was never defined"));
    }
}

using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>DEALLOCATE of one prepared statement or of all.</summary>
internal sealed class DeallocateCommand(ClientState state, DeallocateStatement syntax) : ClientStatement
{
    /// <inheritdoc/>
    public override ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (syntax.Name is null)
        {
            state.Statements.Clear();
            return new(Execution.Done("DEALLOCATE ALL"));
        }

        var name = ObjectName.Of(syntax.Name);
        state.Statements.Get(name);
        state.Statements.Remove(name);
        return new(Execution.Done("DEALLOCATE"));
    }
}

using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>PREPARE: the statement is then there for EXECUTE and for Bind messages.</summary>
internal sealed class PrepareCommand(ClientState state, StatementBinder binder, PrepareStatement syntax) : ClientStatement
{
    /// <inheritdoc/>
    public override ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var name = ObjectName.Of(syntax.Name);
        state.Statements.RequireFree(name);
        var types = syntax.Types.Select(PgTypes.Resolve).ToArray();
        state.Statements.Add(name, binder.Bind(new(syntax.Prepared), types), syntax.Text, isFromSql: true);
        return new(Execution.Done("PREPARE"));
    }
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>CLOSE of one cursor or of all.</summary>
internal sealed class CloseCommand(ClientState state, CloseStatement syntax) : ClientStatement
{
    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (syntax.Name is null)
        {
            // The unnamed portal may be the one that runs this.
            await state.Portals.ClearNamedAsync();
            return Execution.Done("CLOSE CURSOR ALL");
        }

        var name = ObjectName.Of(syntax.Name);
        if (!await state.Portals.RemoveAsync(name))
            throw new SqlException(PostgresErrorCodes.InvalidCursorName, $"cursor \"{name}\" does not exist",
                position: syntax.Name.Position);
        return Execution.Done("CLOSE CURSOR");
    }
}

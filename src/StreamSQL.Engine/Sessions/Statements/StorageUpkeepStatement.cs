using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// VACUUM, ANALYZE and CHECKPOINT: what is named has to be there, and nothing is done, since storage keeps itself in order.
/// </summary>
internal sealed class StorageUpkeepStatement(Session session, EngineServices services, MaintenanceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (syntax.Verb == "VACUUM" && session.TransactionStatus != TransactionStatus.Idle)
            throw new SqlException(PostgresErrorCodes.ActiveSqlTransaction, "VACUUM cannot run inside a transaction block",
                position: syntax.Position);
        foreach (var (name, columns) in syntax.Relations)
        {
            if (SystemNames.IsSystemRelation(services, name))
                continue;
            var source = SourceNames.Find(services.Log.Image, name.Last);
            foreach (var column in columns)
            {
                if (!source.Columns.Any(known => known.Name == column.Name
                    || string.Equals(known.Name, column.Text, StringComparison.OrdinalIgnoreCase)))
                {
                    throw new SqlException(
                        PostgresErrorCodes.UndefinedColumn, $"column \"{column.Text}\" of relation \"{name.Last.Text}\" does not exist",
                        position: column.Position);
                }
            }
        }

        return ValueTask.FromResult<StatementResult>(new CommandResult(syntax.Verb));
    }
}

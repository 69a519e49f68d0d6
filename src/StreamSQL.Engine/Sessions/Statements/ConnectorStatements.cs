using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>CREATE, DROP and DESCRIBE CONNECTOR: no connector is installed.</summary>
internal sealed class ConnectorStatement(Statement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation) => syntax switch
    {
        DropConnectorStatement { IfExists: true } drop => ValueTask.FromResult<StatementResult>(CommandResult.Of(
            "DROP CONNECTOR", new Notice("NOTICE", PostgresErrorCodes.SuccessfulCompletion,
                $"connector {drop.Name.Text} does not exist, skipping"))),
        DropConnectorStatement drop => throw Unknown(drop.Name),
        DescribeConnectorStatement describe => throw Unknown(describe.Name),
        _ => throw new SqlException(
            PostgresErrorCodes.FeatureNotSupported, "no connector is installed",
            "Write to the stream's topic with any Kafka client or with INSERT.", syntax.Position),
    };

    private static SqlException Unknown(Identifier name) => new(
        PostgresErrorCodes.UndefinedObject, $"connector {name.Text} does not exist", "No connector is installed.", name.Position);
}

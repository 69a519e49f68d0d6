using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>INSERT INTO ... VALUES: the rows are records of the target's topic; it answers when they are durable.</summary>
internal sealed class InsertValuesStatement(Session session, EngineServices services, PlannedInsertValues planned) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => planned.ParameterTypes;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var target = planned.Target;
        if (target.Window is not null)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"{target.Name} has windowed keys: rows cannot be inserted into it");
        var appender = await RowAppender.OpenAsync(session, services, target, cancellation);
        await appender.AppendAsync(InsertedRows.Evaluate(planned, services.Tasks, values), deletes: false, cancellation);
        return new CommandResult("INSERT 0", planned.Rows.Count);
    }

}

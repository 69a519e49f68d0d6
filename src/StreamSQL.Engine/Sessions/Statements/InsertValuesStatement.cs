using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
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
        await appender.AppendAsync(Evaluate(values), deletes: false, cancellation);
        return new CommandResult("INSERT 0", planned.Rows.Count);
    }

    private ChangeBatch Evaluate(IReadOnlyList<object?> values)
    {
        var context = new OperatorContext
        {
            Partition = 0,
            Time = services.Tasks.Time,
            Rules = RuleSet.Ksql,
            Emission = EmissionMode.EveryChange,
            Counters = new QueryCounters(),
            Budget = services.Tasks.Budget,
            FailOnError = true,
            Parameters = values,
        };
        var rows = new ChangeBatch(planned.Target.Columns.Select(static column => column.Type).ToArray());
        rows.Reset(planned.Rows.Count);
        var now = services.Tasks.Time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var row = 0; row < planned.Rows.Count; row++)
        {
            for (var c = 0; c < rows.Columns.Length; c++)
                ColumnWriter.Write(rows.Columns[c], row, ExpressionEvaluator.EvaluateConstant(planned.Rows[row][c], context));
            var time = planned.RowTime[row] is { } expression ? ExpressionEvaluator.EvaluateConstant(expression, context) : null;
            rows.RowTime.Values[row] = time as long? ?? now;
        }

        return rows;
    }
}

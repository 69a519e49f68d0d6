using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Binding;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>The rows that are written out in a statement, as columns.</summary>
internal static class InsertedRows
{
    /// <summary>Evaluates them; their time is the clock's where none is given.</summary>
    /// <exception cref="SqlException">A value cannot be computed, or a time is negative.</exception>
    public static ChangeBatch Evaluate(PlannedInsertValues planned, TaskEnvironment environment, TimeProvider time,
        IReadOnlyList<object?> values, SubqueryRunner? subqueries = null)
    {
        var context = Context(environment, time, values, subqueries);
        var rows = new ChangeBatch(planned.Target.Columns.Select(static column => column.Type).ToArray());
        rows.Reset(planned.Rows.Count);
        var now = environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var row = 0; row < planned.Rows.Count; row++)
        {
            for (var c = 0; c < rows.Columns.Length; c++)
                ColumnWriter.Write(rows.Columns[c], row, ExpressionEvaluator.EvaluateConstant(planned.Rows[row][c], context));
            var given = planned.RowTime[row] is { } expression ? ExpressionEvaluator.EvaluateConstant(expression, context) : null;
            rows.RowTime.Values[row] = given as long? ?? now;
            if (rows.RowTime.Values[row] < 0)
                throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "ROWTIME must not be negative");
        }

        return rows;
    }

    /// <summary>What the values of a statement that writes rows are computed in.</summary>
    public static OperatorContext Context(TaskEnvironment environment, TimeProvider time, IReadOnlyList<object?> values,
        SubqueryRunner? subqueries) => new()
    {
        Partition = 0,
        Time = time,
        Rules = RuleSet.Ksql,
        Emission = EmissionMode.EveryChange,
        Counters = new QueryCounters(),
        Budget = environment.Budget,
        FailOnError = true,
        Parameters = values,
        Subqueries = subqueries,
    };
}

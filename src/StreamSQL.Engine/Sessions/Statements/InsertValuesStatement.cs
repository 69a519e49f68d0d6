using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>INSERT INTO ... VALUES: the rows are records of the target's topic; it answers when they are durable.</summary>
internal sealed class InsertValuesStatement(Session session, EngineServices services, PlannedInsertValues planned) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => planned.ParameterTypes;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var target = await SinkSchemas.PrepareAsync(planned.Target, services.Tasks.Schemas, cancellation);
        if (target.Window is not null)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"{target.Name} has windowed keys: rows cannot be inserted into it");
        var rows = Evaluate(values);
        var builders = new RecordBatchBuilder?[target.Partitions];
        try
        {
            Encode(target, rows, builders, services.Tasks.Schemas);
            session.Writes.Add(target.Topic);
            for (var partition = 0; partition < builders.Length; partition++)
            {
                if (builders[partition] is { } builder)
                    await services.Tasks.Broker.ProduceAsync(new TopicPartition(target.Topic, partition), builder.Build(), cancellation);
            }
        }
        finally
        {
            foreach (var builder in builders)
                builder?.Dispose();
        }

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
            if (rows.RowTime.Values[row] < 0)
                throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "ROWTIME must not be negative");
        }

        return rows;
    }

    private static void Encode(SourceDefinition target, ChangeBatch rows, RecordBatchBuilder?[] builders, ISchemaRegistry? schemas)
    {
        var keyCount = target.Columns.Count(static column => column.IsKey);
        CheckKeys(target, rows, keyCount);
        var keys = new SliceList();
        var values = new SliceList();
        keys.Reset();
        values.Reset();
        RecordFormats.KeyEncoder(target, schemas).Encode(rows.Columns.AsSpan(0, keyCount), rows.Selection, keys);
        RecordFormats.ValueEncoder(target, schemas).Encode(rows.Columns.AsSpan(keyCount), rows.Selection, values);
        for (var i = 0; i < rows.RowCount; i++)
        {
            var hasKey = keyCount > 0 && !keys.IsNull(i);
            var partition = hasKey ? KeyPartitioner.PartitionOf(keys[i], builders.Length) : i % builders.Length;
            var builder = builders[partition] ??= new RecordBatchBuilder();
            builder.Append(hasKey ? keys[i] : default, hasKey, values[i], !values.IsNull(i), rows.RowTime.Values[i]);
        }
    }

    private static void CheckKeys(SourceDefinition target, ChangeBatch rows, int keyCount)
    {
        if (target.Kind != RelationKind.Table)
            return;
        for (var c = 0; c < keyCount; c++)
        {
            if (HasNull(rows.Columns[c], rows.RowCount))
            {
                throw new SqlException(
                    PostgresErrorCodes.NotNullViolation, $"null value in primary key column {target.Columns[c].Name} of table {target.Name}");
            }
        }
    }

    private static bool HasNull(Column column, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if (column.IsNull(row))
                return true;
        }

        return false;
    }
}

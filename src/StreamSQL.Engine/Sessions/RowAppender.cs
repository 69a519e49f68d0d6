using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions;

/// <summary>Appends rows that a client gives to the topic of a stream or table. Not thread-safe.</summary>
internal sealed class RowAppender
{
    // Well below max.message.bytes, whose default is 1 MiB.
    private const int FullBatchBytes = 256 * 1024;

    private readonly Session _session;
    private readonly EngineServices _services;
    private readonly SourceDefinition _target;
    private readonly int _keyCount;
    private readonly int _valueCount;
    private readonly RecordEncoder _keyEncoder;
    private readonly RecordEncoder _valueEncoder;
    private readonly SliceList _keys = new();
    private readonly SliceList _values = new();

    // Where the next row without a key goes.
    private int _next;

    private RowAppender(Session session, EngineServices services, SourceDefinition target)
    {
        _session = session;
        _services = services;
        _target = target;
        _keyCount = target.Columns.Count(static column => column.IsKey);
        _valueCount = target.Columns.Count(static column => column is { IsKey: false, Header: null });
        _keyEncoder = RecordFormats.KeyEncoder(target, services.Tasks.Schemas);
        _valueEncoder = RecordFormats.ValueEncoder(target, services.Tasks.Schemas);
    }

    /// <summary>Opens a stream or table, with the schemas that its records are written with.</summary>
    /// <exception cref="SqlException">The schema registry refuses a schema, does not have it, or cannot be reached.</exception>
    public static async ValueTask<RowAppender> OpenAsync(
        Session session, EngineServices services, SourceDefinition target, CancellationToken cancellation) =>
        new(session, services, await SinkSchemas.PrepareAsync(target, services.Tasks.Schemas, cancellation));

    /// <summary>Appends all rows of a batch; completes when they are durable. All partitions are written at once, so they share a sync.</summary>
    /// <param name="rows">Columns in the order of the target's; for deletions those of the key.</param>
    /// <param name="deletes">Whether the rows of these keys are deleted.</param>
    /// <param name="cancellation">Stops waiting; what was sent may still be written.</param>
    /// <exception cref="SqlException">23502: a table's key is null; 22023: a negative time.</exception>
    public async ValueTask AppendAsync(ChangeBatch rows, bool deletes, CancellationToken cancellation)
    {
        Check(rows);
        var partitions = new List<RecordBatchBuilder>?[_target.Partitions];
        try
        {
            Encode(rows, deletes, partitions);
            _session.Writes.Add(_target.Topic);
            var appends = new List<Task>();
            for (var partition = 0; partition < partitions.Length; partition++)
            {
                if (partitions[partition] is { } batches)
                    appends.Add(ProduceAsync(new TopicPartition(_target.Topic, partition), batches, cancellation));
            }

            await Task.WhenAll(appends);
        }
        finally
        {
            foreach (var builder in partitions.SelectMany(static batches => batches ?? []))
                builder.Dispose();
        }
    }

    private async Task ProduceAsync(TopicPartition partition, List<RecordBatchBuilder> batches, CancellationToken cancellation)
    {
        foreach (var batch in batches)
            await _services.Tasks.Broker.ProduceAsync(partition, batch.Build(), cancellation);
    }

    private void Encode(ChangeBatch rows, bool deletes, List<RecordBatchBuilder>?[] partitions)
    {
        _keys.Reset();
        _values.Reset();
        _keyEncoder.Encode(rows.Columns.AsSpan(0, _keyCount), rows.Selection, _keys);
        if (!deletes)
            _valueEncoder.Encode(rows.Columns.AsSpan(_keyCount, _valueCount), rows.Selection, _values);
        for (var i = 0; i < rows.Selection.Count; i++)
        {
            var hasValue = !deletes && !_values.IsNull(i);
            var hasKey = _keyCount > 0 && !_keys.IsNull(i);
            var partition = hasKey ? KeyPartitioner.PartitionOf(_keys[i], partitions.Length) : _next++ % partitions.Length;
            _next &= int.MaxValue;
            var batches = partitions[partition] ??= [new RecordBatchBuilder()];
            if (batches[^1].SizeInBytes >= FullBatchBytes)
                batches.Add(new RecordBatchBuilder());
            batches[^1].Append(hasKey ? _keys[i] : default, hasKey, hasValue ? _values[i] : default, hasValue, rows.RowTime.Values[rows.Selection[i]]);
        }
    }

    private void Check(ChangeBatch rows)
    {
        foreach (var row in rows.Selection)
        {
            if (rows.RowTime.Values[row] < 0)
                throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "ROWTIME must not be negative");
        }

        for (var c = 0; _target.Kind == RelationKind.Table && c < _keyCount; c++)
        {
            if (HasNull(rows.Columns[c], rows.Selection))
            {
                throw new SqlException(
                    PostgresErrorCodes.NotNullViolation, $"null value in primary key column {_target.Columns[c].Name} of table {_target.Name}");
            }
        }
    }

    private static bool HasNull(Column column, RowSelection rows)
    {
        foreach (var row in rows)
        {
            if (column.IsNull(row))
                return true;
        }

        return false;
    }
}

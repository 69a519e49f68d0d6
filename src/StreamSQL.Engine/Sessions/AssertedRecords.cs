using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Sessions;

/// <summary>How far ASSERT VALUES has come in each topic: each takes the next record. Not thread-safe.</summary>
internal sealed class AssertedRecords
{
    private readonly Dictionary<TopicPartition, long> _positions = [];

    /// <summary>The next record of a source, alone in a set of its columns; null when there is none now.</summary>
    public async ValueTask<AssertedRecord?> TakeAsync(SourceDefinition source, TaskEnvironment environment, CancellationToken cancellation)
    {
        for (var i = 0; i < source.Partitions; i++)
        {
            var partition = new TopicPartition(source.Topic, i);
            var bounds = await environment.Broker.GetOffsetsAsync(partition, cancellation);
            var position = Math.Max(bounds.LogStart, _positions.GetValueOrDefault(partition));
            if (position < bounds.LastStable
                && await ReadAsync(source, environment, partition, position, bounds.LastStable, cancellation) is { } record)
                return record;
        }

        return null;
    }

    private async ValueTask<AssertedRecord?> ReadAsync(
        SourceDefinition source, TaskEnvironment environment, TopicPartition partition, long position, long end,
        CancellationToken cancellation)
    {
        await using var reader = new PartitionReader(environment.Broker, partition, position, withHeaders: true, static () => { })
        {
            Schemas = SchemaPrefetch.For(source, environment.Records),
        };
        while (reader.Position < end)
        {
            var run = await reader.ReadAsync(cancellation);
            if (run.Count == 0)
                continue;
            _positions[partition] = run.Offsets[0] + 1;
            var first = new RecordRun();
            first.SetWindow(run, 0, 1);
            var wanted = new bool[source.Columns.Count];
            Array.Fill(wanted, true);
            var columns = new SourceColumns(source, wanted, partition.Partition, isolatesErrors: false, environment.Schemas);
            columns.Decode(first);
            var values = new object?[source.Columns.Count];
            for (var c = 0; c < values.Length; c++)
                values[c] = Data.Formats.Rows.ColumnReader.Read(columns[c], 0);
            return new AssertedRecord(values, columns.RowTime.Values[0], first.Values.IsNull(0), columns.Errors.Count > 0);
        }

        return null;
    }
}

/// <summary>A record as ASSERT sees it.</summary>
/// <param name="Values">A value per column of the source.</param>
/// <param name="RowTime">Its event time.</param>
/// <param name="IsTombstone">Whether it has no value.</param>
/// <param name="IsBad">Whether it does not parse.</param>
internal sealed record AssertedRecord(IReadOnlyList<object?> Values, long RowTime, bool IsTombstone, bool IsBad);

using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// The records of a stream up to the end that its topic has when the query begins, partition by partition; then those that the session's
/// open transaction has written, which have no place yet.
/// </summary>
internal sealed class TopicRows(LogicalScan scan, TaskEnvironment environment, QueryCounters counters, IReadOnlyList<RowWrite> held)
    : RowSource
{
    private readonly PartitionOffsets[] _offsets = new PartitionOffsets[scan.Source.Partitions];
    private PartitionReader? _reader;
    private SourceDecoder? _decoder;
    private int _partition = -1;
    private int _nextHeld;

    /// <inheritdoc/>
    public override async ValueTask OpenAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < _offsets.Length; i++)
            _offsets[i] = await environment.Broker.GetOffsetsAsync(new TopicPartition(scan.Source.Topic, i), cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_reader is null || _reader.Position >= _offsets[_partition].LastStable)
            {
                await CloseReaderAsync();
                if (_partition == _offsets.Length || ++_partition == _offsets.Length)
                    return _nextHeld < held.Count ? Show(held[_nextHeld++].Rows) : null;
                var partition = new TopicPartition(scan.Source.Topic, _partition);
                _reader = environment.Records.Open(scan.Source, partition, _offsets[_partition].LogStart, static () => { });
                _decoder = new SourceDecoder(scan.Source, scan.Columns, scan.Schema, partition, counters, environment);
                continue;
            }

            var run = await _reader.ReadAsync(cancellation);
            if (_decoder!.Decode(run) is { } batch && CutOff(batch, run) > 0)
                return batch;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await CloseReaderAsync();
        await base.DisposeAsync();
    }

    private ChangeBatch Show(ChangeBatch rows)
    {
        var view = new ChangeBatch([.. scan.Columns.Select(column => rows.Columns[column])]);
        view.TakeRowsFrom(rows);
        view.Partition = -1;
        return view;
    }

    /// <summary>Leaves out rows beyond the end; returns how many are left.</summary>
    private int CutOff(ChangeBatch batch, RecordRun run)
    {
        var end = _offsets[_partition].LastStable;
        if (run.NextOffset <= end)
            return batch.Selection.Count;
        var rows = new int[batch.Selection.Count];
        var kept = 0;
        for (var i = 0; i < batch.Selection.Count; i++)
        {
            if (run.Offsets[batch.Selection[i]] < end)
                rows[kept++] = batch.Selection[i];
        }

        batch.Selection = RowSelection.Of(rows, kept);
        return kept;
    }

    private async ValueTask CloseReaderAsync()
    {
        if (_reader is null)
            return;
        await _reader.DisposeAsync();
        _reader = null;
    }
}

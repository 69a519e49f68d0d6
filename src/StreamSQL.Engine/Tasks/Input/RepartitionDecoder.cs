using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// Decodes the changes of a repartition topic and follows its producers' clocks. What a header says holds for the rows after it.
/// </summary>
internal sealed class RepartitionDecoder : InputDecoder
{
    private readonly ProducerTimes _times;
    private readonly QueryCounters _counters;
    private readonly ChangeBatch _batch;
    private ChangeFlags[] _flags = [];

    /// <summary>Creates a decoder.</summary>
    /// <param name="schema">The changes' columns.</param>
    /// <param name="withOld">Whether changes carry old rows.</param>
    /// <param name="partition">The partition that is read.</param>
    /// <param name="times">The producers' clocks.</param>
    /// <param name="counters">Where rows are counted.</param>
    public RepartitionDecoder(PlanSchema schema, bool withOld, int partition, ProducerTimes times, QueryCounters counters)
    {
        _times = times;
        _counters = counters;
        _batch = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray(), withOld) { Partition = partition };
    }

    /// <inheritdoc/>
    public override bool WantsHeaders => true;

    /// <inheritdoc/>
    public override ChangeBatch? Decode(RecordRun run)
    {
        _batch.Reset(run.Count);
        _batch.StreamTime = _times.StreamTime;
        _batch.StreamTimeFloor = _times.Floor;
        if (_flags.Length < run.Count)
            _flags = new ChangeFlags[Math.Max(run.Count, 256)];
        var rows = 0;
        var plain = true;
        for (var i = 0; i < run.Count; i++)
        {
            // A record without a value is a marker: it only carries its producer's clock.
            if (run.Values.IsNull(i))
                continue;
            _flags[rows] = ChangeCodec.Read(run.Values[i], _batch, rows);
            plain &= _flags[rows] == ChangeFlags.HasNew;
            _batch.RowTime.Values[rows++] = run.Timestamps[i];
        }

        for (var i = 0; i < run.HeaderRows.Count; i++)
        {
            if (ProducerTime.TryRead(run.Headers[i], run.HeaderRows[i].Count, out var time))
                _times.Observe(time);
        }

        if (rows == 0)
            return null;
        _counters.AddRowsIn(rows);
        _batch.RowCount = rows;
        _batch.Selection = RowSelection.All(rows);
        _batch.SetFlags(plain ? null : _flags);
        return _batch;
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// Decodes the changes of a repartition topic and follows its producers' clocks. What a header says holds for the rows after it: it is
/// taken when those before are processed.
/// </summary>
internal sealed class RepartitionDecoder : InputDecoder
{
    private readonly ProducerTimes? _times;
    private readonly RepartitionFlow _flow;
    private readonly ChangeBatch _batch;
    private readonly int[] _keys;
    private readonly HeaderColumns _headers = new();
    private ChangeFlags[] _flags = [];
    private int[] _places = [];
    private readonly List<ProducerTime> _told = [];
    private long _bytes;

    /// <summary>Creates a decoder.</summary>
    /// <param name="schema">The changes' columns.</param>
    /// <param name="withOld">Whether changes carry old rows.</param>
    /// <param name="partition">The partition that is read.</param>
    /// <param name="times">The producers' clocks; null where they tell none.</param>
    /// <param name="flow">What lies unread in the repartition topic.</param>
    public RepartitionDecoder(PlanSchema schema, bool withOld, int partition, ProducerTimes? times, RepartitionFlow flow)
    {
        _times = times;
        _flow = flow;
        _keys = [.. Enumerable.Range(0, schema.Columns.Count).Where(i => schema.Columns[i].Role == ColumnRole.Key)];
        _batch = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray(), withOld)
        {
            Partition = partition,
            Offsets = new Data.Columns.FixedColumn<long>(Data.Types.SqlType.BigInt),
        };
    }

    /// <inheritdoc/>
    public override bool WantsHeaders => true;

    /// <inheritdoc/>
    public override void Committed()
    {
        _flow.Consumed(_bytes);
        _bytes = 0;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Clock()
    {
        if (_times is null || _told.Count == 0)
            return null;
        foreach (var time in _told)
            _times.Observe(time);
        _told.Clear();
        _batch.Reset(0);
        SetClock();
        return _batch;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Decode(RecordRun run)
    {
        _batch.Reset(run.Count);
        SetClock();
        if (_flags.Length < run.Count)
        {
            _flags = new ChangeFlags[Math.Max(run.Count, 256)];
            _places = new int[_flags.Length];
        }

        var rows = 0;
        var plain = true;
        for (var i = 0; i < run.Count; i++)
        {
            // A record without a value is a marker: it only carries its producer's clock.
            if (run.Values.IsNull(i))
                continue;
            _bytes += run.Keys.Lengths[i] + run.Values.Lengths[i];
            _flags[rows] = ChangeCodec.Read(run.Values[i], _batch, rows);
            if (_flags[rows] == ChangeFlags.HasOld)
                NameRemoved(rows);
            plain &= _flags[rows] == ChangeFlags.HasNew;
            _places[i] = rows;
            _batch.Offsets!.Values[rows] = run.Offsets[i];
            _batch.RowTime.Values[rows++] = run.Timestamps[i];
        }

        ReadHeaders(run);
        if (rows == 0)
            return null;
        _batch.RowCount = rows;
        _batch.Selection = RowSelection.All(rows);
        _batch.SetFlags(plain ? null : _flags);
        return _batch;
    }

    /// <summary>The headers of markers carry clocks, those of rows belong to the records that the rows come from.</summary>
    private void ReadHeaders(RecordRun run)
    {
        _told.Clear();
        for (var i = 0; i < run.HeaderRows.Count; i++)
        {
            var (row, count) = run.HeaderRows[i];
            if (!run.Values.IsNull(row))
            {
                if (_batch.Headers is null)
                    (_batch.Headers = _headers).Reset(run.Count);
                _headers.Set(_places[row], run.Headers[i], count);
            }
            else if (ProducerTime.TryRead(run.Headers[i], count, out var time))
            {
                _told.Add(time);
            }
        }
    }

    /// <summary>A removal has its key where rows have theirs.</summary>
    private void NameRemoved(int row)
    {
        foreach (var key in _keys)
            _batch.Columns[key].Scatter(_batch.OldColumns![key], [row], [row]);
    }

    private void SetClock()
    {
        _batch.StreamTime = _times?.StreamTime;
        _batch.StreamTimeFloor = _times?.Floor;
    }
}

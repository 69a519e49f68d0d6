using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Engine.Operators;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// Decodes the records of a stream's or table's topic, only the wanted columns. A record that does not parse, or whose event time is missing, is counted,
/// logged and left out.
/// </summary>
internal sealed class SourceDecoder : InputDecoder
{
    private const int WindowBoundSize = sizeof(long);

    private readonly SourceDefinition _source;
    private readonly TopicPartition _partition;
    private readonly QueryCounters _counters;
    private readonly ILogger _logger;
    private readonly RecordDecoder _keyDecoder;
    private readonly RecordDecoder _valueDecoder;
    private readonly Column?[] _keyTargets;
    private readonly Column?[] _valueTargets;
    private readonly FixedColumn<long>? _windowStarts;
    private readonly FixedColumn<long>? _windowEnds;
    private readonly EventTimeReader? _eventTime;
    private readonly Column? _timeColumn;
    private readonly Column? _extraTimeColumn;
    private readonly SliceList _plainKeys = new();
    private readonly DecodeErrors _keyErrors = new();
    private readonly DecodeErrors _valueErrors = new();
    private readonly ChangeBatch _batch;
    private ChangeFlags[] _flags = [];
    private bool[] _dropped = [];
    private int[] _rows = [];

    /// <summary>Creates a decoder.</summary>
    /// <param name="source">The stream or table.</param>
    /// <param name="columns">Indexes into its columns that are wanted, ascending.</param>
    /// <param name="schema">The batch's schema: those columns, with window bounds after the keys of a windowed source.</param>
    /// <param name="partition">What is read, for messages.</param>
    /// <param name="counters">Where bad rows are counted.</param>
    /// <param name="logger">Where bad rows are logged.</param>
    public SourceDecoder(
        SourceDefinition source, IReadOnlyList<int> columns, PlanSchema schema, TopicPartition partition, QueryCounters counters, ILogger logger)
    {
        _source = source;
        _partition = partition;
        _counters = counters;
        _logger = logger;
        _batch = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray()) { Offsets = new FixedColumn<long>(Data.Types.SqlType.BigInt) };
        _batch.Partition = partition.Partition;
        _keyDecoder = RecordFormats.KeyDecoder(source);
        _valueDecoder = RecordFormats.ValueDecoder(source);
        var keyCount = source.Columns.Count(static column => column.IsKey);
        _keyTargets = new Column?[keyCount];
        _valueTargets = new Column?[source.Columns.Count - keyCount];
        var next = 0;
        for (var i = 0; i < schema.Columns.Count; i++)
        {
            switch (schema.Columns[i].Role)
            {
                case ColumnRole.WindowStart:
                    _windowStarts = (FixedColumn<long>)_batch.Columns[i];
                    break;
                case ColumnRole.WindowEnd:
                    _windowEnds = (FixedColumn<long>)_batch.Columns[i];
                    break;
                default:
                    SetTarget(columns[next++], keyCount, _batch.Columns[i]);
                    break;
            }
        }

        if (source.TimestampColumn is null)
            return;
        var timeIndex = RecordFormats.IndexOf(source, source.TimestampColumn);
        _timeColumn = timeIndex < keyCount ? _keyTargets[timeIndex] : _valueTargets[timeIndex - keyCount];
        if (_timeColumn is null)
            SetTarget(timeIndex, keyCount, _extraTimeColumn = _timeColumn = Column.Create(source.Columns[timeIndex].Type));
        _eventTime = new EventTimeReader(source.TimestampFormat);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Decode(RecordRun run)
    {
        var count = run.Count;
        if (count == 0)
            return null;
        _batch.Reset(count);
        _extraTimeColumn?.Reset(count);
        if (_dropped.Length < count)
        {
            _dropped = new bool[Math.Max(count, 256)];
            _flags = new ChangeFlags[_dropped.Length];
            _rows = new int[_dropped.Length];
        }

        _dropped.AsSpan(0, count).Clear();
        run.Timestamps.CopyTo(_batch.RowTime.Values);
        run.Offsets.CopyTo(_batch.Offsets!.Values);
        _counters.AddRowsIn(count);
        DecodeKeys(run);
        _valueErrors.Clear();
        _valueDecoder.Decode(run.Values, _valueTargets, _valueErrors);
        Drop(_keyErrors, run);
        Drop(_valueErrors, run);
        DropNullKeysOfTable(run);
        SetFlags(run);
        ReadEventTimes(run);
        Select(count);
        return _batch;
    }

    private void SetTarget(int index, int keyCount, Column column)
    {
        if (index < keyCount)
            _keyTargets[index] = column;
        else
            _valueTargets[index - keyCount] = column;
    }

    private void DecodeKeys(RecordRun run)
    {
        _keyErrors.Clear();
        if (_keyTargets.Length == 0)
            return;
        var keys = _source.Window is null ? run.Keys : SplitWindowedKeys(run.Keys, _source.Window);
        _keyDecoder.Decode(keys, _keyTargets, _keyErrors);
    }

    /// <summary>
    /// Takes the window off the keys, in the layout of Kafka Streams: the key, then the start (time windows) or end and start (sessions), big-endian.
    /// </summary>
    private SliceList SplitWindowedKeys(SliceList keys, WindowSpec window)
    {
        _plainKeys.Reset(keys.Buffer);
        var suffix = window.Kind == WindowKind.Session ? 2 * WindowBoundSize : WindowBoundSize;
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys.Lengths[i] < suffix)
            {
                if (!keys.IsNull(i))
                    _keyErrors.Report(i, $"the key is shorter than its window bounds ({suffix} bytes)");
                _plainKeys.AddNull();
                continue;
            }

            var bounds = keys[i][^suffix..];
            var start = BinaryPrimitives.ReadInt64BigEndian(bounds[^WindowBoundSize..]);
            var end = window.Kind == WindowKind.Session ? BinaryPrimitives.ReadInt64BigEndian(bounds) : start + window.SizeMs;
            if (_windowStarts is not null)
                _windowStarts.Values[i] = start;
            if (_windowEnds is not null)
                _windowEnds.Values[i] = end;
            _plainKeys.Add(keys.Starts[i], keys.Lengths[i] - suffix);
        }

        return _plainKeys;
    }

    private void Drop(DecodeErrors errors, RecordRun run)
    {
        if (errors.Count == 0)
            return;
        foreach (var row in errors.Rows)
            _dropped[row] = true;
        Report(errors.Count, run.Offsets[errors.Rows[0]], errors.FirstReason);
    }

    private void DropNullKeysOfTable(RecordRun run)
    {
        if (_source.Kind != RelationKind.Table)
            return;
        for (var i = 0; i < run.Count; i++)
            _dropped[i] |= run.Keys.IsNull(i);
    }

    private void SetFlags(RecordRun run)
    {
        var hasNull = false;
        for (var i = 0; i < run.Count; i++)
        {
            var isNull = run.Values.IsNull(i);
            hasNull |= isNull;
            _flags[i] = isNull ? ChangeFlags.None : ChangeFlags.HasNew;
        }

        _batch.SetFlags(hasNull && _valueTargets.Length > 0 ? _flags : null);
    }

    private void ReadEventTimes(RecordRun run)
    {
        var times = _batch.RowTime.Values.AsSpan(0, run.Count);
        for (var i = 0; _eventTime is not null && i < times.Length; i++)
        {
            // A tombstone has no columns to read: it keeps its record's time.
            if (!_dropped[i] && !run.Values.IsNull(i))
                times[i] = _eventTime.Read(_timeColumn!, i);
        }

        var bad = 0;
        var firstBad = 0;
        for (var i = 0; i < times.Length; i++)
        {
            if (times[i] >= 0 || _dropped[i])
                continue;
            firstBad = bad++ == 0 ? i : firstBad;
            _dropped[i] = true;
        }

        if (bad > 0)
            Report(bad, run.Offsets[firstBad], _eventTime is null ? "the timestamp is negative" : $"no valid timestamp in column {_source.TimestampColumn}");
    }

    private void Select(int count)
    {
        var selected = 0;
        for (var i = 0; i < count; i++)
        {
            if (!_dropped[i])
                _rows[selected++] = i;
        }

        if (selected < count)
            _batch.Selection = RowSelection.Of(_rows, selected);
    }

    private void Report(int rows, long firstOffset, string reason)
    {
        var message = $"{_partition.Topic} partition {_partition.Partition} offset {firstOffset}: {reason}";
        _counters.AddBadRows(rows, message);
        TaskLog.BadRecords(_logger, rows, _source.Name, message);
    }
}

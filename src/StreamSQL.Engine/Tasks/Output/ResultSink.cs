using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Schemas;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Planning;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Output;

/// <summary>
/// Writes a query's results as records of its target's topic, partitioned as Kafka's clients do. A row that is gone is a tombstone. A
/// record without a key stays in the partition of its task, which keeps the order.
/// </summary>
internal sealed class ResultSink : TaskSink
{
    private readonly OutputBuffers.Buffer[] _buffers;
    private readonly int _ownPartition;
    private readonly bool _hasSourceKeys;
    private readonly QueryCounters _counters;
    private readonly RecordEncoder _keyEncoder;
    private readonly RecordEncoder _valueEncoder;
    private readonly int[] _keyIndexes;
    private readonly int[] _valueIndexes;
    private readonly Column[] _keyColumns;
    private readonly Column[] _valueColumns;
    private readonly int _windowStart = -1;
    private readonly int _windowEnd = -1;
    private readonly bool _isSession;
    private readonly int _timeIndex = -1;
    private readonly EventTimeReader? _eventTime;
    private readonly SliceList _keys = new();
    private readonly SliceList _values = new();
    private byte[] _windowedKey = new byte[64];

    /// <summary>Creates a sink.</summary>
    /// <param name="target">The stream or table that is written.</param>
    /// <param name="output">The columns of the batches (keys, window bounds, values), and where their keys come from.</param>
    /// <param name="ownPartition">The task's partition.</param>
    /// <param name="outputs">Where the records are buffered.</param>
    /// <param name="counters">Where rows are counted.</param>
    /// <param name="schemas">The schema registry, which knows the target's schemas; null when the engine has none.</param>
    public ResultSink(
        SourceDefinition target, ResultOutput output, int ownPartition, OutputBuffers outputs, QueryCounters counters,
        ISchemaRegistry? schemas)
    {
        var schema = output.Schema;
        _hasSourceKeys = output.HasSourceKeys;
        _ownPartition = ownPartition % target.Partitions;
        _counters = counters;
        _buffers = new OutputBuffers.Buffer[target.Partitions];
        for (var i = 0; i < _buffers.Length; i++)
            _buffers[i] = outputs.For(new TopicPartition(target.Topic, i));
        _keyEncoder = RecordFormats.KeyEncoder(target, schemas);
        _valueEncoder = RecordFormats.ValueEncoder(target, schemas);
        _keyIndexes = IndexesOf(schema, ColumnRole.Key);
        _valueIndexes = IndexesOf(schema, ColumnRole.Value);
        _keyColumns = new Column[_keyIndexes.Length];
        _valueColumns = new Column[_valueIndexes.Length];
        if (schema.Window is { } window)
        {
            _windowStart = IndexesOf(schema, ColumnRole.WindowStart)[0];
            _windowEnd = IndexesOf(schema, ColumnRole.WindowEnd)[0];
            _isSession = window.Kind == WindowKind.Session;
        }

        if (target.TimestampColumn is not null)
        {
            _timeIndex = schema.IndexOf(target.TimestampColumn);
            _eventTime = new EventTimeReader(target.TimestampFormat);
        }
    }

    /// <inheritdoc/>
    public override void Write(ChangeBatch batch)
    {
        var rows = batch.Selection;
        if (rows.Count == 0)
            return;
        for (var i = 0; i < _keyIndexes.Length; i++)
            _keyColumns[i] = batch.Columns[_keyIndexes[i]];
        for (var i = 0; i < _valueIndexes.Length; i++)
            _valueColumns[i] = batch.Columns[_valueIndexes[i]];
        _keys.Reset();
        _values.Reset();
        _keyEncoder.Encode(_keyColumns, rows, _keys);
        _valueEncoder.Encode(_valueColumns, rows, _values);
        var written = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var hasValue = (batch.FlagsOf(row) & ChangeFlags.HasNew) != 0 && !_values.IsNull(i);
            var time = _eventTime is not null && hasValue ? _eventTime.Read(batch.Columns[_timeIndex], row) : batch.RowTime[row];
            if (time < 0)
            {
                _counters.AddBadRows(1, "a result has no valid timestamp");
                continue;
            }

#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.DropTombstone) && !hasValue)
                continue;
#endif
            var hasKey = !_keys.IsNull(i) && HasKey(row);
            ReadOnlySpan<byte> key = default;
            if (hasKey)
                key = _windowStart >= 0 ? WithWindow(_keys[i], batch, row) : _keys[i];

            // All windows of a key are in one partition, as in Kafka Streams: there its sessions that merge keep their order.
            var partition = hasKey ? KeyPartitioner.PartitionOf(_keys[i], _buffers.Length) : _ownPartition;
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.SpreadWindows) && hasKey)
                partition = KeyPartitioner.PartitionOf(key, _buffers.Length);
#endif
            var headers = batch.Headers is { } columns && columns.Counts.Values[row] > 0 ? columns : null;
            _buffers[partition].Append(
                key, hasKey, hasValue ? _values[i] : default, hasValue, time, headers is null ? default : headers.Encoded[row],
                headers?.Counts.Values[row] ?? 0);
            written++;
        }

        _counters.AddRowsOut(written);
    }

    // Some formats could write a null of an only column; several columns that are all null stay a key,
    // unless they stand for that of a record that had none.
    private bool HasKey(int row)
    {
        if (_keyColumns.Length != 1 && !_hasSourceKeys)
            return true;
        foreach (var column in _keyColumns)
        {
            if (!column.IsNull(row))
                return true;
        }

        return false;
    }

    private static int[] IndexesOf(PlanSchema schema, ColumnRole role) =>
        Enumerable.Range(0, schema.Columns.Count).Where(i => schema.Columns[i].Role == role).ToArray();

    /// <summary>Kafka Streams' windowed key: the key, then the start (time windows) or end and start (sessions), big-endian.</summary>
    private ReadOnlySpan<byte> WithWindow(ReadOnlySpan<byte> key, ChangeBatch batch, int row)
    {
        var length = key.Length + (_isSession ? 2 : 1) * sizeof(long);
        if (_windowedKey.Length < length)
            _windowedKey = new byte[length * 2];
        key.CopyTo(_windowedKey);
        var at = key.Length;
        if (_isSession)
        {
            BinaryPrimitives.WriteInt64BigEndian(_windowedKey.AsSpan(at), ((FixedColumn<long>)batch.Columns[_windowEnd])[row]);
            at += sizeof(long);
        }

        BinaryPrimitives.WriteInt64BigEndian(_windowedKey.AsSpan(at), ((FixedColumn<long>)batch.Columns[_windowStart])[row]);
        return _windowedKey.AsSpan(0, length);
    }
}

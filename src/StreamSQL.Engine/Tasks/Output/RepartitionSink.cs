using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Schemas;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Planning;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Engine.Tasks.Output;

/// <summary>
/// Sends changes to the partition of their new key, with the headers of the records that they come from. With each commit it tells every
/// partition its task's clock, by a marker record, whenever the clock has moved and somebody wants to know.
/// </summary>
internal sealed class RepartitionSink : TaskSink
{
    private readonly OutputBuffers.Buffer[] _buffers;
    private readonly ExpressionEvaluator[] _keys;
    private readonly bool _dropsNullKeys;
    private readonly RepartitionFlow _flow;
    private readonly RecordEncoder? _keyEncoder;
    private readonly bool _tellsTime;
    private readonly int _producer;
    private readonly RecordHeaderWriter _headers = new();
    private readonly ByteWriter _key = new();
    private readonly ByteWriter _value = new();
    private readonly SliceList _newKeys = new();
    private readonly SliceList _oldKeys = new();
    private readonly Column[] _keyColumns;
    private ProducerTime _announced;
    private ProducerTime _announcing;
    private bool _hasAnnounced;
    private long _bytes;
    private long _records;

    /// <summary>Creates a sink.</summary>
    /// <param name="output">The repartition topic and its key.</param>
    /// <param name="context">The task's context; its partition is the producer's number.</param>
    /// <param name="outputs">Where the records are buffered.</param>
    /// <param name="flow">What lies unread in the repartition topic.</param>
    /// <param name="schemas">The schema registry, which knows the schemas of the key; null when the engine has none.</param>
    public RepartitionSink(RepartitionOutput output, OperatorContext context, OutputBuffers outputs, RepartitionFlow flow,
        ISchemaRegistry? schemas)
    {
        _buffers = new OutputBuffers.Buffer[output.Partitions];
        for (var i = 0; i < _buffers.Length; i++)
            _buffers[i] = outputs.For(new TopicPartition(output.Topic, i));
        _keys = ExpressionEvaluator.CreateAll(output.Keys, context);
        _keyColumns = new Column[_keys.Length];
        _flow = flow;
        _dropsNullKeys = output.DropsNullKeys;
        _keyEncoder = output.KeyOf is null ? null : RecordFormats.KeyEncoder(output.KeyOf, schemas);
        _tellsTime = output.TellsTime;
        _producer = context.Partition;
    }

    /// <inheritdoc/>
    public override void Write(ChangeBatch batch)
    {
        var rows = batch.Selection;
        if (rows.Count == 0)
            return;
        EvaluateKeys(batch, old: false, _newKeys);
        if (batch.OldColumns is not null)
            EvaluateKeys(batch, old: true, _oldKeys);
        for (var i = 0; i < rows.Count; i++)
            Send(batch, i, rows[i]);
    }

    /// <inheritdoc/>
    public override void PrepareCommit(long streamTime, long sourceOffset)
    {
        _announcing = new ProducerTime(_producer, streamTime, sourceOffset);
        if (!_tellsTime || (_hasAnnounced && _announcing == _announced))
            return;
        _announcing.WriteTo(_headers);
        foreach (var buffer in _buffers)
            buffer.Append(default, hasKey: false, default, hasValue: false, Math.Max(streamTime, 0), _headers.Encoded, _headers.Count);
    }

    /// <inheritdoc/>
    public override bool MustPause(Action wake) => _flow.MustPause(wake);

    /// <inheritdoc/>
    public override void Committed()
    {
        _flow.Produced(_bytes, _records);
        (_bytes, _records) = (0, 0);
        _announced = _announcing;
        _hasAnnounced = true;
    }

    private void Send(ChangeBatch batch, int position, int row)
    {
        var flags = batch.FlagsOf(row);
        var hasOld = batch.OldColumns is not null && (flags & ChangeFlags.HasOld) != 0 && !_oldKeys.IsNull(position);
        var hasNew = (flags & ChangeFlags.HasNew) != 0 && !_newKeys.IsNull(position);
        if (hasOld && (!hasNew || !_oldKeys[position].SequenceEqual(_newKeys[position])))
        {
            // The row moves to another key: its old place is told first.
#if PLANTED_BUGS
            if (!Planted.IsAwake(PlantedBug.ForgetOldPlace))
#endif
            Append(batch, row, ChangeFlags.HasOld, _oldKeys[position]);
            hasOld = false;
        }

        if (hasNew)
            Append(batch, row, hasOld ? ChangeFlags.HasOld | ChangeFlags.HasNew : ChangeFlags.HasNew, _newKeys[position]);
    }

    private void Append(ChangeBatch batch, int row, ChangeFlags flags, ReadOnlySpan<byte> key)
    {
        _value.Clear();
        ChangeCodec.Write(_value, batch, row, flags);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.LoseFirstAfterCommit) && _hasAnnounced && _bytes == 0)
        {
            _bytes = 1;
            return;
        }
#endif
        _bytes += key.Length + _value.Length;
        _records++;
        var headers = batch.Headers is { } columns && columns.Counts.Values[row] > 0 ? columns : null;
        _buffers[KeyPartitioner.PartitionOf(key, _buffers.Length)].Append(
            key, hasKey: true, _value.Written, hasValue: true, batch.RowTime[row], headers is null ? default : headers.Encoded[row],
            headers?.Counts.Values[row] ?? 0);
    }

    private void EvaluateKeys(ChangeBatch batch, bool old, SliceList target)
    {
        var rows = batch.Selection;
        for (var k = 0; k < _keys.Length; k++)
            _keyColumns[k] = old ? _keys[k].EvaluateOld(batch, rows) : _keys[k].Evaluate(batch, rows);
        target.Reset();
        if (_keyEncoder is not null)
        {
            _keyEncoder.Encode(_keyColumns, rows, target);
            for (var i = 0; i < rows.Count; i++)
            {
                if (HasNull(rows[i]))
                    target.Lengths[i] = _dropsNullKeys ? -1 : 0;
            }

            return;
        }

        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (_dropsNullKeys && HasNull(row))
            {
                target.AddNull();
                continue;
            }

            _key.Clear();
            RowCodec.Write(_key, _keyColumns, row);
            target.Append(_key.Written);
        }
    }

    private bool HasNull(int row)
    {
        foreach (var column in _keyColumns)
        {
            if (column.IsNull(row))
                return true;
        }

        return false;
    }
}

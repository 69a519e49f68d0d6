using StreamSQL.Kafka;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Storage.Cleaning;

/// <summary>What becomes of a batch.</summary>
internal enum BatchFate
{
    /// <summary>It stays as it is.</summary>
    Kept,

    /// <summary>It stays in another form: fewer records, or with a delete horizon.</summary>
    Rewritten,

    /// <summary>Nothing of it stays.</summary>
    Removed,
}

/// <summary>
/// The rules of compaction, batch by batch in the log's order; no files here. Of each key that the offset map knows, only the record at the
/// last offset stays. Deletions (records without a value) and transaction markers stay for a time after they were first cleaned, which the
/// batch then says (its delete horizon, KIP-534). Records of aborted transactions go. Whatever stays keeps its offset, and its batch's base
/// offset, leader epoch, producer and compression.
/// </summary>
internal sealed class BatchCleaner : IDisposable
{
    private const int MaxDecompressedBytes = 256 * 1024 * 1024;
    private readonly OffsetMap _map;
    private readonly CleaningState _state;
    private readonly TransactionScan _transactions;
    private readonly long _nowMs;
    private readonly long _deleteRetentionMs;
    private readonly HashSet<long> _emptied = [];
    private readonly PooledBuffer _plain = new(MaxDecompressedBytes);
    private readonly PooledBuffer _surviving = new();
    private readonly PooledBuffer _output = new();

    /// <summary>Rules for one walk over a log, from its start.</summary>
    /// <param name="map">The last offsets of keys; records at or beyond its end stay as they are.</param>
    /// <param name="state">What the log's owner knows.</param>
    /// <param name="nowMs">The present time, in milliseconds since 1970.</param>
    /// <param name="deleteRetentionMs"><c>delete.retention.ms</c>.</param>
    public BatchCleaner(OffsetMap map, CleaningState state, long nowMs, long deleteRetentionMs)
    {
        _map = map;
        _state = state;
        _transactions = new TransactionScan(state.Aborted);
        _nowMs = nowMs;
        _deleteRetentionMs = deleteRetentionMs;
    }

    /// <summary>The offsets of the abort markers so far of whose transactions the walk met no batch.</summary>
    public IReadOnlySet<long> Emptied => _emptied;

    /// <summary>Judges the next batch, which is intact.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rewritten">Its new form when it is rewritten; valid until the next call.</param>
    /// <exception cref="KafkaException">Its records cannot be read.</exception>
    public BatchFate Clean(RecordBatchHeader batch, out ReadOnlySpan<byte> rewritten)
    {
        rewritten = default;
        var fate = batch.Attributes.IsControl ? CleanMarker(batch) : CleanRecords(batch);
        if (fate == BatchFate.Rewritten)
            rewritten = _output.WrittenSpan;
        return fate;
    }

    public void Dispose()
    {
        _plain.Dispose();
        _surviving.Dispose();
        _output.Dispose();
    }

    private BatchFate CleanMarker(RecordBatchHeader batch)
    {
        var endsNothing = _transactions.EndsNothing(batch);
        if (endsNothing && TransactionMarker.TryRead(batch, out var marker) && !marker.Commit)
            _emptied.Add(batch.BaseOffset);
        if (!endsNothing || batch.NextOffset > _map.EndOffset || IsLastOfProducer(batch))
            return BatchFate.Kept;
        if (batch.Attributes.HasDeleteHorizon)
            return IsPastHorizon(batch) ? BatchFate.Removed : BatchFate.Kept;
        return Rewrite(batch, batch.Records, batch.Count, batch.MaxTimestamp, setHorizon: true);
    }

    private BatchFate CleanRecords(RecordBatchHeader batch)
    {
        var isAborted = _transactions.IsAborted(batch);
        if (batch.BaseOffset >= _map.EndOffset)
            return BatchFate.Kept;
        if (isAborted || batch.Count == 0)
            return RemoveAll(batch);
        var records = batch.PlainRecords(_plain);
        var survivors = Filter(batch, records, out var maxTimestamp, out var hasDeletion);
        if (survivors == 0)
            return RemoveAll(batch);
        // The time of a deletion counts from when all of its batch was cleaned.
        var setHorizon = hasDeletion && !batch.Attributes.HasDeleteHorizon && batch.NextOffset <= _map.EndOffset;
        if (survivors == batch.Count && !setHorizon)
            return BatchFate.Kept;
        return Rewrite(batch, _surviving.WrittenSpan, survivors, maxTimestamp, setHorizon);
    }

    /// <summary>Collects the records that stay, as they are encoded; returns how many there are.</summary>
    private int Filter(RecordBatchHeader batch, ReadOnlySpan<byte> records, out long maxTimestamp, out bool hasDeletion)
    {
        _surviving.Clear();
        maxTimestamp = long.MinValue;
        hasDeletion = false;
        var survivors = 0;
        var isPastHorizon = batch.Attributes.HasDeleteHorizon && IsPastHorizon(batch);
        var reader = new RecordBatchReader(records, batch.Count);
        for (var start = 0; reader.MoveNext(); start = reader.RecordEnd)
        {
            if (!Stays(in reader, batch.BaseOffset + reader.OffsetDelta, isPastHorizon))
                continue;
            _surviving.Append(records[start..reader.RecordEnd]);
            maxTimestamp = Math.Max(maxTimestamp, batch.BaseTimestamp + reader.TimestampDelta);
            hasDeletion |= !reader.HasValue;
            survivors++;
        }

        if (batch.Attributes.TimestampType == TimestampType.LogAppendTime)
            maxTimestamp = batch.MaxTimestamp;
        return survivors;
    }

    private bool Stays(in RecordBatchReader record, long offset, bool isPastHorizon)
    {
        if (offset >= _map.EndOffset)
            return true;
        if (!record.HasKey)
            return false; // written before the topic was compacted; no key, no last value
        return offset >= _map.Find(record.Key) && (record.HasValue || !isPastHorizon);
    }

    /// <summary>No record stays. A batch that holds its producer's last sequence stays without records.</summary>
    private BatchFate RemoveAll(RecordBatchHeader batch)
    {
        if (!IsLastOfProducer(batch))
            return BatchFate.Removed;
        return batch.Count == 0 ? BatchFate.Kept : Rewrite(batch, default, 0, batch.MaxTimestamp, setHorizon: false);
    }

    private bool IsLastOfProducer(RecordBatchHeader batch)
    {
        if (!batch.HasProducerId || !_state.Producers.TryGetValue(batch.ProducerId, out var tail))
            return false;
        return tail.LastBatchOffset >= 0
            ? batch.BaseOffset == tail.LastBatchOffset
            : batch.Attributes.IsControl && batch.ProducerEpoch == tail.Epoch;
    }

    private bool IsPastHorizon(RecordBatchHeader batch) => batch.BaseTimestamp <= _nowMs;

    /// <summary>Writes the batch's new form to the output.</summary>
    private BatchFate Rewrite(RecordBatchHeader batch, ReadOnlySpan<byte> records, int count, long maxTimestamp, bool setHorizon)
    {
        var horizon = _nowMs > long.MaxValue - _deleteRetentionMs ? long.MaxValue : _nowMs + _deleteRetentionMs;
        var compression = count == 0 ? CompressionType.None : batch.Attributes.Compression;
        var attributes = batch.Attributes.WithCompression(compression);
        _output.Clear();
        _output.AppendRepeated(0, RecordBatchHeader.Size);
        if (setHorizon && horizon != batch.BaseTimestamp)
        {
            _plain.Clear();
            MoveTimestamps(records, count, batch.BaseTimestamp - horizon, _plain);
            records = _plain.WrittenSpan;
        }

        RecordCompression.Compress(compression, records, _output);
        var fields = new RecordBatchFields
        {
            BaseOffset = batch.BaseOffset,
            LeaderEpoch = batch.LeaderEpoch,
            Attributes = setHorizon ? attributes.WithDeleteHorizon() : attributes,
            LastOffsetDelta = batch.LastOffsetDelta,
            BaseTimestamp = setHorizon ? horizon : batch.BaseTimestamp,
            MaxTimestamp = maxTimestamp,
            ProducerId = batch.ProducerId,
            ProducerEpoch = batch.ProducerEpoch,
            BaseSequence = batch.BaseSequence,
            Count = count,
        };
        fields.WriteTo(_output.WrittenSpan);
        return BatchFate.Rewritten;
    }

    /// <summary>
    /// Encodes records again whose batch gets another base timestamp: their own timestamps, which count from it, stay what they are.
    /// </summary>
    private static void MoveTimestamps(ReadOnlySpan<byte> records, int count, long shiftMs, PooledBuffer target)
    {
        var reader = new RecordBatchReader(records, count);
        for (var start = 0; reader.MoveNext(); start = reader.RecordEnd)
        {
            var at = start;
            VarInt.TryReadInt32(records, ref at, out _);
            var attributes = records[at++];
            VarInt.TryReadInt64(records, ref at, out _);
            var rest = records[at..reader.RecordEnd];
            var delta = reader.TimestampDelta + shiftMs;
            var length = 1 + VarInt.SizeOfInt64(delta) + rest.Length;
            var room = target.GetSpan(VarInt.MaxSize32 + 1 + VarInt.MaxSize64);
            var written = VarInt.WriteInt32(room, length);
            room[written++] = attributes;
            written += VarInt.WriteInt64(room[written..], delta);
            target.Advance(written);
            target.Append(rest);
        }
    }
}

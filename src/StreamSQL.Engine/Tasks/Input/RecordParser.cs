using System.Runtime.InteropServices;
using StreamSQL.Data.Batches;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Compression;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// Walks the record batches of one fetch: leaves out control batches, aborted transactions and records below the wanted offset,
/// decompresses, and gives the records as runs. Not thread-safe.
/// </summary>
internal sealed class RecordParser : IDisposable
{
    private const int MaxDecompressedBytes = 256 * 1024 * 1024;

    private readonly PooledBuffer _decompressed = new(MaxDecompressedBytes);
    private readonly HashSet<long> _abortedProducers = [];
    private readonly bool _withHeaders;
    private byte[] _buffer = [];
    private int _at;
    private int _end;
    private IReadOnlyList<AbortedTransaction> _aborted = [];
    private int _nextAborted;

    /// <summary>Creates a parser; headers are kept only when they are wanted.</summary>
    public RecordParser(bool withHeaders) => _withHeaders = withHeaders;

    /// <summary>Begins a fetch.</summary>
    public void Begin(FetchedRecords fetched)
    {
        if (MemoryMarshal.TryGetArray(fetched.Batches, out var segment))
        {
            _buffer = segment.Array!;
            _at = segment.Offset;
            _end = segment.Offset + segment.Count;
        }
        else
        {
            _buffer = fetched.Batches.ToArray();
            _at = 0;
            _end = _buffer.Length;
        }

        // Brokers list them in the order in which they ended.
        _aborted = fetched.Aborted.Count > 1 ? [.. fetched.Aborted.OrderBy(static a => a.FirstOffset)] : fetched.Aborted;
        _nextAborted = 0;
        _abortedProducers.Clear();
    }

    /// <summary>
    /// Fills the run with the next records at or after <paramref name="fromOffset"/>; false when the fetch is used up. A run may be without
    /// records and only move its <see cref="RecordRun.NextOffset"/>.
    /// </summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/>: the bytes are not record batches.</exception>
    public bool Next(RecordRun run, long fromOffset)
    {
        if (_at >= _end)
            return false;
        run.Reset(_buffer);
        run.NextOffset = fromOffset;
        while (_at < _end && run.Count < ChangeBatch.MaxRows)
        {
            if (!RecordBatchHeader.TryRead(_buffer.AsSpan(_at, _end - _at), out var batch))
                throw new KafkaException(ErrorCode.CorruptMessage, "A fetched record batch is cut off.");
            var compression = batch.Attributes.Compression;
            var isWanted = IsWanted(batch, fromOffset);
            if (isWanted && compression != CompressionType.None && run.Count > 0)
                break;
            if (isWanted)
                Append(run, batch, compression, fromOffset);
            run.NextOffset = Math.Max(run.NextOffset, batch.NextOffset);
            _at += batch.SizeInBytes;
            if (isWanted && compression != CompressionType.None)
                break;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _decompressed.Dispose();

    private bool IsWanted(RecordBatchHeader batch, long fromOffset)
    {
        for (; _nextAborted < _aborted.Count && _aborted[_nextAborted].FirstOffset <= batch.LastOffset; _nextAborted++)
            _abortedProducers.Add(_aborted[_nextAborted].ProducerId);
        if (batch.Attributes.IsControl)
        {
            if (TransactionMarker.TryRead(batch, out var marker) && !marker.Commit)
                _abortedProducers.Remove(batch.ProducerId);
            return false;
        }

        return batch.LastOffset >= fromOffset && !(batch.Attributes.IsTransactional && _abortedProducers.Contains(batch.ProducerId));
    }

    private void Append(RecordRun run, RecordBatchHeader batch, CompressionType compression, long fromOffset)
    {
        var recordsAt = _at + RecordBatchHeader.Size;
        var records = batch.Records;
        if (compression != CompressionType.None)
        {
            _decompressed.Clear();
            RecordCompression.Decompress(compression, records, _decompressed);
            if (!MemoryMarshal.TryGetArray<byte>(_decompressed.WrittenMemory, out var segment))
                throw new InvalidOperationException("a pooled buffer is an array");
            recordsAt = segment.Offset;
            records = segment;
            run.Reset(segment.Array!);
        }

        var appendTime = batch.Attributes.TimestampType == TimestampType.LogAppendTime ? batch.MaxTimestamp : (long?)null;
        var reader = new RecordBatchReader(records, batch.Count);
        while (reader.MoveNext())
        {
            var offset = batch.BaseOffset + reader.OffsetDelta;
            if (offset < fromOffset)
                continue;
            run.Add(
                recordsAt + reader.KeyStart, reader.HasKey ? reader.Key.Length : -1,
                recordsAt + reader.ValueStart, reader.HasValue ? reader.Value.Length : -1,
                appendTime ?? batch.BaseTimestamp + reader.TimestampDelta, offset);
            if (_withHeaders && reader.HeaderCount > 0)
                run.AddHeaders(reader.Headers, reader.HeaderCount);
        }
    }
}

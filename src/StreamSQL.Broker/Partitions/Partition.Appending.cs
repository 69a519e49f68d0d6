using System.Runtime.CompilerServices;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Partitions;

/// <content>Appends.</content>
public sealed partial class Partition
{
    /// <summary>How far a client's compressed batch may grow when it is checked.</summary>
    private const int MaxDecompressedBytes = 100 * 1024 * 1024;

    /// <summary>How many markers of a producer this partition has seen: to be asked before a transactional append is verified.</summary>
    internal int MarkersOf(long producerId)
    {
        lock (Log.Gate)
            return _producers.Find(producerId)?.Markers ?? 0;
    }

    /// <summary>Whether the producer has an open transaction here in this epoch, so that its appends need no verification.</summary>
    internal bool HasOpenTransaction(long producerId, short epoch)
    {
        lock (Log.Gate)
            return _producers.Find(producerId) is { TransactionStart: >= 0 } producer && producer.Epoch == epoch;
    }

    /// <summary>
    /// Appends a client's batch; a transactional one only when the coordinator has verified it since the last marker (KIP-890).
    /// </summary>
    internal ValueTask<AppendResult> AppendAsync(
        ReadOnlyMemory<byte> batch, RequiredAcks acks, Verification? verification, int timeoutMs = Timeout.Infinite,
        LeasedBuffer? owner = null)
    {
        var error = Validate(batch.Span);
        if (error != ErrorCode.None)
            return new(AppendResult.Refused(error));
        if (_store.Commits.IsDiskFull)
            return new(AppendResult.Refused(ErrorCode.KafkaStorageError));
        RecordBatchHeader.TryRead(batch.Span, out var header);
        return Config.Compression is { } wanted && wanted != header.Attributes.Compression
            ? AppendRecompressed(header, wanted, acks, verification, timeoutMs)
            : AppendNow(batch.Span, acks, verification, timeoutMs, owner);
    }

    private ValueTask<AppendResult> AppendRecompressed(
        RecordBatchHeader batch, CompressionType compression, RequiredAcks acks, Verification? verification, int timeoutMs)
    {
        using var recompressed = new PooledBuffer(MaxDecompressedBytes);
        RecordBatchCompressor.Recompress(batch, compression, MaxDecompressedBytes, recompressed, Config.CompressionLevel);
        return recompressed.Length > Config.MaxMessageBytes
            ? new(AppendResult.Refused(ErrorCode.MessageTooLarge))
            : AppendNow(recompressed.WrittenSpan, acks, verification, timeoutMs, owner: null);
    }

    /// <summary>
    /// Adds a batch to a group that spans partitions. The caller holds the gates of all of them, has stamped the batch, and enqueues the
    /// group before leaving the gates.
    /// </summary>
    internal long AppendToGroup(ReadOnlySpan<byte> batch, long nowMs, CommitGroup group)
    {
        RecordBatchHeader.TryRead(batch, out var header);
        var baseOffset = Log.Append(batch, LeaderEpoch, -1, group);
        _producers.Apply(header, baseOffset, nowMs);
        return baseOffset;
    }

    /// <summary>Adds a marker to a group, like <see cref="AppendToGroup"/>.</summary>
    /// <param name="producerId">Whose transaction ends.</param>
    /// <param name="epoch">The marker's producer epoch.</param>
    /// <param name="marker">The marker.</param>
    /// <param name="batch">The batch that holds it (<see cref="TransactionMarker.WriteBatch"/>), which
    /// is the same for all partitions.</param>
    /// <param name="nowMs">The time in it.</param>
    /// <param name="group">The group.</param>
    internal long AppendMarkerToGroup(
        long producerId, short epoch, TransactionMarker marker, ReadOnlySpan<byte> batch, long nowMs, CommitGroup group)
    {
        var offset = Log.Append(batch, LeaderEpoch, -1, group);
        if (_producers.ApplyMarker(producerId, epoch, marker, offset, nowMs) is var start and >= 0)
            _endedNotDurable.Enqueue((start, offset));
        return offset;
    }

    /// <summary>
    /// Appends a marker that comes from outside, and completes when it is durable. A lower producer epoch or coordinator epoch than the
    /// last one is refused; said again, a marker changes nothing.
    /// </summary>
    internal async ValueTask<ErrorCode> AppendMarkerAsync(long producerId, short epoch, TransactionMarker marker, bool raisesEpoch)
    {
        try
        {
            ValueTask durable;
            lock (Log.Gate)
            {
                if (Log.IsClosed)
                    return ErrorCode.UnknownTopicOrPartition;
                var error = _producers.CheckMarker(producerId, epoch, marker, raisesEpoch);
                if (error != ErrorCode.None)
                    return error;
                var group = _store.Commits.Rent();
                durable = group.Completion;
                var now = NowMs;
                Span<byte> batch = stackalloc byte[TransactionMarker.BatchSize];
                marker.WriteBatch(batch, producerId, epoch, now);
                AppendMarkerToGroup(producerId, epoch, marker, batch, now, group);
                _store.Commits.Enqueue(group);
            }

            await durable;
            return ErrorCode.None;
        }
        catch (StorageFailedException)
        {
            return ErrorCode.KafkaStorageError;
        }
    }

    private ErrorCode Validate(ReadOnlySpan<byte> batch)
    {
        if (batch.Length > Config.MaxMessageBytes)
            return ErrorCode.MessageTooLarge;
        var error = RecordBatchValidator.CheckIntact(batch, out var header);
        if (error != ErrorCode.None)
            return error;
        if (header.SizeInBytes != batch.Length)
            return ErrorCode.InvalidRecord; // one batch per partition and request (KIP-98)
        error = RecordBatchValidator.CheckProduced(header);
        if (error == ErrorCode.None)
            error = RecordBatchValidator.CheckRecords(header, Config.IsCompacted, MaxDecompressedBytes);
        if (error == ErrorCode.None && !Config.UsesAppendTime)
            error = RecordBatchValidator.CheckTimestamps(header, EarliestTimestamp, LatestTimestamp, MaxDecompressedBytes);
        return error;
    }

    /// <summary>The earliest time that a record may carry now; <see cref="long.MinValue"/> without a bound.</summary>
    internal long EarliestTimestamp => Config.TimestampBeforeMaxMs >= NowMs ? long.MinValue : NowMs - Config.TimestampBeforeMaxMs;

    /// <summary>The latest time that a record may carry now.</summary>
    internal long LatestTimestamp => Config.TimestampAfterMaxMs > long.MaxValue - NowMs ? long.MaxValue : NowMs
        + Config.TimestampAfterMaxMs;

    private ValueTask<AppendResult> AppendNow(
        ReadOnlySpan<byte> batch, RequiredAcks acks, Verification? verification, int timeoutMs, LeasedBuffer? owner)
    {
        RecordBatchHeader.TryRead(batch, out var header);
        var appendTime = Config.UsesAppendTime ? NowMs : -1;
        var awaited = AwaitedFor(acks);
        long baseOffset;
        try
        {
            _store.Commits.MakeRoom();
            var group = _store.Commits.Rent();
            group.GivesUpOnFullDisk = TellsOfFullDisk;
            if (timeoutMs > 0 && acks == RequiredAcks.All)
                group.LateAtMs = _store.Commits.LateAfter(timeoutMs);
            var completion = group.Completion;
            lock (Log.Gate)
            {
                var error = _producers.Check(header, verification, out baseOffset);
                if (error == ErrorCode.None)
                {
                    baseOffset = Log.Append(batch, LeaderEpoch, appendTime, group, owner);
                    _producers.Apply(header, baseOffset, NowMs);
                }
                else if (error != ErrorCode.DuplicateSequenceNumber)
                {
                    group.Discard();
                    return new(AppendResult.Refused(error));
                }

#if PLANTED_BUGS
                if (Planted.IsAwake(PlantedBug.AnswerDuplicateAtOnce) && error == ErrorCode.DuplicateSequenceNumber)
                {
                    group.Discard();
                    return new(new AppendResult(ErrorCode.None, baseOffset, appendTime, StartOffset));
                }
#endif
                // A duplicate's empty group waits for what is before it, the original among it.
                _store.Commits.Enqueue(group, awaited);
            }

            var result = new AppendResult(ErrorCode.None, baseOffset, appendTime, StartOffset);
            if (awaited != Awaited.Durable)
                _store.Commits.StartWriting();
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.AnswerBeforeCommit))
                return new(result);
#endif
            return acks == RequiredAcks.None ? new(result) : WhenCompletedAsync(completion, result);
        }
        catch (Exception e) when (e is StorageFailedException or ObjectDisposedException)
        {
            return new(AppendResult.Refused(e is StorageFailedException ? ErrorCode.KafkaStorageError : ErrorCode.UnknownTopicOrPartition));
        }
    }

    private Awaited AwaitedFor(RequiredAcks acks) => acks switch
    {
        RequiredAcks.All when Log.Config.FlushPolicy == FlushPolicy.Commit => Awaited.Durable,
        RequiredAcks.All or RequiredAcks.Leader => Awaited.Written,
        _ => Awaited.Nothing,
    };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<AppendResult> WhenCompletedAsync(ValueTask completion, AppendResult result)
    {
        try
        {
            await completion;
            return result;
        }
        catch (Exception e) when (e is StorageFailedException or DiskFullException)
        {
            return AppendResult.Refused(ErrorCode.KafkaStorageError);
        }
        catch (LateCommitException)
        {
            return AppendResult.Refused(ErrorCode.RequestTimedOut);
        }
    }
}

using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Broker.Transactions;

/// <content>Whole transactions of producers in this process.</content>
public sealed partial class TransactionCoordinator
{
    // The state record only says that the id is in use; it is renewed now and then.
    private const long StateRenewalMs = 60_000;

    /// <summary>
    /// Writes one whole transaction: batches, offsets, markers and state are one atomic write, so a single sync makes it durable and
    /// nothing
    /// ever sees it open. The epoch stays: no append of it can come late. Where a member commits, the write is begun in the step of the
    /// group that checks the member (KIP-447).
    /// </summary>
    /// <exception cref="KafkaException">The producer was fenced, the group has gone on without the member, a partition does not exist, or
    /// storage failed.</exception>
    internal async ValueTask<long[]> CommitWholeAsync(LocalProducer producer, TransactionContent content, GroupCoordinator groups)
    {
        var offsetsPartition = content.GroupId is { } group && content.Offsets.Count > 0 ? await _offsets.PartitionOfAsync(group) : null;
        var statePartition = await StatePartitionAsync(producer.TransactionalId);
        using (var turn = await EnterAsync(producer.TransactionalId, create: false))
        {
            var entry = CheckHolder(turn.Entry, producer);
            Resolve(producer, content);
            if (LocalProducer.ContentBytes(content) > _store.Options.MaxAtomicGroupBytes)
            {
                return content.ExpectedEnds.Count == 0
                    ? await CommitInStepsAsync(entry, producer, content, offsetsPartition, groups)
                    : throw new KafkaException(
                        ErrorCode.MessageTooLarge,
                        $"A write that depends on where its partitions end holds at most {_store.Options.MaxAtomicGroupBytes} bytes.");
            }

            Stamp(producer, content);
            var write = entry.Write(_store);
            write.Clear();
            for (var i = 0; i < content.Batches.Count; i++)
                write.Add(producer.Partitions[i], content.Batches[i].Batch);
            OffsetRecord[] records = [];
            if (offsetsPartition is not null)
            {
                var builder = producer.BeginOffsets();
                records = _offsets.BuildCommit(builder, content.GroupId!, OffsetsOf(content));
                var batch = builder.Build(producer.ProducerId, producer.Epoch, ProducerSequence.None, transactional: true);
                write.Add(offsetsPartition, batch);
            }

            write.AddMarkers(producer.ProducerId, producer.Epoch, new TransactionMarker(Commit: true, 0));
            var next = NextState(entry.State!);
            if (next is not null)
                write.Add(statePartition, entry.EncodeState(next));
            Expect(write, content);
            await EnqueueAsync(write, producer, content, groups);
            entry.State = next ?? entry.State;
            if (offsetsPartition is not null)
                _offsets.ApplyCommit(content.GroupId!, records, write.Offsets[content.Batches.Count]);
            var offsets = new long[content.Batches.Count];
            write.Offsets.CopyTo(0, offsets, 0, offsets.Length);
            return offsets;
        }
    }

    private void Expect(AtomicAppend write, TransactionContent content)
    {
        foreach (var (name, end) in content.ExpectedEnds)
            write.ExpectEnd(_topics.Find(name) ?? throw new KafkaException(ErrorCode.UnknownTopicOrPartition,
                $"There is no partition {name}."), end);
    }

    private static async ValueTask EnqueueAsync(
        AtomicAppend write, LocalProducer producer, TransactionContent content, GroupCoordinator groups)
    {
        try
        {
            Check(await AsMemberAsync(content, groups, () => EnqueueAsync(write)));
        }
        catch (Exception e) when (e is AppendConflictException || e is KafkaException { Code: ErrorCode.IllegalGeneration
            or ErrorCode.UnknownMemberId })
        {
            for (var i = 0; i < content.Batches.Count; i++)
            {
                RecordBatchHeader.TryRead(content.Batches[i].Batch.Span, out var header);
                producer.ReturnSequences(producer.Partitions[i], header.LastOffsetDelta + 1);
            }

            throw;
        }
    }

    /// <summary>Begins a write in the step of the group that checks the member, where a member commits offsets.</summary>
    private static async ValueTask<ErrorCode> AsMemberAsync(TransactionContent content, GroupCoordinator groups, Func<ValueTask> begin)
    {
        if (content is not { GroupId: { } groupId, Member: { } member, Offsets.Count: > 0 })
        {
            await begin();
            return ErrorCode.None;
        }

        return await groups.CommitInTransactionAsync(groupId, new GroupIdentity(member.MemberId, null, member.Generation), async () =>
        {
            await begin();
            return ErrorCode.None;
        });
    }

    /// <summary>
    /// A transaction that is too large for one atomic write goes as a remote client's would: its partitions are noted, the batches
    /// appended, then it is ended. After a crash in between it is found open, and aborted.
    /// </summary>
    private async ValueTask<long[]> CommitInStepsAsync(
        TransactionEntry entry, LocalProducer producer, TransactionContent content, Partition? offsetsPartition, GroupCoordinator groups)
    {
        var touched = producer.Partitions.Select(p => p.Name).ToHashSet();
        if (offsetsPartition is not null)
            touched.Add(offsetsPartition.Name);
        Check(await CarryOutAsync(
            entry, TransactionMachine.AddPartitions(entry.State, producer.ProducerId, producer.Epoch, touched, bumpsEpochs: false, NowMs)));
        Stamp(producer, content);
        var offsets = new long[content.Batches.Count];
        for (var i = 0; i < offsets.Length; i++)
        {
            var write = entry.Write(_store);
            write.Clear();
            write.Add(producer.Partitions[i], content.Batches[i].Batch);
            await EnqueueAsync(write);
            offsets[i] = write.Offsets[0];
        }

        if (offsetsPartition is not null)
        {
            var refused = await AsMemberAsync(content, groups, async () => Check(await WriteOffsetsAsync(
                offsetsPartition, producer.ProducerId, producer.Epoch, content.GroupId!, OffsetsOf(content))));
            if (refused != ErrorCode.None)
            {
                Check(await CarryOutAsync(
                    entry, TransactionMachine.End(entry.State, producer.ProducerId, producer.Epoch, commit: false, NowMs)));
                Check(refused);
            }
        }

        Check(await CarryOutAsync(
            entry, TransactionMachine.End(entry.State, producer.ProducerId, producer.Epoch, commit: true, NowMs)));
        return offsets;
    }

    private void Resolve(LocalProducer producer, TransactionContent content)
    {
        producer.Partitions.Clear();
        for (var i = 0; i < content.Batches.Count; i++)
        {
            var name = content.Batches[i].Partition;
            var partition = _topics.Find(name)
                ?? throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"There is no partition {name}.");
            var batch = content.Batches[i].Batch.Span;
            if (!RecordBatchHeader.TryRead(batch, out var header) || header.SizeInBytes != batch.Length)
                throw new KafkaException(ErrorCode.InvalidRecord, $"What is to be written to {name} is not one record batch.");
            producer.Partitions.Add(partition);
        }
    }

    private static void Stamp(LocalProducer producer, TransactionContent content)
    {
        for (var i = 0; i < content.Batches.Count; i++)
        {
            var batch = content.Batches[i].Batch.Span;
            RecordBatchHeader.TryRead(batch, out var header);
            var sequence = producer.TakeSequences(producer.Partitions[i], header.LastOffsetDelta + 1);
            RecordBatchHeader.StampProducer(batch, producer.ProducerId, producer.Epoch, sequence, transactional: true);
        }
    }

    private static TransactionEntry CheckHolder(TransactionEntry? entry, LocalProducer producer) =>
        entry is not null && TransactionMachine.CheckProducer(entry.State, producer.ProducerId, producer.Epoch) == ErrorCode.None
            ? entry
            : throw new KafkaException(
                ErrorCode.ProducerFenced, $"Another producer has taken the transactional id '{producer.TransactionalId}'.");

    private TransactionState? NextState(TransactionState state)
    {
        var now = NowMs;
        if (state.Status == TransactionStatus.CompleteCommit && now - state.UpdateMs < StateRenewalMs)
            return null;
        return state with { Status = TransactionStatus.CompleteCommit, UpdateMs = now, BumpsEpochs = false, PreviousProducerId = -1 };
    }

    private static OffsetToCommit[] OffsetsOf(TransactionContent content)
    {
        var offsets = new OffsetToCommit[content.Offsets.Count];
        for (var i = 0; i < offsets.Length; i++)
            offsets[i] = new OffsetToCommit(content.Offsets[i].Key, content.Offsets[i].Value);
        return offsets;
    }

    private static async ValueTask EnqueueAsync(AtomicAppend write)
    {
        try
        {
            await write.Enqueue();
        }
        catch (IOException e) when (e is StorageFailedException or DiskFullException)
        {
            throw new KafkaException(ErrorCode.KafkaStorageError, e.Message, e);
        }
        catch (ObjectDisposedException e)
        {
            throw new KafkaException(ErrorCode.UnknownTopicOrPartition, "A partition of the transaction was deleted.", e);
        }
    }

    private static void Check(ErrorCode error)
    {
        if (error != ErrorCode.None)
            throw new KafkaException(error, $"The transaction could not be written: {error}.");
    }
}

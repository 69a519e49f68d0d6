using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Transactions;

/// <content>Start-up.</content>
public sealed partial class TransactionCoordinator
{
    /// <summary>Rebuilds the states from the log.</summary>
    internal void Load()
    {
        if (!_topics.TryGet(TopicName.TransactionState, out var topic))
            return;
        foreach (var partition in topic.Partitions)
        {
            foreach (var record in PartitionRecords.ReadAll(partition))
            {
                if (record.Marker is not null
                    || !TransactionRecord.TryRead(record.Key, record.Value, record.HasValue, out var id, out var state))
                    continue;
                if (state is not null)
                    _entries.GetOrAdd(id, static id => new TransactionEntry(id)).State = state;
                else if (_entries.TryRemove(id, out var forgotten))
                    forgotten.Dispose();
            }
        }
    }

    /// <summary>
    /// Aborts what partitions have open and no transactional id claims: after a power cut, records that went straight to their segment may
    /// be
    /// there without the record that opened their transaction. Left alone they would hold the last stable offset for ever.
    /// </summary>
    internal async ValueTask AbortOrphansAsync()
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.KeepOrphans))
            return;
#endif
        var claimed = List().Where(s => s.Status == TransactionStatus.Ongoing)
            .SelectMany(s => s.Partitions.Select(p => (p, s.ProducerId))).ToHashSet();
        var write = new AtomicAppend(_store);
        var ended = new List<(Partition Partition, long ProducerId)>();
        foreach (var partition in _topics.All.Values.SelectMany(t => t.Partitions))
        {
            foreach (var producer in partition.DescribeProducers())
            {
                if (producer.TransactionStart < 0 || claimed.Contains((partition.Name, producer.ProducerId)))
                    continue;
                write.AddMarker(partition, producer.ProducerId, producer.Epoch, new TransactionMarker(Commit: false, 0));
                ended.Add((partition, producer.ProducerId));
            }
        }

        if (ended.Count == 0)
            return;
        await write.Enqueue();
        foreach (var (partition, producerId) in ended)
        {
            if (partition.Name.Topic == TopicName.ConsumerOffsets)
                _offsets.EndTransaction(partition.Name.Partition, producerId, commit: false);
        }
    }
}

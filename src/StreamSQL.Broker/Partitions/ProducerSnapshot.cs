using System.Buffers;
using System.Buffers.Binary;
using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Broker.Partitions;

/// <summary>The producers' state of one partition up to an offset.</summary>
internal sealed record ProducerSnapshot(LogId Log, long Offset, ProducerEntry[] Producers, AbortedRange[] Aborted)
{
    private const int HeaderBytes = 20 + 8 + 4 + 4;
    private const int ProducerBytes = 8 + 2 + 8 + 4 + 4 + 8 + 1;
    private const int BatchBytes = 16;
    private const int AbortedBytes = 24;

    public static ProducerSnapshot Of(LogId log, long offset, ProducerStates states) =>
        new(log, offset, [.. states.Producers.Values.Select(p => p.Clone())], [.. states.Aborted.Now.Ranges]);

    /// <summary>Gives the producers, and those aborted transactions whose markers the log still holds, to a partition.</summary>
    public void RestoreTo(ProducerStates states, Func<long, bool> holdsMarker)
    {
        foreach (var producer in Producers)
            states.Restore(producer);
        var aborted = Aborted.Where(a => holdsMarker(a.MarkerOffset)).ToList();
        states.Aborted.Restore(aborted, Math.Min(states.FirstOpenOffset, Offset));
    }

    public void Encode(IBufferWriter<byte> target)
    {
        var header = target.GetSpan(HeaderBytes);
        Log.TopicId.TryWriteBytes(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], Log.Partition);
        BinaryPrimitives.WriteInt64LittleEndian(header[20..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], Producers.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[32..], Aborted.Length);
        target.Advance(HeaderBytes);
        foreach (var producer in Producers)
            Encode(producer, target);
        foreach (var aborted in Aborted)
        {
            var bytes = target.GetSpan(AbortedBytes);
            BinaryPrimitives.WriteInt64LittleEndian(bytes, aborted.ProducerId);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], aborted.FirstOffset);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], aborted.MarkerOffset);
            target.Advance(AbortedBytes);
        }
    }

    /// <summary>Reads the snapshot that the bytes begin with and returns the rest.</summary>
    /// <exception cref="CorruptDataException">There is none.</exception>
    public static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> bytes, out ProducerSnapshot snapshot)
    {
        Require(bytes.Length >= HeaderBytes);
        var log = new LogId(new Guid(bytes[..16]), BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]));
        var offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]);
        var producerCount = BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]);
        var abortedCount = BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]);
        bytes = bytes[HeaderBytes..];
        Require(producerCount >= 0 && producerCount <= bytes.Length / ProducerBytes);
        var producers = new ProducerEntry[producerCount];
        for (var i = 0; i < producerCount; i++)
            bytes = Decode(bytes, out producers[i]);
        Require(abortedCount >= 0 && abortedCount <= bytes.Length / AbortedBytes);
        var aborted = new AbortedRange[abortedCount];
        for (var i = 0; i < abortedCount; i++, bytes = bytes[AbortedBytes..])
        {
            aborted[i] = new AbortedRange(
                BinaryPrimitives.ReadInt64LittleEndian(bytes),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
        }

        snapshot = new ProducerSnapshot(log, offset, producers, aborted);
        return bytes;
    }

    private static void Encode(ProducerEntry producer, IBufferWriter<byte> target)
    {
        var size = ProducerBytes + (producer.Count * BatchBytes);
        var bytes = target.GetSpan(size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, producer.ProducerId);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[8..], producer.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[10..], producer.TransactionStart);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[18..], producer.CoordinatorEpoch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[22..], producer.Markers);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[26..], producer.LastTimestamp);
        bytes[34] = (byte)producer.Count;
        for (var i = 0; i < producer.Count; i++)
        {
            var batch = bytes[(ProducerBytes + (i * BatchBytes))..];
            BinaryPrimitives.WriteInt32LittleEndian(batch, producer.Kept(i).BaseSequence);
            BinaryPrimitives.WriteInt32LittleEndian(batch[4..], producer.Kept(i).LastSequence);
            BinaryPrimitives.WriteInt64LittleEndian(batch[8..], producer.Kept(i).BaseOffset);
        }

        target.Advance(size);
    }

    private static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> bytes, out ProducerEntry producer)
    {
        Require(bytes.Length >= ProducerBytes && bytes[34] <= ProducerEntry.KeptBatches);
        var count = bytes[34];
        Require(bytes.Length >= ProducerBytes + (count * BatchBytes));
        var epoch = BinaryPrimitives.ReadInt16LittleEndian(bytes[8..]);
        var lastTimestamp = BinaryPrimitives.ReadInt64LittleEndian(bytes[26..]);
        producer = new ProducerEntry(BinaryPrimitives.ReadInt64LittleEndian(bytes))
        {
            TransactionStart = BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]),
            CoordinatorEpoch = BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]),
            Markers = BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]),
            LastTimestamp = lastTimestamp,
        };
        producer.SetEpoch(epoch);
        for (var i = 0; i < count; i++)
        {
            var batch = bytes[(ProducerBytes + (i * BatchBytes))..];
            producer.Add(epoch, new ProducedBatch(
                BinaryPrimitives.ReadInt32LittleEndian(batch),
                BinaryPrimitives.ReadInt32LittleEndian(batch[4..]),
                BinaryPrimitives.ReadInt64LittleEndian(batch[8..])), lastTimestamp);
        }

        return bytes[(ProducerBytes + (count * BatchBytes))..];
    }

    private static void Require(bool holds)
    {
        if (!holds)
            throw new CorruptDataException("The producer snapshot verifies but does not hold producers.");
    }
}

/// <summary>Keeps the producers' state of all partitions, so that a start scans only what came after.</summary>
internal sealed class ProducerSnapshotFile(DataDirectory directory)
{
    private const int Version = 1;
    private readonly SnapshotStore _store = new(directory.FileSystem, directory.MetaPath, "producers", Version);

    public Dictionary<LogId, ProducerSnapshot> Read()
    {
        var snapshots = new Dictionary<LogId, ProducerSnapshot>();
        var bytes = new ReadOnlySpan<byte>(_store.ReadNewestValid());
        while (!bytes.IsEmpty)
        {
            bytes = ProducerSnapshot.Decode(bytes, out var snapshot);
            snapshots[snapshot.Log] = snapshot;
        }

        return snapshots;
    }

    public void Write(IEnumerable<ProducerSnapshot> snapshots)
    {
        var content = new ArrayBufferWriter<byte>();
        foreach (var snapshot in snapshots)
            snapshot.Encode(content);
        _store.Write(content.WrittenSpan);
    }
}

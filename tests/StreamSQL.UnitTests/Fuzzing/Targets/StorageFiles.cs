using System.Buffers.Binary;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>
/// Files of a data directory: the mutated one lies on a simulated disk and is opened by the code that opens it at a start. What verifies
/// but holds nonsense (a checksum that was made right again) must be refused as well.
/// </summary>
internal static class StorageFiles
{
    private const int SnapshotHeaderBytes = 32;
    private static readonly LogId _id = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);
    private static readonly LogConfig _config = new() { SegmentBytes = 4000, IndexIntervalBytes = 200 };
    private static readonly JournalOptions _smallJournal = new() { FileBytes = 4096, FirstFileBytes = 4096 };
    private static readonly Lazy<MemoryFileSystem> _directory = new(MakeDirectory);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("journal-file", () => [JournalFile()], DecodeJournal, typeof(IOException)) { Share = 4, Repair = RepairJournal },
        new("segment-file", () => [FileOf(".log")], DecodeSegment, typeof(IOException)) { Share = 4, Repair = RecordBatches.RepairBatches },
        new("index-file", () => [FileOf(".index")], DecodeIndex, typeof(IOException)) { Share = 12, Repair = RepairIndex },
        Snapshot("checkpoint", static disk => new CheckpointFile(disk, "data/meta").Read(isExpected: true)),
        Snapshot("leader-epochs", static disk => new LeaderEpochFile(disk, "data/meta").Read(1)),
        Snapshot("topics", static disk => With(disk, ReadTopics)),
        Snapshot("producers", static disk => With(disk, static directory => new ProducerSnapshotFile(directory).Read())),
        Snapshot("segments", static disk => SegmentManifest.Read(disk, "data/meta", [])),
        Snapshot("configs", static disk => With(disk, static directory => new ConfigFile(directory).Read())),
    ];

    private static void DecodeJournal(byte[] input)
    {
        var disk = new MemoryFileSystem();
        Put(disk, "journal", "00000001.journal", input);
        using WriteAheadJournal journal = WriteAheadJournal.Open(disk, "journal", _smallJournal, 0, static (_, payload) =>
        {
            while (!payload.IsEmpty)
                payload = LogEntry.Decode(payload, out ReplayedEntry _);
        }, static (_, _) => { });
    }

    private static void DecodeSegment(byte[] input)
    {
        var disk = new MemoryFileSystem();
        Put(disk, $"data/logs/{_id.Directory}", $"{0:D20}.log", input);
        Open(disk);
    }

    private static void DecodeIndex(byte[] input)
    {
        var disk = new MemoryFileSystem();
        Put(disk, "data", "x.index", input);
        if (SegmentIndexFile.TryLoad(disk, "data/x.index", 3000) is not { } index)
            return;
        for (long at = -1; at < 4000; at += 500)
        {
            if (index.Find(IndexColumn.Offset, at).Entry.Position is < 0 or > 3000
                || index.Find(IndexColumn.Timestamp, at).Entry.Position is < 0 or > 3000)
                throw new InvalidOperationException("an accepted index leads out of its segment");
        }
    }

    /// <summary>A log that is opened with one damaged segment, and then read and appended to.</summary>
    private static void Open(MemoryFileSystem disk)
    {
        using DataDirectory directory = OpenDirectory(disk);
        using LogStore store = LogStore.Open(directory, new StorageOptions { Journal = _smallJournal }, [new(_id, _config)],
            TimeProvider.System);
        store.TryGet(_id, out PartitionLog? log).ShouldBeTrue();
        for (long offset = log!.StartOffset; offset < log.EndOffset;)
        {
            using LogRead read = log.ReadIntact(offset, 1, log.EndOffset);
            if (read.IsEmpty && log.Damage.Count > 0)
                break; // all that follows is quarantined
            if (read.IsEmpty || read.NextOffset <= offset)
                throw new InvalidOperationException($"nothing to read at {offset} of {log.EndOffset}");
            offset = read.NextOffset;
        }
    }

    private static DataDirectory OpenDirectory(MemoryFileSystem disk)
    {
        disk.CreateDirectory("data");
        if (!disk.FileExists("data/format"))
            Put(disk, "data", "format", "1\n"u8.ToArray());
        return DataDirectory.Open(disk, "data");
    }

    private static FuzzTarget Snapshot(string name, Action<MemoryFileSystem> read) => new(
        $"{name}-file",
        () => Snapshots(name),
        input =>
        {
            var disk = new MemoryFileSystem();
            Put(disk, "data/meta", $"{name}-{1:D20}.snapshot", input);
            read(disk);
        },
        typeof(IOException))
    { Share = 8, Repair = RepairSnapshot };

    private static void With(MemoryFileSystem disk, Action<DataDirectory> read)
    {
        using DataDirectory directory = OpenDirectory(disk);
        read(directory);
    }

    private static void ReadTopics(DataDirectory directory)
    {
        using var topics = new TopicRegistryFile(directory);
        topics.Read();
    }

    private static void Put(MemoryFileSystem disk, string directory, string name, byte[] content)
    {
        disk.CreateDirectory(directory);
        using IStorageFile file = disk.Open($"{directory}/{name}", FileOpening.CreateNew);
        file.Write(content, 0);
    }

    /// <summary>Epoch 3, and a log with two epochs.</summary>
    private static byte[] LeaderEpochs()
    {
        var bytes = new byte[4 + 24 + (2 * 12)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 3);
        _id.TopicId.TryWriteBytes(bytes.AsSpan(4));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), 2);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), 3);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(44), 700);
        return bytes;
    }

    private static byte[] RepairIndex(byte[] input)
    {
        const int HeadBytes = 72;
        byte[] copy = [.. input];
        if (copy.Length < HeadBytes)
            return copy;
        var entryBytes = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(copy.AsSpan(56)), 0, (copy.Length - HeadBytes) / 16) * 16;
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(60), Crc32C.Compute(copy.AsSpan(HeadBytes, entryBytes)));
        var checksum = Crc32C.Continue(Crc32C.Compute(copy.AsSpan(8, 4)), copy.AsSpan(16, HeadBytes - 16));
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(12), checksum);
        return copy;
    }

    /// <summary>content length i64 at 24; crc u32 at 12 of the content, mixed with that of the header from 16 on.</summary>
    private static byte[] RepairSnapshot(byte[] input)
    {
        byte[] copy = [.. input];
        if (copy.Length < SnapshotHeaderBytes)
            return copy;
        BinaryPrimitives.WriteInt64LittleEndian(copy.AsSpan(24), copy.Length - SnapshotHeaderBytes);
        uint crc = Crc32C.Compute(copy.AsSpan(SnapshotHeaderBytes)) ^ Crc32C.Compute(copy.AsSpan(16, 16));
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(12), crc);
        return copy;
    }

    /// <summary>Makes the header and the frames right whose lengths still lead from one to the next.</summary>
    private static byte[] RepairJournal(byte[] input)
    {
        byte[] copy = [.. input];
        if (copy.Length < JournalFormat.FileHeaderBytes)
            return copy;
        JournalFormat.WriteFileHeader(copy, 0);
        int at = JournalFormat.FileHeaderBytes;
        for (long lsn = 0; at + JournalFormat.FrameHeaderBytes < copy.Length;)
        {
            Span<byte> frame = copy.AsSpan(at);
            int length = BinaryPrimitives.ReadInt32LittleEndian(frame);
            if (length <= 0 || length > frame.Length - JournalFormat.FrameHeaderBytes)
                break;
            JournalFormat.WriteFrameHeader(frame, length, lsn, 0);
            int size = JournalFormat.Align(JournalFormat.FrameHeaderBytes + length);
            (at, lsn) = (at + size, lsn + size);
        }

        return copy;
    }

    private static byte[] JournalFile()
    {
        var disk = new MemoryFileSystem();
        using (DataDirectory directory = OpenDirectory(disk))
        using (LogStore store = LogStore.Open(directory, new StorageOptions { Journal = _smallJournal }, [new(_id, _config)],
            TimeProvider.System))
        {
            store.TryGet(_id, out PartitionLog? log);
            foreach (byte[] batch in RecordBatches.Batches.Take(6))
                Append(store, log!, batch);
            return ReadFirst(disk, "data/journal", static _ => true);
        }
    }

    private static void Append(LogStore store, PartitionLog log, byte[] batch)
    {
        CommitGroup group = store.Commits.Rent();
        lock (log.Gate)
        {
            log.Append(batch, 0, 1000, group);
            store.Commits.Enqueue(group);
        }

        store.Commits.CommitOnce();
    }

    private static MemoryFileSystem MakeDirectory()
    {
        var disk = new MemoryFileSystem();
        using (DataDirectory directory = OpenDirectory(disk))
        using (LogStore store = LogStore.Open(directory, new StorageOptions { Journal = _smallJournal }, [new(_id, _config)],
            TimeProvider.System))
        {
            store.TryGet(_id, out PartitionLog? log);
            for (int i = 0; i < 3; i++)
            {
                foreach (byte[] batch in RecordBatches.Batches)
                    Append(store, log!, batch);
            }
        }

        return disk;
    }

    private static byte[] FileOf(string extension) =>
        ReadFirst(_directory.Value, $"data/logs/{_id.Directory}", name => name.EndsWith(extension, StringComparison.Ordinal));

    private static byte[] ReadFirst(MemoryFileSystem disk, string directory, Func<string, bool> isIt)
    {
        using IStorageFile file = disk.Open($"{directory}/{disk.ListFiles(directory).First(isIt)}", FileOpening.Read);
        byte[] bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }

    private static IEnumerable<byte[]> Snapshots(string name)
    {
        var disk = new MemoryFileSystem();
        using (DataDirectory directory = OpenDirectory(disk))
        {
            switch (name)
            {
                case "checkpoint":
                    return [ReadFirst(_directory.Value, "data/meta",
                        static file => file.StartsWith("checkpoint", StringComparison.Ordinal))];
                case "leader-epochs":
                    new SnapshotStore(disk, "data/meta", name, 1).Write(LeaderEpochs());
                    break;
                case "topics":
                    using (var topics = new TopicRegistryFile(directory))
                        topics.Write(new("cluster", [new("orders", _id.TopicId, 3, new() { ["retention.ms"] = "-1" })]));
                    break;
                case "producers":
                    new ProducerSnapshotFile(directory).Write([ProducerSnapshotOf()]);
                    break;
                case "segments":
                    new SegmentManifest(100, 90, 3, [new(0, 3, 1000), new(50, 0, 700)]).Write(disk, "data/meta");
                    break;
                default:
                    new ConfigFile(directory).Write(new([new(ConfigResourceType.Broker, "1", new() { ["x"] = "y" })]));
                    break;
            }
        }

        return [ReadFirst(disk, "data/meta", file => file.StartsWith(name, StringComparison.Ordinal))];
    }

    private static ProducerSnapshot ProducerSnapshotOf()
    {
        var producer = new ProducerEntry(7) { TransactionStart = 3, CoordinatorEpoch = 1, Markers = 2, LastTimestamp = 1000 };
        producer.SetEpoch(4);
        for (int i = 0; i < 4; i++)
            producer.Add(4, new ProducedBatch(i * 10, (i * 10) + 9, i * 10), 1000);
        return new ProducerSnapshot(_id, 40, [producer], [new AbortedRange(7, 1, 2)]);
    }
}

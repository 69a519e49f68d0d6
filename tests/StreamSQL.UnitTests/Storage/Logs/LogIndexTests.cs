using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>Look-ups through the index answer as a full scan would, whatever state the index files are in.</summary>
public class LogIndexTests
{
    private static readonly LogId Id = new(new Guid("11111111-1111-1111-1111-111111111111"), 0);
    private static readonly LogConfig Config = new() { SegmentBytes = 1500, IndexIntervalBytes = 200 };
    private const string PathOfLog = "data/logs/11111111111111111111111111111111/0";
    private readonly MemoryFileSystem _disk = new();

    [Theory]
    [InlineData("intact")]
    [InlineData("deleted")]
    [InlineData("zeroed")]
    [InlineData("flipped")]
    [InlineData("cut")]
    public void Look_ups_equal_a_full_scan(string damage)
    {
        var expected = new List<(long Offset, long Timestamp)>();
        using (var directory = DataDirectory.Open(_disk, "data"))
        {
            using var store = LogStore.Open(directory, new StorageOptions(), [new(Id, Config)], TimeProvider.System);
            Fill(store, expected);
        }

        Damage(damage);
        using var again = DataDirectory.Open(_disk, "data");
        using var reopened = LogStore.Open(again, new StorageOptions(), [new(Id, Config)], TimeProvider.System);
        reopened.TryGet(Id, out var log).ShouldBeTrue();
        log!.EndOffset.ShouldBe(expected.Count);
        for (var timestamp = -1L; timestamp < 1200; timestamp += 7)
        {
            var scanned = expected.Where(r => r.Timestamp >= timestamp).Select(r => r.Offset).DefaultIfEmpty(-1).First();
            var found = log.TryFindTimestamp(timestamp, log.EndOffset, out var place) ? place.Offset : -1;
            found.ShouldBe(scanned, $"timestamp {timestamp}");
        }

        for (var offset = 0; offset < expected.Count; offset++)
        {
            using var read = log.Read(offset, 1, log.EndOffset);
            RecordBatchHeader.TryRead(read.Batches.Span, out var batch).ShouldBeTrue();
            offset.ShouldBeInRange((int)batch.BaseOffset, (int)batch.LastOffset);
        }

        log.TryFindMaxTimestamp(log.EndOffset, out var max).ShouldBeTrue();
        max.Timestamp.ShouldBe(expected.Max(r => r.Timestamp));
    }

    [Fact]
    public void A_segment_that_is_being_written_is_read_from_anywhere_though_its_index_is_on_disk()
    {
        const int Batches = 6000;
        var config = new LogConfig { IndexIntervalBytes = 1 };
        using var directory = DataDirectory.Open(_disk, "data");
        using var store = LogStore.Open(directory, new StorageOptions { HotTailBytes = 0 }, [new(Id, config)], TimeProvider.System);
        store.TryGet(Id, out var log).ShouldBeTrue();
        for (var i = 0; i < Batches; i++)
        {
            var group = store.Commits.Rent();
            lock (log!.Gate)
            {
                log.Append(TestBatches.Sized(1024, i), 0, -1, group);
                store.Commits.Enqueue(group, Awaited.Nothing);
            }

            store.Commits.CommitOnce();
        }

        store.Checkpoint();
        var indexes = _disk.ListFiles(PathOfLog).Where(static name => name.EndsWith(".index", StringComparison.Ordinal));
        using (var file = _disk.Open($"{PathOfLog}/{indexes.ShouldHaveSingleItem()}", FileOpening.Read))
            file.Length.ShouldBeGreaterThan(4000 * 16);
        for (var offset = 0; offset < Batches; offset += 11)
        {
            using var read = log!.Read(offset, 1, log.EndOffset);
            RecordBatchHeader.TryRead(read.Batches.Span, out var batch).ShouldBeTrue();
            batch.BaseOffset.ShouldBe(offset);
            log.TryFindTimestamp(offset, log.EndOffset, out var found).ShouldBeTrue();
            found.Offset.ShouldBe(offset);
        }
    }

    private static void Fill(LogStore store, List<(long Offset, long Timestamp)> expected)
    {
        store.TryGet(Id, out var log);
        var random = new Random(3);
        for (var i = 0; i < 150; i++)
        {
            var timestamp = (i * 5) + random.Next(400); // out of order
            var values = Enumerable.Range(0, random.Next(1, 4)).Select(v => $"{i} {v}").ToArray();
            var group = store.Commits.Rent();
            lock (log!.Gate)
            {
                var offset = log.Append(TestBatches.Of(timestamp, values), 0, -1, group);
                for (var v = 0; v < values.Length; v++)
                    expected.Add((offset + v, timestamp + v));
                store.Commits.Enqueue(group, Awaited.Nothing);
            }

            store.Commits.CommitOnce();
        }
    }

    private void Damage(string damage)
    {
        var path = PathOfLog;
        var indexes = _disk.ListFiles(path).Where(f => f.EndsWith(".index", StringComparison.Ordinal)).ToList();
        indexes.Count.ShouldBeGreaterThan(3);
        foreach (var name in indexes)
        {
            using var file = _disk.Open($"{path}/{name}", FileOpening.Write);
            if (damage == "deleted")
                _disk.DeleteFile($"{path}/{name}");
            else if (damage == "zeroed")
                file.Write(new byte[file.Length], 0);
            else if (damage == "flipped")
                file.Write([0xAB], file.Length / 2);
            else if (damage == "cut")
                file.SetLength(file.Length - 8);
        }
    }
}

using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>Index files are believed only where they fit their segments.</summary>
public class SegmentIndexTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(-1, false)]
    public void An_index_of_more_bytes_than_its_segment_has_is_not_believed(int moreBytes, bool isBelieved)
    {
        var disk = new MemoryFileSystem();
        disk.CreateDirectory("data");
        var batch = TestBatches.Keyed(1000, ("a", "1"), ("b", "2"));
        RecordBatchHeader.TryRead(batch, out var header).ShouldBeTrue();
        var index = new SegmentIndex();
        index.Add(0, header, 0, header.MaxTimestamp, intervalBytes: 1);
        using (var file = disk.Open("data/x.index", FileOpening.CreateNew))
            SegmentIndexFile.Write(file, index.Unsaved(batch.Length, index.EndOffset));

        var loaded = SegmentIndexFile.TryLoad(disk, "data/x.index", batch.Length + moreBytes);

        (loaded is not null).ShouldBe(isBelieved);
    }

    [Fact]
    public void What_is_in_the_file_leaves_memory_and_is_found_there()
    {
        const int Batches = 20_000;
        var (disk, context, segment) = NewSegment();
        var index = new SegmentIndex();
        for (var i = 0; i < Batches; i++)
        {
            Add(index, i);
            if (i % 1500 == 700)
                Save(context, segment, index, i - 3);
        }

        index.EntriesInMemory.ShouldBeLessThan((3 * SegmentIndex.NewestEntries) + (Batches / SegmentIndex.BlockEntries));
        segment.SaveIndex(context, index);
        segment.Length = index.CoveredBytes;

        foreach (var each in new[] { index, SegmentIndexFile.TryLoad(disk, segment.IndexPath, segment.Length).ShouldNotBeNull() })
        {
            each.EntriesInMemory.ShouldBeLessThan((2 * SegmentIndex.NewestEntries) + (Batches / SegmentIndex.BlockEntries));
            for (var i = 1; i < Batches; i += 7)
            {
                PlaceOf(context, segment, each, IndexColumn.Offset, (2 * i) + 1).RelativeOffset.ShouldBe(2 * i);
                PlaceOf(context, segment, each, IndexColumn.Timestamp, TimeOf(i)).RelativeOffset.ShouldBe(2 * i);
            }

            PlaceOf(context, segment, each, IndexColumn.Offset, 1).ShouldBe(default);
        }
    }

    [Fact]
    public void A_damaged_or_missing_file_makes_look_ups_longer_and_not_wrong()
    {
        var (disk, context, segment) = NewSegment();
        var index = new SegmentIndex();
        for (var i = 0; i < 4000; i++)
            Add(index, i);
        segment.SaveIndex(context, index);
        using (var file = disk.Open(segment.IndexPath, FileOpening.Write))
            file.Write([0xAB], SegmentIndexFile.PositionOf(3) + 500);

        PlaceOf(context, segment, index, IndexColumn.Offset, 2 * 150).RelativeOffset.ShouldBe(2 * 150);
        PlaceOf(context, segment, index, IndexColumn.Offset, 2 * 250).RelativeOffset.ShouldBe(2 * ((3 * SegmentIndex.BlockEntries) + 1));
        disk.DeleteFile(segment.IndexPath);
        PlaceOf(context, segment, index, IndexColumn.Offset, 2 * 150).RelativeOffset.ShouldBe(2 * ((2 * SegmentIndex.BlockEntries) + 1));
    }

    [Fact]
    public void An_update_that_was_cut_off_before_its_head_leaves_the_index_that_was_there()
    {
        var (disk, context, segment) = NewSegment();
        var index = new SegmentIndex();
        for (var i = 0; i < 100; i++)
            Add(index, i);
        segment.SaveIndex(context, index);
        var covered = index.CoveredBytes;
        for (var i = 100; i < 200; i++)
            Add(index, i);
        var update = index.Unsaved(index.CoveredBytes, index.EndOffset);
        using (var file = disk.Open(segment.IndexPath, FileOpening.Write))
            file.Write(update.Entries, file.Length);

        SegmentIndexFile.TryLoad(disk, segment.IndexPath, index.CoveredBytes).ShouldNotBeNull().CoveredBytes.ShouldBe(covered);
    }

    private static (MemoryFileSystem Disk, LogContext Context, Segment Segment) NewSegment()
    {
        var disk = new MemoryFileSystem();
        disk.CreateDirectory("data");
        var options = new StorageOptions();
        var context = new LogContext(disk, new FileCache(disk, 10), new TailBudget(options.HotTailBytes), options);
        return (disk, context, new Segment("data", 0, 0, null));
    }

    private static long TimeOf(int batch) => 1000 + (10 * batch);

    /// <summary>Two records a batch, each batch with an entry but for the first, all of one size.</summary>
    private static void Add(SegmentIndex index, int batch)
    {
        RecordBatchHeader.TryRead(TestBatches.Keyed(TimeOf(batch), ("a", "1"), ("b", "2")), out var header).ShouldBeTrue();
        index.Add(0, header, 2 * batch, header.MaxTimestamp, intervalBytes: 1);
    }

    private static void Save(LogContext context, Segment segment, SegmentIndex index, int batches)
    {
        var update = index.Unsaved(index.CoveredBytes / (index.EndOffset / 2) * batches, 2 * batches);
        segment.SaveIndex(context, update);
        index.NoteSaved(update);
    }

    private static IndexEntry PlaceOf(LogContext context, Segment segment, SegmentIndex index, IndexColumn column, long value) =>
        segment.PlaceOf(context, index.Find(column, value), column, value);
}

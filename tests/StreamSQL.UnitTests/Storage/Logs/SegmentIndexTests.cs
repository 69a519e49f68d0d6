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
            file.Write(index.Encode(batch.Length, index.EndOffset), 0);

        var loaded = SegmentIndex.TryLoad(disk, "data/x.index", batch.Length + moreBytes);

        (loaded is not null).ShouldBe(isBelieved);
    }
}

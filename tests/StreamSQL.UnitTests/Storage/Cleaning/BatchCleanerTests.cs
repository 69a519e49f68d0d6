using System.Text;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Cleaning;

namespace StreamSQL.UnitTests.Storage.Cleaning;

/// <summary>The rules of compaction, without files: batches in, batches out.</summary>
public class BatchCleanerTests
{
    private const long Now = 50_000;
    private const long Retention = 1000;

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Survivors_keep_all_that_their_batch_says(CompressionType compression)
    {
        var batch = TestBatches.Compressed(TestBatches.Keyed(1000, ("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")), compression);
        RecordBatchHeader.StampProducer(batch, 7, 3, 20, transactional: true);
        RecordBatchHeader.SetLeaderEpoch(batch, 9);
        At(batch, 100);

        var cleaned = Clean([batch], Map(200, ("a", 150), ("d", 160))).Single()!;

        RecordBatchHeader.TryRead(cleaned, out var header).ShouldBeTrue();
        RecordBatchValidator.CheckIntact(cleaned, out _).ShouldBe(ErrorCode.None);
        (header.BaseOffset, header.LastOffset, header.Count, header.LeaderEpoch).ShouldBe((100, 103, 2, 9));
        (header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.LastSequence).ShouldBe((7, (short)3, 20, 23));
        (header.BaseTimestamp, header.MaxTimestamp).ShouldBe((1000, 1002));
        (header.Attributes.Compression, header.Attributes.IsTransactional, header.Attributes.HasDeleteHorizon)
            .ShouldBe((compression, true, false));
        TestBatches.RecordsOf(header).ShouldBe([new(101, 1001, "b", "2"), new(102, 1002, "c", "3")]);
    }

    [Fact]
    public void A_batch_of_which_all_stays_is_left_as_it_is()
    {
        var batch = At(TestBatches.Keyed(1000, ("a", "1"), ("b", "2")), 100);

        Clean([batch], Map(200, ("a", 100), ("x", 150))).Single().ShouldBe(batch);
        Clean([batch], Map(100, ("a", 150))).Single().ShouldBe(batch); // at the map's end
        Clean([batch], Map(101, ("a", 150))).Single().ShouldNotBe(batch); // half below it
    }

    [Fact]
    public void A_deletion_stays_for_its_time_after_the_first_cleaning_whatever_its_own_timestamp()
    {
        var batch = At(TestBatches.Keyed(1, ("a", "1"), ("b", null)), 100);
        var map = Map(200, ("a", 150));

        var first = Clean([batch], map).Single()!;
        RecordBatchHeader.TryRead(first, out var header);
        header.Attributes.HasDeleteHorizon.ShouldBeTrue();
        header.BaseTimestamp.ShouldBe(Now + Retention);
        header.MaxTimestamp.ShouldBe(2);
        TestBatches.RecordsOf(header).ShouldBe([new(101, 2, "b", null)]);

        Clean([first], map, now: Now + Retention - 1).Single().ShouldBe(first);
        Clean([first], map, now: Now + Retention).Single().ShouldBeNull();
    }

    [Fact]
    public void The_time_of_a_deletion_begins_when_all_of_its_batch_is_cleaned()
    {
        var batch = At(TestBatches.Keyed(1, ("a", null), ("b", "2")), 100);

        Clean([batch], Map(101)).Single().ShouldBe(batch);
    }

    [Fact]
    public void A_record_without_a_key_goes()
    {
        var batch = At(TestBatches.Of(1, "no key"), 100);

        Clean([batch], Map(200)).Single().ShouldBeNull();
    }

    [Fact]
    public void Records_of_an_aborted_transaction_go_and_the_marker_after_them_in_its_time()
    {
        var aborted = Transactional(7, 100, ("a", "1"));
        var marker = Marker(7, commit: false, 105);
        var state = new CleaningState([new(7, 100, 105)], new Dictionary<long, ProducerTail>());
        var map = Map(200);

        Clean([aborted, marker], map, state).ShouldBe([null, marker]); // the marker waits until no batch is left

        var withHorizon = Clean([marker], map, state).Single()!;
        RecordBatchHeader.TryRead(withHorizon, out var header);
        (header.Attributes.HasDeleteHorizon, header.BaseTimestamp, header.MaxTimestamp).ShouldBe((true, Now + Retention, 1));
        TransactionMarker.TryRead(header, out var read).ShouldBeTrue();
        read.ShouldBe(new TransactionMarker(false, 3));
        Clean([withHorizon], map, state, Now + Retention - 1).ShouldBe([withHorizon]);
        Clean([withHorizon], map, state, Now + Retention).ShouldBe([null]);
    }

    [Fact]
    public void A_commit_marker_stays_as_long_as_a_batch_of_its_transaction()
    {
        var committed = Transactional(7, 100, ("a", "1"));
        var later = Transactional(7, 110, ("b", "1"));
        byte[][] log = [committed, Marker(7, commit: true, 105), later, Marker(7, commit: true, 115)];

        var cleaned = Clean(log, Map(200, ("b", 150)));

        cleaned[..2].ShouldBe(log[..2]);
        cleaned[2].ShouldBeNull();
        cleaned[3].ShouldBe(log[3]); // its transaction is empty from now on
        Clean([log[0], log[1], log[3]], Map(200))[2].ShouldNotBe(log[3]);
    }

    [Fact]
    public void Emptied_transactions_are_told_once_no_batch_is_left()
    {
        var aborted = Transactional(7, 100, ("a", "1"));
        var marker = Marker(7, commit: false, 105);
        var state = new CleaningState([new(7, 100, 105)], new Dictionary<long, ProducerTail>());

        EmptiedBy([aborted, marker], state).ShouldBeEmpty();
        EmptiedBy([marker], state).ShouldBe([105]);
    }

    [Fact]
    public void The_batch_with_a_producers_last_sequence_stays_without_records()
    {
        var old = At(TestBatches.Compressed(TestBatches.Keyed(5, ("a", "1"), ("a", "2")), CompressionType.Gzip), 100);
        RecordBatchHeader.StampProducer(old, 7, 3, 20, transactional: false);
        var state = new CleaningState([], new Dictionary<long, ProducerTail> { [7] = new(3, 100) });

        var cleaned = Clean([old], Map(200, ("a", 150)), state).Single()!;

        RecordBatchHeader.TryRead(cleaned, out var header);
        RecordBatchValidator.CheckIntact(cleaned, out _).ShouldBe(ErrorCode.None);
        (header.Count, header.SizeInBytes, header.BaseOffset, header.LastOffset).ShouldBe((0, RecordBatchHeader.Size, 100, 101));
        (header.ProducerId, header.ProducerEpoch, header.LastSequence).ShouldBe((7, (short)3, 21));
        header.Attributes.Compression.ShouldBe(CompressionType.None);
        Clean([cleaned], Map(200), state).Single().ShouldBe(cleaned);
        var gone = new CleaningState([], new Dictionary<long, ProducerTail>());
        Clean([cleaned], Map(200), gone).Single().ShouldBeNull(); // nobody remembers the producer
    }

    [Fact]
    public void The_marker_with_a_producers_epoch_stays_while_nothing_else_has_it()
    {
        var marker = Marker(7, commit: true, 105);
        var state = new CleaningState([], new Dictionary<long, ProducerTail> { [7] = new(1, -1) });

        Clean([marker], Map(200), state).Single().ShouldBe(marker);
    }

    [Fact]
    public void The_map_holds_what_fits_and_refuses_more()
    {
        var map = new OffsetMap(24 * 1000);
        var taken = 0;
        while (map.TryPut(Encoding.UTF8.GetBytes($"key {taken}"), taken))
            taken++;

        taken.ShouldBe(875);
        for (var i = 0; i < taken; i++)
            map.Find(Encoding.UTF8.GetBytes($"key {i}")).ShouldBe(i);
        map.Find("key 875"u8).ShouldBe(-1);
        map.TryPut("key 3"u8, 9999).ShouldBeTrue();
        map.Find("key 3"u8).ShouldBe(9999);
        map.Clear();
        map.Find("key 3"u8).ShouldBe(-1);
    }

    private static byte[] At(byte[] batch, long offset)
    {
        RecordBatchHeader.SetBaseOffset(batch, offset);
        return batch;
    }

    private static byte[] Transactional(long producerId, long offset, params (string, string?)[] records)
    {
        var batch = At(TestBatches.Keyed(1, records), offset);
        RecordBatchHeader.StampProducer(batch, producerId, 1, 0, transactional: true);
        return batch;
    }

    private static byte[] Marker(long producerId, bool commit, long offset)
    {
        var batch = new byte[TransactionMarker.BatchSize];
        new TransactionMarker(commit, 3).WriteBatch(batch, producerId, 1, timestampMs: 1);
        return At(batch, offset);
    }

    private static OffsetMap Map(long endOffset, params (string Key, long Offset)[] keys)
    {
        var map = new OffsetMap(1 << 20) { EndOffset = endOffset };
        foreach (var (key, offset) in keys)
            map.TryPut(Encoding.UTF8.GetBytes(key), offset).ShouldBeTrue();
        return map;
    }

    private static IReadOnlySet<long> EmptiedBy(byte[][] log, CleaningState state)
    {
        using var cleaner = new BatchCleaner(Map(200), state, Now, Retention);
        foreach (var bytes in log)
        {
            RecordBatchHeader.TryRead(bytes, out var batch);
            cleaner.Clean(batch, out _);
        }

        return cleaner.Emptied;
    }

    /// <summary>What becomes of each batch; null for one that goes.</summary>
    private static List<byte[]?> Clean(byte[][] log, OffsetMap map, CleaningState? state = null, long now = Now)
    {
        state ??= new CleaningState([], new Dictionary<long, ProducerTail>());
        using var cleaner = new BatchCleaner(map, state, now, Retention);
        var cleaned = new List<byte[]?>();
        foreach (var bytes in log)
        {
            RecordBatchHeader.TryRead(bytes, out var batch).ShouldBeTrue();
            var fate = cleaner.Clean(batch, out var rewritten);
            cleaned.Add(fate switch { BatchFate.Kept => bytes, BatchFate.Rewritten => rewritten.ToArray(), _ => null });
        }

        return cleaned;
    }
}

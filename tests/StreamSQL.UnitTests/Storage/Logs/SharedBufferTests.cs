using System.Text;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Logs;

/// <summary>Large batches stay in the buffer that they came in.</summary>
public class SharedBufferTests
{
    private const int Large = PartitionLog.SharedFromBytes;
    private static readonly LogId Name = new(new Guid("33333333-3333-3333-3333-333333333333"), 1);

    [Theory]
    [InlineData(4 * 1024 * 1024)] // through the journal
    [InlineData(1)] // straight to the segment
    public void A_large_batch_is_not_copied_and_outlives_its_request(int directBytes)
    {
        var disk = new MemoryFileSystem();
        using (var store = Open(disk, directBytes))
        {
            var log = Log(store);
            Append(store, log, TestBatches.Of(1, "before"), owner: null);
            var batch = TestBatches.Sized(Large);
            var request = Received("header", batch, "tags");
            Append(store, log, request.Bytes.AsSpan("header".Length, batch.Length), request);
            var bytes = request.Bytes;
            request.Release();
            Append(store, log, TestBatches.Of(2, "behind"), owner: null);
            store.Commits.CommitOnce();

            using (var read = log.Read(1, int.MaxValue, log.EndOffset))
            {
                read.Batches.Span.Overlaps(bytes, out var at).ShouldBeTrue();
                at.ShouldBe(-"header".Length);
                read.Batches.Length.ShouldBe(batch.Length);
                RecordBatchHeader.TryRead(read.Batches.Span, out var header).ShouldBeTrue();
                header.BaseOffset.ShouldBe(1);
            }

            Values(log).ShouldBe(["before", new string('x', Large), "behind"]);
            store.Checkpoint();
        }

        using var after = Open(disk.PowerCut(), directBytes);
        Values(Log(after)).ShouldBe(["before", new string('x', Large), "behind"]);
    }

    [Theory]
    [InlineData(Large / 2, 0)] // a small batch
    [InlineData(Large, 3 * Large)] // one that fills little of its buffer
    public void Other_batches_are_copied(int valueBytes, int alsoThere)
    {
        using var store = Open(new MemoryFileSystem(), 1);
        var log = Log(store);
        var batch = TestBatches.Sized(valueBytes);
        var request = Received("", batch, new string('-', alsoThere));

        Append(store, log, request.Bytes.AsSpan(0, batch.Length), request);

        using var read = log.Read(0, int.MaxValue, log.EndOffset);
        read.Batches.Span.Overlaps(request.Bytes).ShouldBeFalse();
        request.Release();
    }

    [Fact]
    public void The_buffer_is_given_back_when_the_tail_is_dropped()
    {
        using var store = Open(new MemoryFileSystem(), 1, tailBytes: 0);
        var log = Log(store);
        var batch = TestBatches.Sized(Large);
        var request = Received("", batch, "");
        Append(store, log, request.Bytes.AsSpan(0, batch.Length), request);
        request.Release();
        request.Length.ShouldBeGreaterThan(0);
        store.Commits.CommitOnce();

        store.Checkpoint();
        Append(store, log, TestBatches.Of(2, "more"), owner: null);
        store.Commits.CommitOnce();

        request.Length.ShouldBe(0);
        Values(log)[0].Length.ShouldBe(Large);
    }

    private static LogStore Open(MemoryFileSystem disk, int directBytes, long tailBytes = 1 << 24) => LogStore.Open(
        DataDirectory.Open(disk, "data"), new StorageOptions { DirectWriteBytes = directBytes, HotTailBytes = tailBytes },
        [new(Name, LogConfig.Default)], TimeProvider.System);

    private static PartitionLog Log(LogStore store) => store.TryGet(Name, out var log) ? log : throw new InvalidOperationException();

    private static void Append(LogStore store, PartitionLog log, ReadOnlySpan<byte> batch, LeasedBuffer? owner)
    {
        var group = store.Commits.Rent();
        lock (log.Gate)
        {
            log.Append(batch, leaderEpoch: 0, appendTimeMs: -1, group, owner);
            store.Commits.Enqueue(group, Awaited.Durable);
        }
    }

    private static List<string> Values(PartitionLog log)
    {
        var values = new List<string>();
        for (var offset = log.StartOffset; offset < log.EndOffset;)
        {
            using var read = log.Read(offset, 4096, log.EndOffset);
            read.IsEmpty.ShouldBeFalse($"nothing at {offset}");
            values.AddRange(TestBatches.Values(read.Batches.Span));
            offset = read.NextOffset;
        }

        return values;
    }

    private static LeasedBuffer Received(string before, ReadOnlySpan<byte> batch, string behind)
    {
        var buffer = new PooledBuffer();
        buffer.Append(Encoding.ASCII.GetBytes(before));
        buffer.Append(batch);
        buffer.Append(Encoding.ASCII.GetBytes(behind));
        return new LeasedBuffer(buffer);
    }
}

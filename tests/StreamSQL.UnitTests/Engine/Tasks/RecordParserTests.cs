using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Engine.Tasks;

public class RecordParserTests
{
    [Fact]
    public void Aborted_transactions_that_overlap_are_left_out_whatever_the_order_they_are_listed_in()
    {
        byte[][] batches =
        [
            Data(producer: 1, offset: 0, sequence: 0), Data(2, 1, 0), Data(3, 2, 0),
            Marker(2, 3, commit: false), Data(3, 4, 1), Data(1, 5, 1), Marker(1, 6, commit: false), Marker(3, 7, commit: true),
            Data(1, 8, 2), Data(2, 9, 1), Marker(1, 10, commit: true), Marker(2, 11, commit: false),
        ];
        // As brokers list them: in the order in which they ended.
        AbortedTransaction[] aborted = [new(2, 1), new(1, 0), new(2, 9)];
        byte[] all = [.. batches.SelectMany(b => b)];
        using var parser = new RecordParser(withHeaders: false);
        using var fetched = new FetchedRecords(all, new PartitionOffsets(0, 12, 12), aborted, null);
        parser.Begin(fetched);
        var run = new RecordRun();

        parser.Next(run, 0).ShouldBeTrue();

        run.Offsets.ToArray().ShouldBe([2, 4, 8]);
        run.NextOffset.ShouldBe(12);
    }

    private static byte[] Data(long producer, long offset, int sequence)
    {
        var batch = TestBatches.Produced(producer, 0, sequence, transactional: true, $"{offset}");
        RecordBatchHeader.SetBaseOffset(batch, offset);
        return batch;
    }

    private static byte[] Marker(long producer, long offset, bool commit)
    {
        var batch = new byte[TransactionMarker.BatchSize];
        new TransactionMarker(commit, 0).WriteBatch(batch, producer, 0, 1000);
        RecordBatchHeader.SetBaseOffset(batch, offset);
        return batch;
    }
}

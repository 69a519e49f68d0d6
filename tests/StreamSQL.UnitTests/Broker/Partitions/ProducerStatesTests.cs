using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Storage;

namespace StreamSQL.UnitTests.Broker.Partitions;

/// <summary>The sequence and epoch rules of idempotent producers, batch by batch.</summary>
public class ProducerStatesTests
{
    private const long Producer = 7;
    private static readonly TransactionMarker Abort = new(Commit: false, CoordinatorEpoch: 3);
    private static readonly Verification Verified = new(0, BumpsEpochs: false);
    private readonly ProducerStates _states = new();
    private long _end;

    [Fact]
    public void An_unknown_producer_may_begin_anywhere()
    {
        Check(epoch: 4, sequence: 1000).ShouldBe(ErrorCode.None); // its records, or it itself, may have expired
    }

    [Fact]
    public void A_producer_whose_epoch_rises_with_each_transaction_begins_at_zero()
    {
        var bumps = new Verification(0, BumpsEpochs: true);
        Check(0, 5, transactional: true, bumps).ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        Check(0, 0, transactional: true, bumps).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void A_new_epoch_begins_at_zero_and_fences_the_old_one()
    {
        Append(epoch: 1, sequence: 0, count: 3);

        Check(2, 3).ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        Check(2, 0).ShouldBe(ErrorCode.None);
        Append(epoch: 2, sequence: 0, count: 1);
        Check(1, 3).ShouldBe(ErrorCode.InvalidProducerEpoch);
        Check(1, 0, count: 3).ShouldBe(ErrorCode.InvalidProducerEpoch); // what it wrote in the old epoch is no duplicate any more
    }

    [Fact]
    public void Only_the_last_five_batches_are_known_as_duplicates()
    {
        for (var i = 0; i < 7; i++)
            Append(epoch: 0, sequence: i * 10, count: 10);

        Duplicate(60, 10).ShouldBe(60);
        Duplicate(20, 10).ShouldBe(20);
        Duplicate(10, 10).ShouldBe(-1);
        Duplicate(60, 9).ShouldBe(-1); // another batch, whatever its first sequence says
        Check(0, 60, count: 9).ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
    }

    [Fact]
    public void Sequences_wrap_within_and_between_batches()
    {
        Append(epoch: 0, sequence: int.MaxValue, count: 1);
        Check(0, 0).ShouldBe(ErrorCode.None);
        Append(epoch: 0, sequence: 0, count: 2);
        Check(0, 2).ShouldBe(ErrorCode.None);
        Duplicate(int.MaxValue, 1).ShouldBe(0);

        Append(epoch: 1, sequence: int.MaxValue - 1, count: 4);
        Check(1, 2).ShouldBe(ErrorCode.None);
        Check(1, 1).ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
    }

    [Fact]
    public void A_marker_that_raises_the_epoch_makes_sequences_begin_anew()
    {
        Append(epoch: 0, sequence: 0, count: 5, transactional: true);
        _states.ApplyMarker(Producer, 1, Abort, _end++, 0);

        Check(1, 5, transactional: true, new Verification(1, false)).ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        Check(1, 0, transactional: true, new Verification(1, false)).ShouldBe(ErrorCode.None);
        Check(0, 5, transactional: true, new Verification(1, false)).ShouldBe(ErrorCode.InvalidProducerEpoch);
    }

    [Fact]
    public void A_marker_of_the_same_epoch_keeps_the_sequence()
    {
        Append(epoch: 0, sequence: 0, count: 5, transactional: true);
        _states.ApplyMarker(Producer, 0, Abort, _end++, 0);

        Check(0, 5, transactional: true, new Verification(1, false)).ShouldBe(ErrorCode.None);
        Check(0, 5, transactional: true, new Verification(0, false)).ShouldBe(ErrorCode.InvalidTxnState); // verified before the marker
        Duplicate(0, 5).ShouldBe(0);
    }

    [Fact]
    public void What_has_the_sequence_of_a_record_in_an_ended_transaction_is_another_record()
    {
        Append(epoch: 0, sequence: 0, count: 1, transactional: true);
        Check(0, 0, transactional: true, Verified).ShouldBe(ErrorCode.DuplicateSequenceNumber); // the answer was lost
        _states.ApplyMarker(Producer, 0, Abort, _end++, 0);

        var verified = new Verification(1, BumpsEpochs: false);
        Check(0, 0, transactional: true, verified).ShouldBe(ErrorCode.UnknownProducerId);
        Append(epoch: 0, sequence: 1, count: 1, transactional: true);
        Check(0, 0, transactional: true, verified).ShouldBe(ErrorCode.UnknownProducerId);
        Check(0, 1, transactional: true, verified).ShouldBe(ErrorCode.DuplicateSequenceNumber);
    }

    [Theory]
    [InlineData(19, 1, ErrorCode.UnknownProducerId)] // the same batch
    [InlineData(19, 2, ErrorCode.UnknownProducerId)] // with another message behind it
    [InlineData(18, 1, ErrorCode.UnknownProducerId)] // a part of an older one
    [InlineData(18, 3, ErrorCode.UnknownProducerId)]
    [InlineData(20, 1, ErrorCode.None)]
    [InlineData(21, 1, ErrorCode.OutOfOrderSequenceNumber)] // a gap
    public void What_has_only_some_sequences_of_an_ended_transaction_is_another_record_too(int sequence, int count, ErrorCode error)
    {
        Append(epoch: 0, sequence: 0, count: 19, transactional: true);
        Append(epoch: 0, sequence: 19, count: 1, transactional: true);
        Check(0, 19, transactional: true, Verified, count: 2).ShouldBe(ErrorCode.OutOfOrderSequenceNumber); // within one it is a mistake
        _states.ApplyMarker(Producer, 0, Abort, _end++, 0);

        Check(0, sequence, transactional: true, new Verification(1, BumpsEpochs: false), count).ShouldBe(error);
    }

    [Fact]
    public void A_plain_batch_does_not_come_into_an_open_transaction()
    {
        Append(epoch: 0, sequence: 0, count: 1, transactional: true);

        Check(0, 1).ShouldBe(ErrorCode.InvalidTxnState);
        Check(0, 1, transactional: true).ShouldBe(ErrorCode.None); // the open transaction was verified when it began
    }

    [Fact]
    public void A_transaction_begins_only_with_a_verification()
    {
        Check(0, 0, transactional: true, verification: null).ShouldBe(ErrorCode.InvalidTxnState);
        Check(0, 0, transactional: true, Verified).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void Markers_from_outside_are_checked_by_producer_epoch_and_coordinator_epoch()
    {
        Append(epoch: 2, sequence: 0, count: 1, transactional: true);

        _states.CheckMarker(Producer, 1, Abort, raisesEpoch: false).ShouldBe(ErrorCode.InvalidProducerEpoch);
        _states.CheckMarker(Producer, 2, Abort, raisesEpoch: false).ShouldBe(ErrorCode.None);
        _states.CheckMarker(Producer, 2, Abort, raisesEpoch: true).ShouldBe(ErrorCode.InvalidProducerEpoch);
        _states.CheckMarker(Producer, 3, Abort, raisesEpoch: true).ShouldBe(ErrorCode.None);
        _states.ApplyMarker(Producer, 3, Abort, _end++, 0);

        _states.CheckMarker(Producer, 3, Abort, raisesEpoch: true).ShouldBe(ErrorCode.None); // said again
        _states.CheckMarker(Producer, 3, Abort with { CoordinatorEpoch = 2 }, raisesEpoch: false)
            .ShouldBe(ErrorCode.TransactionCoordinatorFenced);
        _states.CheckMarker(99, 0, Abort, raisesEpoch: true).ShouldBe(ErrorCode.None); // a producer that wrote nothing here
    }

    [Fact]
    public void Silent_producers_are_forgotten_unless_they_have_something_open()
    {
        Append(epoch: 0, sequence: 0, count: 1, nowMs: 100);
        _states.Apply(Header(8, 0, 0, 1, transactional: true), _end++, 100);

        _states.Expire(beforeMs: 100);
        _states.Producers.Count.ShouldBe(2);
        _states.Expire(beforeMs: 101);

        _states.Find(Producer).ShouldBeNull();
        _states.FirstOpenOffset.ShouldBe(1);
        Check(0, 500).ShouldBe(ErrorCode.None);
    }

    private static RecordBatchHeader Header(long producer, short epoch, int sequence, int count, bool transactional)
    {
        var batch = TestBatches.Produced(producer, epoch, sequence, transactional, [.. Enumerable.Repeat("x", count)]);
        RecordBatchHeader.TryRead(batch, out var header).ShouldBeTrue();
        return header;
    }

    private ErrorCode Check(short epoch, int sequence, bool transactional = false, Verification? verification = null, int count = 1) =>
        _states.Check(Header(Producer, epoch, sequence, count, transactional), verification, out _);

    private long Duplicate(int sequence, int count)
    {
        _states.Check(Header(Producer, _states.Find(Producer)!.Epoch, sequence, count, transactional: false), null, out var original);
        return original;
    }

    private void Append(short epoch, int sequence, int count, bool transactional = false, long nowMs = 0)
    {
        _states.Apply(Header(Producer, epoch, sequence, count, transactional), _end, nowMs);
        _end += count;
    }
}

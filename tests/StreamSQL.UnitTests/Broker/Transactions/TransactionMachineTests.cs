using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Broker.Transactions;

/// <summary>The rules of a transactional id, step by step.</summary>
public class TransactionMachineTests
{
    private const long FreshId = 1000;
    private static readonly TopicPartition T0 = new("t", 0);

    [Fact]
    public void Who_takes_the_id_fences_the_holder_and_aborts_what_it_left_open()
    {
        var open = Add(Initialize(null), T0);

        var step = TransactionMachine.Initialize(open, "x", null, 10, FreshId, 5);

        step.Next!.ProducerEpoch.ShouldBe((short)1);
        step.Next.Status.ShouldBe(TransactionStatus.Empty);
        step.Ending!.Commit.ShouldBeFalse();
        step.Ending.MarkerEpoch.ShouldBe((short)1); // what comes late of the holder is fenced in the partition as well
        step.Ending.Partitions.ShouldBe([T0]);
        TransactionMachine.CheckProducer(step.Next, open.ProducerId, 0).ShouldBe(ErrorCode.ProducerFenced);
    }

    [Fact]
    public void A_producer_raises_its_own_epoch_and_may_say_so_twice()
    {
        var state = Initialize(null);
        var raised = Initialize(state, (state.ProducerId, 0));
        raised.ProducerEpoch.ShouldBe((short)1);

        Initialize(raised, (state.ProducerId, 0)).ProducerEpoch.ShouldBe((short)1); // the answer was lost
        Initialize(raised, (state.ProducerId, 1)).ProducerEpoch.ShouldBe((short)2);
    }

    [Fact]
    public void A_wish_for_an_epoch_that_comes_after_a_transaction_in_it_changes_nothing()
    {
        var first = Initialize(null);
        var raised = Initialize(first, (first.ProducerId, 0));
        var committed = TransactionMachine.End(Add(raised, T0), raised.ProducerId, 1, commit: true, 0).Next!;

        TransactionMachine.Initialize(committed, "x", (first.ProducerId, 0), 10, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
    }

    [Fact]
    public void A_producer_does_not_raise_an_epoch_that_another_has_taken()
    {
        var state = Initialize(null);
        var taken = Initialize(state);

        TransactionMachine.Initialize(taken, "x", (state.ProducerId, 0), 10, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
        TransactionMachine.Initialize(taken, "x", (state.ProducerId + 1, 1), 10, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
        TransactionMachine.Initialize(taken, "x", (state.ProducerId, 7), 10, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
    }

    [Fact]
    public void A_producer_whose_id_was_forgotten_gets_a_new_one()
    {
        Initialize(null, (5, 3)).ProducerId.ShouldBe(FreshId);
    }

    [Fact]
    public void When_epochs_are_used_up_a_new_producer_id_follows()
    {
        var last = Initialize(null) with { ProducerId = 3, ProducerEpoch = short.MaxValue - 1 };
        TransactionMachine.NeedsFreshId(last).ShouldBeTrue();

        var next = Initialize(last, (3, short.MaxValue - 1));
        (next.ProducerId, next.ProducerEpoch).ShouldBe((FreshId, (short)0));
        Initialize(next, (3, short.MaxValue - 1)).ProducerId.ShouldBe(FreshId); // the answer was lost
        var other = Initialize(last);
        TransactionMachine.Initialize(other, "x", (3, short.MaxValue - 1), 10, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);

        var ended = TransactionMachine.EndAndBump(Add(last, T0), 3, short.MaxValue - 1, commit: true, FreshId, 0);
        (ended.Next!.ProducerId, ended.Next.ProducerEpoch, ended.Next.PreviousProducerId).ShouldBe((FreshId, (short)0, 3));
        ended.Ending!.ProducerId.ShouldBe(3);
        ended.Ending.MarkerEpoch.ShouldBe(short.MaxValue);
        TransactionMachine.EndAndBump(ended.Next, 3, short.MaxValue - 1, commit: true, -1, 0).ShouldBe(default); // said again
        TransactionMachine.EndAndBump(ended.Next, 3, short.MaxValue - 2, commit: true, -1,
            0).Error.ShouldBe(ErrorCode.InvalidProducerIdMapping);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_end_of_old_said_again_ends_once_and_not_otherwise(bool commit)
    {
        var open = Add(Initialize(null), T0);
        var step = TransactionMachine.End(open, open.ProducerId, 0, commit, 0);
        step.Ending!.MarkerEpoch.ShouldBe((short)0);

        TransactionMachine.End(step.Next, open.ProducerId, 0, commit, 0).ShouldBe(default);
        TransactionMachine.End(step.Next, open.ProducerId, 0, !commit, 0).Error.ShouldBe(ErrorCode.InvalidTxnState);
        TransactionMachine.End(Initialize(null), FreshId, 0, commit, 0).Error.ShouldBe(ErrorCode.InvalidTxnState); // nothing was begun
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_end_that_raises_the_epoch_is_known_by_the_epoch_before(bool commit)
    {
        var open = Add(Initialize(null), T0);
        var ended = TransactionMachine.EndAndBump(open, open.ProducerId, 0, commit, -1, 0).Next!;
        ended.ProducerEpoch.ShouldBe((short)1);

        TransactionMachine.EndAndBump(ended, open.ProducerId, 0, commit, -1, 0).ShouldBe(default);
        TransactionMachine.EndAndBump(ended, open.ProducerId, 0, !commit, -1, 0).Error.ShouldBe(ErrorCode.InvalidTxnState);
        var next = Add(ended, T0); // the next transaction is open: a late end does not touch it
        TransactionMachine.EndAndBump(next, open.ProducerId, 0, commit, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
    }

    [Fact]
    public void An_abort_of_nothing_raises_the_epoch_but_a_commit_of_nothing_is_refused()
    {
        var empty = Initialize(null);
        TransactionMachine.EndAndBump(empty, FreshId, 0, commit: true, -1, 0).Error.ShouldBe(ErrorCode.InvalidTxnState);
        var aborted = TransactionMachine.EndAndBump(empty, FreshId, 0, commit: false, -1, 0);
        aborted.Next!.ProducerEpoch.ShouldBe((short)1);
        aborted.Ending.ShouldBeNull();
        TransactionMachine.EndAndBump(aborted.Next, FreshId, 1, commit: false, -1, 0).Next!.ProducerEpoch.ShouldBe((short)2);
    }

    [Fact]
    public void A_transaction_that_is_overdue_is_aborted_and_its_producer_fenced_on_every_way()
    {
        var open = Add(Initialize(null), T0, bumps: true);
        TransactionMachine.Expire(open, -1, nowMs: 9).ShouldBe(default);

        var step = TransactionMachine.Expire(open, -1, nowMs: 10);

        step.Ending!.Commit.ShouldBeFalse();
        var fenced = step.Next!;
        TransactionMachine.End(fenced, FreshId, 0, commit: false, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
        TransactionMachine.EndAndBump(fenced, FreshId, 0, commit: false, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
        TransactionMachine.EndAndBump(fenced, FreshId, 0, commit: true, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
        TransactionMachine.AddPartitions(fenced, FreshId, 0, [T0], true, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
        TransactionMachine.Verify(fenced, FreshId, 0, T0).ShouldBe(ErrorCode.ProducerFenced);
        TransactionMachine.Initialize(fenced, "x", (FreshId, 0), 10, -1, 0).Error.ShouldBe(ErrorCode.ProducerFenced);
    }

    [Fact]
    public void Ids_are_forgotten_after_a_time_without_a_transaction()
    {
        var state = Initialize(null);
        TransactionMachine.IsForgotten(state, 100, nowMs: 99).ShouldBeFalse();
        TransactionMachine.IsForgotten(state, 100, nowMs: 100).ShouldBeTrue();
        TransactionMachine.IsForgotten(Add(state, T0), 100, nowMs: 1000).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_records_give_the_state_back_after_any_commands(int seed)
    {
        var random = new Random(seed);
        var log = new List<(byte[] Key, byte[] Value, bool HasValue)>();
        var live = new Dictionary<string, TransactionState>();
        for (long now = 0; now < 400; now++)
        {
            var id = $"x{random.Next(4)}";
            var state = live.GetValueOrDefault(id);
            if (state is not null && TransactionMachine.IsForgotten(state, 20, now))
            {
                live.Remove(id);
                log.Add(Record(id, null, now));
            }
            else if (RandomStep(random, id, state, now) is { Next: { } next })
            {
                live[id] = next;
                log.Add(Record(id, next, now));
            }

            var replayed = Replay(log);
            replayed.Keys.Order().ShouldBe(live.Keys.Order());
            foreach (var (key, expected) in live)
                ShouldBeSame(replayed[key], expected);
        }

        log.Count.ShouldBeGreaterThan(100);
    }

    private static TransactionStep RandomStep(Random random, string id, TransactionState? state, long now)
    {
        var (producer, epoch) = (state?.ProducerId ?? 1, (short)((state?.ProducerEpoch ?? 0) - (random.Next(8) == 0 ? 1 : 0)));
        if (state is not null && random.Next(10) == 0)
            state = state with { ProducerEpoch = epoch = short.MaxValue - 1 };
        return random.Next(7) switch
        {
            0 => TransactionMachine.Initialize(state, id, null, 10, now, now),
            1 => TransactionMachine.Initialize(state, id, (producer, epoch), 10, now, now),
            2 or 3 => TransactionMachine.AddPartitions(state, producer, epoch, [new($"t{random.Next(3)}", random.Next(3))],
                random.Next(2) == 0, now),
            4 => TransactionMachine.End(state, producer, epoch, random.Next(2) == 0, now),
            5 => TransactionMachine.EndAndBump(state, producer, epoch, random.Next(2) == 0, now, now),
            _ => state is null ? default : TransactionMachine.Expire(state, now, now),
        };
    }

    private static (byte[] Key, byte[] Value, bool HasValue) Record(string id, TransactionState? state, long now)
    {
        using var builder = new RecordBatchBuilder();
        using var scratch = new PooledBuffer();
        if (state is null)
            TransactionRecord.AppendTombstone(builder, id, now, scratch);
        else
            TransactionRecord.Append(builder, state, scratch);
        RecordBatchHeader.TryRead(builder.Build().Span, out var batch).ShouldBeTrue();
        var reader = new RecordBatchReader(batch);
        reader.MoveNext().ShouldBeTrue();
        return (reader.Key.ToArray(), reader.Value.ToArray(), reader.HasValue);
    }

    private static Dictionary<string, TransactionState> Replay(List<(byte[] Key, byte[] Value, bool HasValue)> log)
    {
        var states = new Dictionary<string, TransactionState>();
        foreach (var (key, value, hasValue) in log)
        {
            TransactionRecord.TryRead(key, value, hasValue, out var id, out var state).ShouldBeTrue();
            if (state is null)
                states.Remove(id);
            else
                states[id] = state;
        }

        return states;
    }

    private static void ShouldBeSame(TransactionState actual, TransactionState expected)
    {
        (actual with { Partitions = [] }).ShouldBe(expected with { Partitions = [] });
        actual.Partitions.SetEquals(expected.Partitions).ShouldBeTrue();
    }

    private static TransactionState Initialize(TransactionState? state, (long, short)? expected = null)
    {
        var step = TransactionMachine.Initialize(state, "x", expected, 10, FreshId, 0);
        step.Error.ShouldBe(ErrorCode.None);
        return step.Next!;
    }

    private static TransactionState Add(TransactionState state, TopicPartition partition, bool bumps = false)
    {
        var step = TransactionMachine.AddPartitions(state, state.ProducerId, state.ProducerEpoch, [partition], bumps, 0);
        step.Error.ShouldBe(ErrorCode.None);
        return step.Next!;
    }
}

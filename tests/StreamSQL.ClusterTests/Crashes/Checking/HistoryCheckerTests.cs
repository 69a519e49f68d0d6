namespace StreamSQL.ClusterTests.Crashes.Checking;

/// <summary>The checker finds each anomaly where it is planted, and nothing in a history without one.</summary>
public sealed class HistoryCheckerTests
{
    private const int Plain = 1;
    private const int Transactional = 2;

    [Fact]
    public void A_history_of_a_broker_that_keeps_its_word_is_clean() => HistoryChecker.Check(Good()).ShouldBeEmpty();

    [Fact]
    public void Lost() => Plant(static h => Remove(h, Plain, 1)).ShouldBe([AnomalyKind.Lost]);

    [Fact]
    public void Lost_of_a_committed_transaction() =>
        Plant(static h => { Remove(h, Transactional, 1); Remove(h, Transactional, 2); }).ShouldBe([AnomalyKind.Lost]);

    [Fact]
    public void What_was_not_acknowledged_may_be_missing() => Plant(static h => h.Send(Plain, 77, 0)).ShouldBeEmpty();

    [Fact]
    public void Duplicated() => Plant(static h => Put(h, 0, 50, Plain, 2)).ShouldBe([AnomalyKind.Duplicated]);

    [Fact]
    public void Reordered() => Plant(static h =>
    {
        h.Send(Plain, 20, 1);
        h.Send(Plain, 21, 1);
        Put(h, 1, 60, Plain, 21);
        Put(h, 1, 61, Plain, 20);
    }).ShouldBe([AnomalyKind.Reordered]);

    [Fact]
    public void Two_values_at_one_offset_of_two_readers() =>
        Plant(static h =>
        {
            h.Send(Plain, 30, 0);
            h.Read("other", committedOnly: false).Seen.Add(Seen(0, 0, Plain, 30));
        }).ShouldBe([AnomalyKind.TwoValuesAtOneOffset]);

    [Fact]
    public void Two_values_at_one_offset_that_was_acknowledged() =>
        Plant(static h => h.Send(Plain, 31, 0).Offset = 0).ShouldBe([AnomalyKind.TwoValuesAtOneOffset]);

    [Fact]
    public void Aborted_read_by_a_reader() =>
        Plant(static h => h.Readings[0].Seen.Add(Seen(0, 40, Transactional, 3))).ShouldBe([AnomalyKind.AbortedRead]);

    [Fact]
    public void Aborted_read_in_the_end() =>
        Plant(static h => h.Committed.Add(Seen(0, 4, Transactional, 3)))
            .ShouldBe([AnomalyKind.AbortedRead, AnomalyKind.PollSkip], ignoreOrder: true);

    [Fact]
    public void Precommitted_read() => Plant(static h => h.Transactions[0].CommitAskedAt = 1000).ShouldBe([AnomalyKind.PrecommittedRead]);

    [Fact]
    public void Polls_that_go_back() => Plant(static h => h.Readings[1].Seen.Add(h.Readings[1].Seen[0]))
        .ShouldBe([AnomalyKind.NonMonotonicPoll]);

    [Fact]
    public void Polls_that_skip() => Plant(static h => h.Readings[1].Seen.RemoveAt(1)).ShouldBe([AnomalyKind.PollSkip]);

    [Fact]
    public void Torn_transaction() => Plant(static h =>
    {
        h.Transactions[0].Outcome = Outcome.Unknown;
        Remove(h, Transactional, 2);
    }).ShouldBe([AnomalyKind.TornTransaction]);

    [Fact]
    public void An_unknown_transaction_is_there_or_is_not()
    {
        Plant(static h => h.Transactions[0].Outcome = Outcome.Unknown).ShouldBeEmpty();
        Plant(static h =>
        {
            h.Transactions[0].Outcome = Outcome.Unknown;
            h.GroupOffsets.Clear();
            Remove(h, Transactional, 1);
            Remove(h, Transactional, 2);
        }).ShouldBeEmpty();
    }

    [Fact]
    public void Invented() => Plant(static h => Put(h, 0, 80, 9, 9)).ShouldBe([AnomalyKind.Invented]);

    [Fact]
    public void Wrong_group_offset() => Plant(static h => h.GroupOffsets[Transactional] = 2).ShouldBe([AnomalyKind.WrongGroupOffset]);

    [Fact]
    public void Wrong_answer() => Plant(static h => h.WrongAnswer("a gap")).ShouldBe([AnomalyKind.WrongAnswer]);

    private static IEnumerable<AnomalyKind> Plant(Action<History> change)
    {
        History history = Good();
        change(history);
        return HistoryChecker.Check(history).Select(static anomaly => anomaly.Kind).Distinct();
    }

    /// <summary>Three plain records, a committed transaction of two, an aborted one of one; a reader of each kind.</summary>
    private static History Good()
    {
        var history = new History();
        for (int i = 0; i < 3; i++)
            (history.Send(Plain, i, 0).Acknowledged, history.Sent[^1].Offset) = (true, i);
        SentTransaction committed = history.Begin(Transactional, 1);
        (committed.Outcome, committed.CommitAskedAt, committed.MovesOffset) = (Outcome.Committed, 10, true);
        SentTransaction aborted = history.Begin(Transactional, 2);
        aborted.MovesOffset = true;
        history.Send(Transactional, 1, 0, committed);
        history.Send(Transactional, 2, 1, committed);
        history.Send(Transactional, 3, 0, aborted);
        history.GroupOffsets[Transactional] = 1;
        (int Partition, long Offset, int Producer, long Number)[] log =
            [(0, 0, Plain, 0), (0, 1, Plain, 1), (0, 2, Plain, 2), (0, 3, Transactional, 1), (1, 0, Transactional, 2)];
        history.Committed.AddRange(log.Select(static r => Seen(r.Partition, r.Offset, r.Producer, r.Number)));
        history.Log.AddRange([.. history.Committed, Seen(0, 4, Transactional, 3)]);
        history.Read("committed", committedOnly: true).Seen.AddRange([.. history.Committed, Seen(0, 9, Plain, 5)]);
        history.Read("all", committedOnly: false).Seen.AddRange(history.Log);
        history.Send(Plain, 5, 0);
        Put(history, 0, 9, Plain, 5);
        return history;
    }

    private static SeenRecord Seen(int partition, long offset, int producer, long number) =>
        new(partition, offset, new(producer, number), At: 20);

    private static void Put(History history, int partition, long offset, int producer, long number)
    {
        history.Log.Add(Seen(partition, offset, producer, number));
        history.Committed.Add(Seen(partition, offset, producer, number));
    }

    private static void Remove(History history, int producer, long number)
    {
        var id = new RecordId(producer, number);
        history.Committed.RemoveAll(seen => seen.Id == id);
        history.Log.RemoveAll(seen => seen.Id == id);
        foreach (Reading reading in history.Readings)
            reading.Seen.RemoveAll(seen => seen.Id == id);
    }
}

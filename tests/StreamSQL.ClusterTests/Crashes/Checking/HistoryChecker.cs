namespace StreamSQL.ClusterTests.Crashes.Checking;

/// <summary>
/// Finds what is wrong with a history. Every value was sent once, so whatever is seen leads back to the one request that wrote it.
/// </summary>
internal sealed class HistoryChecker
{
    private readonly History _history;
    private readonly Dictionary<RecordId, SentRecord> _sent = [];
    private readonly Dictionary<(int Partition, long Offset), RecordId> _atOffset = [];
    private readonly HashSet<RecordId> _committed;
    private readonly List<Anomaly> _found = [];

    private HistoryChecker(History history)
    {
        _history = history;
        foreach (SentRecord record in history.Sent)
            _sent.Add(record.Id, record);
        _committed = [.. history.Committed.Select(static seen => seen.Id)];
    }

    /// <summary>All that is wrong; nothing when the broker kept its word.</summary>
    public static IReadOnlyList<Anomaly> Check(History history)
    {
        var checker = new HistoryChecker(history);
        checker.CheckOffsets();
        checker.CheckLost();
        checker.CheckLog(history.Log, committedOnly: false);
        checker.CheckLog(history.Committed, committedOnly: true);
        foreach (Reading reading in history.Readings)
            checker.CheckReading(reading);
        checker.CheckTransactions();
        checker.CheckGroupOffsets();
        foreach (string answer in history.WrongAnswers)
            checker.Add(AnomalyKind.WrongAnswer, answer);
        return checker._found;
    }

    /// <summary>All that was ever told or seen of an offset is the same record.</summary>
    private void CheckOffsets()
    {
        foreach (SeenRecord seen in _history.Log.Concat(_history.Committed).Concat(_history.Readings.SelectMany(static r => r.Seen)))
        {
            CheckOffset(seen.Partition, seen.Offset, seen.Id);
            if (!_sent.TryGetValue(seen.Id, out SentRecord? sent) || sent.Partition != seen.Partition)
                Add(AnomalyKind.Invented, $"{seen.Id} in partition {seen.Partition} at {seen.Offset} was not sent there");
        }

        foreach (SentRecord sent in _history.Sent.Where(static sent => sent.Offset >= 0))
            CheckOffset(sent.Partition, sent.Offset, sent.Id);
    }

    private void CheckOffset(int partition, long offset, RecordId id)
    {
        if (!_atOffset.TryAdd((partition, offset), id) && _atOffset[(partition, offset)] != id)
            Add(AnomalyKind.TwoValuesAtOneOffset, $"partition {partition}, offset {offset}: {_atOffset[(partition, offset)]} and {id}");
    }

    private void CheckLost()
    {
        foreach (SentRecord sent in _history.Sent)
        {
            bool mustBeThere = sent.Transaction is null ? sent.Acknowledged : sent.Transaction.Outcome == Outcome.Committed;
            if (mustBeThere && !_committed.Contains(sent.Id))
                Add(AnomalyKind.Lost, $"{sent.Id} was acknowledged for partition {sent.Partition} at {sent.Offset}");
        }
    }

    /// <summary>Once each, in the order sent, and (in the committed view) nothing of an aborted transaction.</summary>
    private void CheckLog(List<SeenRecord> log, bool committedOnly)
    {
        var ids = new HashSet<RecordId>();
        var last = new Dictionary<(int Partition, int Producer), long>();
        foreach (SeenRecord seen in log.OrderBy(static seen => seen.Partition).ThenBy(static seen => seen.Offset))
        {
            if (!ids.Add(seen.Id))
            {
                Add(AnomalyKind.Duplicated, $"{seen.Id} is again in partition {seen.Partition} at {seen.Offset}");
                continue;
            }

            (int, int) stream = (seen.Partition, seen.Id.Producer);
            if (last.TryGetValue(stream, out long before) && seen.Id.Number < before)
                Add(AnomalyKind.Reordered, $"{seen.Id} stands behind number {before} in partition {seen.Partition} at {seen.Offset}");
            last[stream] = seen.Id.Number;
            if (committedOnly)
                CheckIsNotAborted(seen, "the end");
        }
    }

    private void CheckReading(Reading reading)
    {
        var positions = new Dictionary<int, long>();
        foreach (SeenRecord seen in reading.Seen)
        {
            if (positions.TryGetValue(seen.Partition, out long before) && seen.Offset <= before)
                Add(AnomalyKind.NonMonotonicPoll, $"{reading.Name}: partition {seen.Partition}, offset {seen.Offset} after {before}");
            positions[seen.Partition] = seen.Offset;
            if (!reading.CommittedOnly)
                continue;
            CheckIsNotAborted(seen, reading.Name);
            if (seen.At > 0 && _sent.TryGetValue(seen.Id, out SentRecord? sent)
                && sent.Transaction is { Outcome: not Outcome.Aborted } transaction
                && seen.At < transaction.CommitAskedAt)
                Add(AnomalyKind.PrecommittedRead, $"{reading.Name}: {seen.Id} at {seen.Offset} of partition {seen.Partition}");
        }

        CheckSkips(reading, positions);
    }

    /// <summary>All records that are there in the end, from the beginning up to a reader's last, it has seen.</summary>
    private void CheckSkips(Reading reading, Dictionary<int, long> positions)
    {
        var seen = reading.Seen.Select(static s => (s.Partition, s.Offset)).ToHashSet();
        foreach (SeenRecord record in reading.CommittedOnly ? _history.Committed : _history.Log)
        {
            if (positions.TryGetValue(record.Partition, out long last) && record.Offset <= last
                && !seen.Contains((record.Partition, record.Offset)))
                Add(AnomalyKind.PollSkip, $"{reading.Name}: {record.Id} at {record.Offset} of partition {record.Partition}");
        }
    }

    private void CheckIsNotAborted(SeenRecord seen, string reader)
    {
        if (_sent.TryGetValue(seen.Id, out SentRecord? sent) && sent.Transaction is { Outcome: Outcome.Aborted } transaction)
            Add(AnomalyKind.AbortedRead,
                $"{reader}: {seen.Id} of transaction {transaction.Number} at {seen.Offset} of partition {seen.Partition}");
    }

    private void CheckTransactions()
    {
        foreach (IGrouping<SentTransaction, SentRecord> records in _history.Sent.Where(static s => s.Transaction is not null)
            .GroupBy(static s => s.Transaction!))
        {
            int there = records.Count(record => _committed.Contains(record.Id));
            if (records.Key.Outcome != Outcome.Aborted && there > 0 && there < records.Count())
                Add(AnomalyKind.TornTransaction,
                    $"{there} of {records.Count()} records of transaction {records.Key.Producer}-{records.Key.Number} are seen");
        }
    }

    private void CheckGroupOffsets()
    {
        foreach ((int producer, long offset) in _history.GroupOffsets)
        {
            SentTransaction[] moving = [.. _history.Transactions.Where(t => t.Producer == producer && t.MovesOffset)];
            long certain = moving.Where(static t => t.Outcome == Outcome.Committed).Select(static t => t.Number).DefaultIfEmpty(-1).Max();
            bool isRight = offset == certain || moving.Any(t => t.Number == offset && t.Number > certain && t.Outcome == Outcome.Unknown);
            if (!isRight)
                Add(AnomalyKind.WrongGroupOffset,
                    $"the group of producer {producer} stands at {offset}; its last committed transaction is {certain}");
        }
    }

    private void Add(AnomalyKind kind, string what) => _found.Add(new Anomaly(kind, what));
}

using System.Diagnostics;

namespace StreamSQL.ClusterTests.Crashes.Checking;

/// <summary>What a producer knows of the end of a transaction.</summary>
internal enum Outcome
{
    /// <summary>It never asked for a commit: nothing may be seen.</summary>
    Aborted,

    /// <summary>It asked for a commit and did not learn what came of it: all or nothing.</summary>
    Unknown,

    /// <summary>It was told so: all is seen.</summary>
    Committed,
}

/// <summary>A record that was sent. Its value is never sent again but by a repeat of the same request.</summary>
/// <param name="Producer">Who sent it; its records have numbers that go up.</param>
/// <param name="Number">Its number.</param>
/// <param name="Partition">Where to.</param>
/// <param name="Transaction">In which transaction; null without one.</param>
internal sealed record SentRecord(int Producer, long Number, int Partition, SentTransaction? Transaction)
{
    /// <summary>Whether the broker said that it has it (of a transaction that alone says little).</summary>
    public bool Acknowledged { get; set; }

    /// <summary>The offset that the broker gave it; -1 when it told none (a repeat that it had already).</summary>
    public long Offset { get; set; } = -1;

    /// <summary>What identifies it in the log.</summary>
    public RecordId Id => new(Producer, Number);
}

/// <summary>A record's identity.</summary>
internal readonly record struct RecordId(int Producer, long Number)
{
    public override string ToString() => $"{Producer}-{Number}";
}

/// <summary>A transaction as its producer sees it.</summary>
/// <param name="Producer">Whose it is.</param>
/// <param name="Number">Its place among that producer's; also the offset that it commits for a group.</param>
internal sealed record SentTransaction(int Producer, long Number)
{
    public Outcome Outcome { get; set; } = Outcome.Aborted;

    /// <summary>
    /// When its commit was asked for (<see cref="Stopwatch.GetTimestamp"/>); no reader of committed records may see it before.
    /// </summary>
    public long CommitAskedAt { get; set; } = long.MaxValue;

    public bool MovesOffset { get; set; }
}

/// <summary>A record as a reader saw it.</summary>
/// <param name="Partition">Where.</param>
/// <param name="Offset">At which offset.</param>
/// <param name="Id">Which record.</param>
/// <param name="At">When (<see cref="Stopwatch.GetTimestamp"/>); 0 when that is not known.</param>
internal readonly record struct SeenRecord(int Partition, long Offset, RecordId Id, long At);

/// <summary>One reader from its first poll to its last, without seeking.</summary>
internal sealed record Reading(string Name, bool CommittedOnly)
{
    public List<SeenRecord> Seen { get; } = [];
}

/// <summary>All that the clients did and saw. Adding is for any thread; checking is for when they have stopped.</summary>
internal sealed class History
{
    private readonly Lock _gate = new();

    public List<SentRecord> Sent { get; } = [];

    public List<SentTransaction> Transactions { get; } = [];

    public List<Reading> Readings { get; } = [];

    /// <summary>All records that readers of committed records find from the beginning to the end, when all is over.</summary>
    public List<SeenRecord> Committed { get; } = [];

    /// <summary>All records of the log.</summary>
    public List<SeenRecord> Log { get; } = [];

    /// <summary>The offset that each transactional producer's group has in the end.</summary>
    public Dictionary<int, long> GroupOffsets { get; } = [];

    /// <summary>Answers that no broker that keeps its word gives.</summary>
    public List<string> WrongAnswers { get; } = [];

    public SentRecord Send(int producer, long number, int partition, SentTransaction? transaction = null)
    {
        var record = new SentRecord(producer, number, partition, transaction);
        lock (_gate)
            Sent.Add(record);
        return record;
    }

    public SentTransaction Begin(int producer, long number)
    {
        var transaction = new SentTransaction(producer, number);
        lock (_gate)
            Transactions.Add(transaction);
        return transaction;
    }

    public Reading Read(string name, bool committedOnly)
    {
        var reading = new Reading(name, committedOnly);
        lock (_gate)
            Readings.Add(reading);
        return reading;
    }

    public void WrongAnswer(string what)
    {
        lock (_gate)
            WrongAnswers.Add(what);
    }
}

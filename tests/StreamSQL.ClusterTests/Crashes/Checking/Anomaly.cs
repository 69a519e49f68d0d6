namespace StreamSQL.ClusterTests.Crashes.Checking;

/// <summary>What can be wrong with a history, by the names of Jepsen's Kafka workload where it has one.</summary>
internal enum AnomalyKind
{
    /// <summary>An acknowledged record, or one of a committed transaction, is not in the log.</summary>
    Lost,

    /// <summary>A record is in the log more than once.</summary>
    Duplicated,

    /// <summary>Records of a producer stand in a partition in another order than it sent them in.</summary>
    Reordered,

    /// <summary>An offset was seen with one record and with another (inconsistent-offsets).</summary>
    TwoValuesAtOneOffset,

    /// <summary>A reader of committed records saw one of an aborted transaction (G1a).</summary>
    AbortedRead,

    /// <summary>A reader of committed records saw one before its commit was asked for (precommitted-read).</summary>
    PrecommittedRead,

    /// <summary>A reader saw an offset after a later one, or again (nonmonotonic-poll).</summary>
    NonMonotonicPoll,

    /// <summary>A reader went over a record that is there (poll-skip).</summary>
    PollSkip,

    /// <summary>Some records of a transaction are seen and some are not.</summary>
    TornTransaction,

    /// <summary>A record that nobody sent, or in a partition that it was not sent to.</summary>
    Invented,

    /// <summary>A group's offset is not that of the last committed transaction that moved it.</summary>
    WrongGroupOffset,

    /// <summary>The broker gave an answer that it must not give.</summary>
    WrongAnswer,
}

/// <summary>One thing that is wrong.</summary>
internal sealed record Anomaly(AnomalyKind Kind, string What);

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>How the records of a case are fed.</summary>
internal enum CaseMode
{
    /// <summary>One record through all queries, then the next.</summary>
    Each,

    /// <summary>All records that follow each other in one topic as one batch.</summary>
    Batch,

    /// <summary>One by one, with a power cut half-way, while a record is on its way.</summary>
    Restart,

    /// <summary>One by one, into topics of three partitions.</summary>
    Partitions,
}

/// <summary>What the modes are called on the command line.</summary>
internal static class CaseModes
{
    /// <summary>The mode of a name; null for a name that none has.</summary>
    public static CaseMode? Parse(string? name) => name switch
    {
        null => CaseMode.Each,
        "batch" => CaseMode.Batch,
        "restart" => CaseMode.Restart,
        "partitions" => CaseMode.Partitions,
        _ => null,
    };
}

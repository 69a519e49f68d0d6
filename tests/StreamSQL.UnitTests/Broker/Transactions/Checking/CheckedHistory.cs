namespace StreamSQL.UnitTests.Broker.Transactions.Checking;

/// <summary>What a client knows of the end of its transaction.</summary>
internal enum Outcome
{
    /// <summary>It never asked for a commit: nothing may be seen.</summary>
    Aborted,

    /// <summary>It asked for a commit and never learned what came of it: all or nothing.</summary>
    Unknown,

    /// <summary>It was told so: all is seen.</summary>
    Committed,
}

/// <summary>A transaction as its client sees it.</summary>
/// <param name="Id">The transactional id.</param>
/// <param name="Number">Its place among the transactions of that id; also the offset that it commits.</param>
internal sealed record CheckedTransaction(string Id, long Number)
{
    /// <summary>The records that it has sent.</summary>
    public List<(int Partition, string Value)> Records { get; } = [];

    public bool MovesOffset { get; set; }

    public Outcome Outcome { get; set; }
}

/// <summary>All that clients did and learned.</summary>
internal sealed class CheckedHistory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _numbers = [];

    public List<CheckedTransaction> Transactions { get; } = [];

    /// <summary>Acknowledged records of idempotent producers: partition and value, in order.</summary>
    public List<(int Partition, string Value)> Plain { get; } = [];

    /// <summary>How many transactions their clients know to be committed.</summary>
    public int Committed
    {
        get
        {
            lock (_gate)
                return Transactions.Count(t => t.Outcome == Outcome.Committed);
        }
    }

    public CheckedTransaction Begin(string id)
    {
        lock (_gate)
        {
            var transaction = new CheckedTransaction(id, _numbers[id] = _numbers.GetValueOrDefault(id) + 1);
            Transactions.Add(transaction);
            return transaction;
        }
    }

    public void Acknowledge(int partition, IEnumerable<string> values)
    {
        lock (_gate)
            Plain.AddRange(values.Select(v => (partition, v)));
    }
}

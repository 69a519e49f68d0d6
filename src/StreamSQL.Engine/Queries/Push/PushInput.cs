using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>The records of a push query's sources, taken through its operators.</summary>
internal abstract class PushInput : IAsyncDisposable
{
    /// <summary>Whether it still reads what is to be known before rows are news.</summary>
    public abstract bool IsLoading { get; }

    /// <summary>How far it has read.</summary>
    public abstract IEnumerable<PushOffset> Positions { get; }

    /// <summary>Takes what comes next through the operators; false when there is nothing now: then the query is woken.</summary>
    /// <exception cref="SqlException">72000: records were deleted before they were read.</exception>
    public abstract ValueTask<bool> TryProcessAsync(OperatorTree tree, PushProgress? progress, CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>The newest time of a batch, or the one given where that is later.</summary>
    protected static long Newest(ChangeBatch batch, long time)
    {
        for (var i = 0; i < batch.Selection.Count; i++)
            time = Math.Max(time, batch.RowTime.Values[batch.Selection[i]]);
        return time;
    }
}

/// <summary>
/// Tells a client whose records were deleted before they were read: rows that it never sees are worse than an end, unless its setting
/// says that a warning
/// is enough.
/// </summary>
internal sealed class LostRecords(bool fails)
{
    private readonly Dictionary<TopicPartition, long> _told = [];

    /// <summary>What is to be told before the next rows; null for nothing.</summary>
    public Sessions.Notice? Pending { get; private set; }

    /// <summary>Notes how many records of a partition were lost since the start.</summary>
    /// <exception cref="SqlException">72000.</exception>
    public void Note(TopicPartition partition, long lost)
    {
        if (lost == 0 || _told.GetValueOrDefault(partition) == lost)
            return;
        var message = $"{lost - _told.GetValueOrDefault(partition)} records of {partition} were deleted before this query has read them";
        const string Hint = "Read faster, or let the topic keep its records longer (retention.ms).";
        if (fails)
            throw new SqlException(PostgresErrorCodes.SnapshotFailure, message, Hint);
        _told[partition] = lost;
        Pending = new("WARNING", PostgresErrorCodes.Warning, message, Hint);
    }

    /// <summary>Takes what is to be told.</summary>
    public Sessions.Notice? Take()
    {
        var pending = Pending;
        Pending = null;
        return pending;
    }
}

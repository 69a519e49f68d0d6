namespace StreamSQL.Engine.Operators;

/// <summary>
/// What happened to a query's rows; shown by SHOW QUERIES and DESCRIBE EXTENDED. Written by one task, read by any thread.
/// </summary>
public sealed class QueryCounters
{
    private long _rowsIn;
    private long _rowsOut;
    private long _lateRows;
    private long _badRows;
    private long _failedExpressions;
    private volatile string? _lastError;

    /// <summary>Rows read from sources.</summary>
    public long RowsIn => Volatile.Read(ref _rowsIn);

    /// <summary>Rows written to the sink.</summary>
    public long RowsOut => Volatile.Read(ref _rowsOut);

    /// <summary>Rows dropped because their window was closed.</summary>
    public long LateRows => Volatile.Read(ref _lateRows);

    /// <summary>Records that did not parse.</summary>
    public long BadRows => Volatile.Read(ref _badRows);

    /// <summary>Expressions that failed and gave NULL.</summary>
    public long FailedExpressions => Volatile.Read(ref _failedExpressions);

    /// <summary>The last failure, with topic, partition and offset where known.</summary>
    public string? LastError => _lastError;

    /// <summary>Counts rows read.</summary>
    public void AddRowsIn(long rows) => Interlocked.Add(ref _rowsIn, rows);

    /// <summary>Counts rows written.</summary>
    public void AddRowsOut(long rows) => Interlocked.Add(ref _rowsOut, rows);

    /// <summary>Counts late rows.</summary>
    public void AddLateRows(long rows) => Interlocked.Add(ref _lateRows, rows);

    /// <summary>Counts records that did not parse.</summary>
    public void AddBadRows(long rows, string lastError)
    {
        Interlocked.Add(ref _badRows, rows);
        _lastError = lastError;
    }

    /// <summary>Counts failed expressions.</summary>
    public void AddFailedExpressions(long count, string lastError)
    {
        Interlocked.Add(ref _failedExpressions, count);
        _lastError = lastError;
    }
}

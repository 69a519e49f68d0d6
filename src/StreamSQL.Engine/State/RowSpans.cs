namespace StreamSQL.Engine.State;

/// <summary>
/// Rows by spans of time, so that all of a span can be looked at when it is out of retention: linked
/// lists through an array by row number. Not thread-safe.
/// </summary>
/// <param name="spanMs">How long a span is.</param>
internal sealed class RowSpans(long spanMs)
{
    private const int None = -1;

    private readonly Dictionary<long, int> _heads = [];
    private int[] _next = [];

    /// <summary>Bytes held by the links.</summary>
    public long MemoryBytes => 4L * _next.Length;

    /// <summary>Makes room for row numbers below a limit.</summary>
    public void EnsureRows(int limit) => Array.Resize(ref _next, limit);

    /// <summary>Puts a row into the span of its time.</summary>
    public void Add(int row, long time)
    {
        var span = Math.DivRem(time, spanMs, out var rest) - (rest < 0 ? 1 : 0);
        _next[row] = _heads.GetValueOrDefault(span, None);
        _heads[span] = row;
    }

    /// <summary>Adds the spans that end at or before a time to a list.</summary>
    public void FindBefore(long time, List<long> spans)
    {
        foreach (var span in _heads.Keys)
        {
            if ((span + 1) * spanMs <= time)
                spans.Add(span);
        }
    }

    /// <summary>The first row of a span, -1 where it has none. The newest comes first.</summary>
    public int First(long span) => _heads.GetValueOrDefault(span, None);

    /// <summary>The row after a row of the same span; -1 at the end.</summary>
    public int Next(int row) => _next[row];

    /// <summary>Forgets a span; gives its first row. Rows that stay are added again, each after the next one was asked for.</summary>
    public int Take(long span) => _heads.Remove(span, out var first) ? first : None;

    /// <summary>Forgets all rows; memory is kept.</summary>
    public void Clear() => _heads.Clear();
}

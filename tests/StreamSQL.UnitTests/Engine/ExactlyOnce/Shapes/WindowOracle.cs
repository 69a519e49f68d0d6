namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>
/// What tumbling and hopping windows hold: written from their definition. A window takes a row while stream time, the greatest row time of
/// the partition so far and the row itself included, is not the grace period or more behind its end.
/// </summary>
/// <param name="SizeMs">How long a window is.</param>
/// <param name="AdvanceMs">How far apart windows start.</param>
/// <param name="GraceMs">How long after its end a window takes rows.</param>
internal sealed record WindowOracle(long SizeMs, long AdvanceMs, long GraceMs)
{
    private readonly Dictionary<string, (long Count, long Sum, int Min, int Max)> _windows = [];
    private long _streamTime = long.MinValue;

    /// <summary>The same with nothing in it.</summary>
    public WindowOracle Fresh() => new(SizeMs, AdvanceMs, GraceMs);

    /// <summary>Rows that no window took.</summary>
    public int LateRows { get; private set; }

    /// <summary>Rows of one partition, in order: what each changes.</summary>
    public IReadOnlyList<ResultEvent> Run(IEnumerable<InputRow> rows) => [.. rows.Select(Add)];

    /// <summary>The windows that have closed, by key and start, with their last value.</summary>
    public IEnumerable<(string Key, long Start, string Row)> Closed() => _windows
        .Select(static window => (Key: window.Key.Split('|')[0],
            Start: long.Parse(window.Key.Split('|')[1], System.Globalization.CultureInfo.InvariantCulture), Row: Text(window.Value)))
        .Where(window => window.Start + SizeMs <= _streamTime - GraceMs);

    private ResultEvent Add(InputRow row)
    {
        _streamTime = Math.Max(_streamTime, row.Time);
        var changes = new List<(string, string?)>();
        for (var start = row.Time - (row.Time % AdvanceMs); start > row.Time - SizeMs; start -= AdvanceMs)
        {
            if (start < 0 || start + SizeMs <= _streamTime - GraceMs)
                continue;
            var key = $"{row.Key}|{start}";
            var (count, sum, min, max) = _windows.GetValueOrDefault(key, (0, 0, int.MaxValue, int.MinValue));
            _windows[key] = (count + 1, sum + row.Value, Math.Min(min, row.Value), Math.Max(max, row.Value));
            changes.Add((key, Text(_windows[key])));
        }

        LateRows += changes.Count == 0 ? 1 : 0;
        return new ResultEvent(changes);
    }

    private static string Text((long Count, long Sum, int Min, int Max) window) => $"{window.Count}|{window.Sum}|{window.Min}|{window.Max}";
}

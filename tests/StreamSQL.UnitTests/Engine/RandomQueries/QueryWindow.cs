using System.Globalization;

namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>The window of a query: as a continuous query says it, and as a bounded one computes it.</summary>
/// <param name="SizeMs">The size; of sessions the gap.</param>
/// <param name="AdvanceMs">The advance; 0 for sessions.</param>
/// <param name="IsFinal">Whether windows are given out when they are closed.</param>
internal sealed record QueryWindow(long SizeMs, long AdvanceMs, bool IsFinal)
{
    private const string Bounds = "RETENTION 3650 DAYS, GRACE PERIOD 1 HOUR";
    private const long DayMs = 24 * 60 * 60 * 1000;

    /// <summary>Whether it is a session window.</summary>
    public bool IsSession => AdvanceMs == 0;

    /// <summary>The clause.</summary>
    public string Clause => Text(
        IsSession ? $"WINDOW SESSION ({SizeMs} MILLISECONDS, {Bounds})"
        : AdvanceMs == SizeMs ? $"WINDOW TUMBLING (SIZE {SizeMs} MILLISECONDS, {Bounds})"
        : (FormattableString)$"WINDOW HOPPING (SIZE {SizeMs} MILLISECONDS, ADVANCE BY {AdvanceMs} MILLISECONDS, {Bounds})");

    /// <summary>The rows of a stream, each with the start of a window in column W, or with the number of its key's session.</summary>
    public string RowsOf(string stream, string key, string condition)
    {
        var rows = $"SELECT id, {InputRows.Columns}, ROWTIME AS t";
        if (IsSession)
        {
            var isFresh = Text($"CASE WHEN t - LAG(t) OVER (PARTITION BY {key} ORDER BY t) <= {SizeMs} THEN 0 ELSE 1 END");
            return $"(SELECT x.*, SUM(x.fresh) OVER (PARTITION BY {key} ORDER BY t) AS w FROM "
                + $"(SELECT y.*, {isFresh} AS fresh FROM ({rows} FROM {stream} WHERE {condition}) AS y) AS x) AS {stream}";
        }

        var windows = Enumerable.Range(0, (int)(SizeMs / AdvanceMs))
            .Select(i => Text($"{rows}, ROWTIME - ROWTIME % {AdvanceMs} - {i * AdvanceMs} AS w FROM {stream} WHERE {condition}"));
        return $"({string.Join(" UNION ALL ", windows)}) AS {stream}";
    }

    /// <summary>The bounds of a window in a bounded query.</summary>
    public string Columns(string stream) => IsSession ? $"MIN({stream}.t), MAX({stream}.t)" : Text($"{stream}.w, {stream}.w + {SizeMs}");

    /// <summary>Which windows a bounded query has to leave out since they are not closed.</summary>
    public string Having(string stream) => !IsFinal ? "TRUE"
        : Text(IsSession ? $"MAX({stream}.t) < {InputRows.ClosingMs - DayMs}"
            : (FormattableString)$"{stream}.w < {InputRows.ClosingMs - DayMs}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

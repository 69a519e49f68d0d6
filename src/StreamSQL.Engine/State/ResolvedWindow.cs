using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// A window clause with its defaults filled in; all times in milliseconds. Windows are [start, end),
/// aligned to 1970-01-01, never before it.
/// </summary>
/// <param name="Kind">Which kind.</param>
/// <param name="SizeMs">Size, or the inactivity gap of a session.</param>
/// <param name="AdvanceMs">Distance of two starts.</param>
/// <param name="GraceMs">How long after its end a window accepts rows.</param>
/// <param name="RetentionMs">How long after its start a window can be read.</param>
internal sealed record ResolvedWindow(WindowKind Kind, long SizeMs, long AdvanceMs, long GraceMs, long RetentionMs)
{
    private const int MaxWindowsPerRow = 100_000;
    private const long DayMs = 24L * 60 * 60 * 1000;

    /// <summary>The most windows that a row belongs to.</summary>
    public int WindowsPerRow => (int)Math.Min(int.MaxValue, (SizeMs + AdvanceMs - 1) / AdvanceMs);

    /// <summary>
    /// Fills in ksqlDB's defaults: grace is what is left of 24 hours (none for EMIT FINAL), retention a
    /// day, or size plus grace if that is longer.
    /// </summary>
    /// <exception cref="SqlException">54000: a row would belong to too many windows.</exception>
    public static ResolvedWindow Of(WindowSpec spec, bool emitFinal)
    {
        if (spec.Kind == WindowKind.Hopping && spec.SizeMs / spec.AdvanceMs > MaxWindowsPerRow)
        {
            throw new SqlException(
                PostgresErrorCodes.ProgramLimitExceeded,
                $"each row would belong to {spec.SizeMs / spec.AdvanceMs} windows, more than {MaxWindowsPerRow}",
                "choose a longer ADVANCE BY or a shorter SIZE");
        }

        var grace = spec.GraceMs ?? (emitFinal ? 0 : Math.Max(DayMs - spec.SizeMs, 0));
        var retention = Math.Max(spec.RetentionMs ?? DayMs, spec.SizeMs + grace);
        return new(spec.Kind, spec.SizeMs, spec.Kind == WindowKind.Hopping ? spec.AdvanceMs : spec.SizeMs, grace, retention);
    }

    /// <summary>Start of the first window that holds an instant.</summary>
    public long FirstStart(long time) => Math.Max(0, time - SizeMs + AdvanceMs) / AdvanceMs * AdvanceMs;

    /// <summary>Start of the last window that holds an instant.</summary>
    public long LastStart(long time) => time - (time % AdvanceMs);

    /// <summary>End of the window that begins at <paramref name="start"/>.</summary>
    public long End(long start) => start > long.MaxValue - SizeMs ? long.MaxValue : start + SizeMs;

    /// <summary>Windows that end here or earlier are closed when a clock stands at <paramref name="time"/>.</summary>
    public long ClosedEnd(long time) => time == long.MinValue ? time : time - GraceMs;

    /// <summary>Windows that start here or earlier are out of retention when stream time is <paramref name="time"/>.</summary>
    public long ExpiredStart(long time) => time == long.MinValue ? time : time - RetentionMs;
}

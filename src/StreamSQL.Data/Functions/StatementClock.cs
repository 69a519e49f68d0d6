namespace StreamSQL.Data.Functions;

/// <summary>
/// The clock of one bounded statement: the session's time zone, and the instant at which the transaction began, which NOW() gives however often it is asked.
/// </summary>
/// <param name="inner">The clock.</param>
/// <param name="zone">The session's zone.</param>
/// <param name="startedAt">When the statement began.</param>
/// <param name="transactionStartedAt">When its transaction began.</param>
public sealed class StatementClock(TimeProvider inner, TimeZoneInfo zone, DateTimeOffset startedAt, DateTimeOffset transactionStartedAt) : TimeProvider
{
    /// <summary>The machine's clock in UTC.</summary>
    public static StatementClock Utc => In(TimeZoneInfo.Utc);

    /// <summary>The machine's clock in a zone, for a statement that begins now.</summary>
    public static StatementClock In(TimeZoneInfo zone) => new(System, zone, System.GetUtcNow(), System.GetUtcNow());

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => zone;

    /// <inheritdoc/>
    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <summary>When the statement began, in microseconds since 1970-01-01 UTC.</summary>
    public long StatementMicros { get; } = MicrosOf(startedAt);

    /// <summary>When its transaction began, in microseconds since 1970-01-01 UTC.</summary>
    public long TransactionMicros { get; } = MicrosOf(transactionStartedAt);

    /// <summary>The zone of a clock: UTC where no session has set another.</summary>
    public static TimeZoneInfo ZoneOf(TimeProvider time) => time is StatementClock clock ? clock.LocalTimeZone : TimeZoneInfo.Utc;

    /// <summary>The instant that NOW() gives, in microseconds since 1970-01-01 UTC.</summary>
    public static long Now(TimeProvider time) => time is StatementClock clock ? clock.TransactionMicros : MicrosOf(time.GetUtcNow());

    /// <summary>An instant in microseconds since 1970-01-01 UTC.</summary>
    public static long MicrosOf(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}

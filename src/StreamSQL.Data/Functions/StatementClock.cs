using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions;

/// <summary>
/// The clock of one bounded statement: the session's time zone, and the instant at which the
/// transaction began, which NOW() gives however often it is asked.
/// </summary>
/// <param name="inner">The clock.</param>
/// <param name="forms">The session's zone, and how it reads and writes dates.</param>
/// <param name="startedAt">When the statement began.</param>
/// <param name="transactionStartedAt">When its transaction began.</param>
public sealed class StatementClock(TimeProvider inner, DateForms forms, DateTimeOffset startedAt, DateTimeOffset transactionStartedAt)
    : TimeProvider
{
    /// <summary>The machine's clock in UTC.</summary>
    public static StatementClock Utc => In(DateForms.Utc);

    /// <summary>The machine's clock in a zone, for a statement that begins now.</summary>
    public static StatementClock In(TimeZoneInfo zone) => In(new DateForms(zone));

    /// <summary>The same for a session that has set more than its zone.</summary>
    public static StatementClock In(DateForms forms) => new(System, forms, System.GetUtcNow(), System.GetUtcNow());

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => forms.Zone;

    /// <summary>How the session reads and writes dates.</summary>
    public DateForms Forms => forms;

    /// <inheritdoc/>
    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <summary>When the statement began, in microseconds since 1970-01-01 UTC.</summary>
    public long StatementMicros { get; } = MicrosOf(startedAt);

    /// <summary>When its transaction began, in microseconds since 1970-01-01 UTC.</summary>
    public long TransactionMicros { get; } = MicrosOf(transactionStartedAt);

    /// <summary>The zone of a clock: UTC where no session has set another.</summary>
    public static TimeZoneInfo ZoneOf(TimeProvider time) => time is StatementClock clock ? clock.LocalTimeZone : TimeZoneInfo.Utc;

    /// <summary>How the session behind a clock reads and writes dates; ISO in UTC where there is none.</summary>
    public static DateForms FormsOf(TimeProvider time) => time is StatementClock clock ? clock.Forms : DateForms.Utc;

    /// <summary>The instant that NOW() gives, in microseconds since 1970-01-01 UTC.</summary>
    public static long Now(TimeProvider time) => time is StatementClock clock ? clock.TransactionMicros : MicrosOf(time.GetUtcNow());

    /// <summary>An instant in microseconds since 1970-01-01 UTC.</summary>
    public static long MicrosOf(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}

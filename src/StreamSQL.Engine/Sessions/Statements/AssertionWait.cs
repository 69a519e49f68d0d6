using StreamSQL.Data.Errors;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>Assertions of what others may still be making: they look until it is so, or the time is up.</summary>
internal static class AssertionWait
{
    private const long DefaultTimeoutMs = 1000;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until nothing differs.</summary>
    /// <param name="session">Whose settings hold the default.</param>
    /// <param name="time">The clock.</param>
    /// <param name="syntax">The statement.</param>
    /// <param name="timeout">How long it may take, as written; null for the default.</param>
    /// <param name="setting">The name of the setting that is the default, in milliseconds.</param>
    /// <param name="findDifference">Says what differs; null when nothing does.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SqlException">P0004: it is not so.</exception>
    public static async ValueTask<StatementResult> RunAsync(
        Session session, TimeProvider time, Statement syntax, DurationSyntax? timeout, string setting,
        Func<CancellationToken, ValueTask<string?>> findDifference, CancellationToken cancellation)
    {
        var limit = timeout?.Milliseconds
            ?? (long.TryParse(session.Settings.Find(setting), out var configured) ? configured : DefaultTimeoutMs);
        var start = time.GetTimestamp();
        while (await findDifference(cancellation) is { } difference)
        {
            if (time.GetElapsedTime(start).TotalMilliseconds >= limit)
                throw SourceAssertion.Failure(difference, syntax);
            await Task.Delay(s_interval, time, cancellation);
        }

        return new CommandResult("ASSERT");
    }
}

namespace StreamSQL.Engine;

/// <summary>When a query that has failed is started again by itself: after a pause that doubles from failure to failure.</summary>
public sealed record QueryRestartOptions
{
    /// <summary>No query is started again but by RESUME.</summary>
    public static readonly QueryRestartOptions Never = new() { IsOn = false };

    /// <summary>Whether failed queries are started again at all.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>The pause after a first failure.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause. A query that has run for as long as this without a failure begins with the shortest one again.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The pause after so many failures in a row, one or more.</summary>
    internal TimeSpan Backoff(int failures)
    {
        var backoff = InitialBackoff;
        for (var i = 1; i < failures && backoff < MaxBackoff; i++)
            backoff *= 2;
        return backoff < MaxBackoff ? backoff : MaxBackoff;
    }
}

using Microsoft.Extensions.Logging;

namespace StreamSQL.Engine.Leases;

/// <summary>What the lease logs.</summary>
internal static partial class LeaseLog
{
    [LoggerMessage(60, LogLevel.Information, "This engine runs the queries of the broker")]
    public static partial void Taken(ILogger logger);

    [LoggerMessage(61, LogLevel.Error, "Another engine has taken over the queries of the broker; this one can commit nothing any more")]
    public static partial void Lost(ILogger logger);

    [LoggerMessage(62, LogLevel.Warning, "The lease of the engine cannot be told or read: {Reason}")]
    public static partial void Unreachable(ILogger logger, string reason);

    [LoggerMessage(63, LogLevel.Information, "The lease of the engine was not given back, so another one has to wait: {Reason}")]
    public static partial void NotReleased(ILogger logger, string reason);
}

using Microsoft.Extensions.Logging;
using StreamSQL.Kafka;

namespace StreamSQL.Engine.Queries;

/// <summary>What queries log.</summary>
internal static partial class QueryLog
{
    [LoggerMessage(20, LogLevel.Error, "Query {Query} could not be started")]
    public static partial void StartFailed(ILogger logger, string query, Exception error);

    [LoggerMessage(21, LogLevel.Debug, "Topic {Topic} was gone already")]
    public static partial void TopicGone(ILogger logger, string topic);

    [LoggerMessage(22, LogLevel.Information, "Removed topic {Topic}, which belongs to no query")]
    public static partial void OrphanRemoved(ILogger logger, string topic);

    [LoggerMessage(23, LogLevel.Error, "Query {Query} cannot be planned again as it was: {Reason}")]
    public static partial void ManifestDiffers(ILogger logger, string query, string reason);

    [LoggerMessage(24, LogLevel.Warning, "Query {Query} has failed {Failures} times in a row; it is started again in {Backoff}")]
    public static partial void RestartsLater(ILogger logger, string query, TimeSpan backoff, int failures);

    [LoggerMessage(25, LogLevel.Warning, "Consumer group {Group} cannot be deleted ({Code}): its offsets stay until they expire")]
    public static partial void GroupStays(ILogger logger, string group, ErrorCode code);

    [LoggerMessage(26, LogLevel.Information, "This engine runs commit groups {Slots} of {Count} of query {Query}")]
    public static partial void TookShare(ILogger logger, string query, string slots, int count);

    [LoggerMessage(27, LogLevel.Warning, "This engine has lost its share of query {Query}, and joins again: {Reason}")]
    public static partial void LostShare(ILogger logger, string query, string reason);

    [LoggerMessage(29, LogLevel.Warning, "The catalog cannot be read now: {Reason}")]
    public static partial void CatalogUnreachable(ILogger logger, string reason);

    [LoggerMessage(30, LogLevel.Critical, "The catalog cannot be read any more, so this engine stops its share of all queries")]
    public static partial void CatalogUnreadable(ILogger logger, Exception error);

    [LoggerMessage(28, LogLevel.Information, "The group of query {Query} was not left, so the others have to wait: {Reason}")]
    public static partial void NotLeft(ILogger logger, string query, string reason);
}

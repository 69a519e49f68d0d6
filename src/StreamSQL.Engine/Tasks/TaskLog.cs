using Microsoft.Extensions.Logging;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks;

/// <summary>What tasks log.</summary>
internal static partial class TaskLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Rows} records of {Source} do not parse; the first: {Reason}")]
    public static partial void BadRecords(ILogger logger, int rows, string source, string reason);

    [LoggerMessage(2, LogLevel.Error, "Task {Task} failed and is left out of further commits")]
    public static partial void TaskFailed(ILogger logger, string task, Exception error);

    [LoggerMessage(3, LogLevel.Error, "Commit group {Group} failed; its tasks stop")]
    public static partial void GroupFailed(ILogger logger, string group, Exception error);

    [LoggerMessage(4, LogLevel.Information, "Task {Task} restored {Entries} entries of state {State} from its changelog")]
    public static partial void Restored(ILogger logger, string task, string state, long entries);

    [LoggerMessage(5, LogLevel.Warning, "{Records} records of {Partition} were gone before they could be read")]
    public static partial void RecordsLost(ILogger logger, TopicPartition partition, long records);

    [LoggerMessage(6, LogLevel.Information, "Snapshot {Path} read: {Rows} rows; the changelog goes on at {Offset}")]
    public static partial void SnapshotLoaded(ILogger logger, string path, long rows, long offset);

    [LoggerMessage(7, LogLevel.Warning, "Snapshot {Path} is thrown away, and the state is read from its changelog: {Reason}")]
    public static partial void SnapshotRefused(ILogger logger, string path, string reason);

    [LoggerMessage(8, LogLevel.Debug, "Snapshot {Path} written: {Rows} rows, {Bytes} bytes, changelog offset {Offset}")]
    public static partial void SnapshotWritten(ILogger logger, string path, long rows, long bytes, long offset);

    [LoggerMessage(9, LogLevel.Warning, "Snapshot {Path} could not be written")]
    public static partial void SnapshotFailed(ILogger logger, string path, Exception error);

    [LoggerMessage(10, LogLevel.Information, "Snapshots in {Path} removed: they belong to nothing")]
    public static partial void SnapshotSwept(ILogger logger, string path);

    [LoggerMessage(11, LogLevel.Warning, "Records wait for schema {Id}: {Reason}")]
    public static partial void SchemaUnavailable(ILogger logger, int id, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Topic {Topic} cannot be watched for listeners now")]
    public static partial void WatchFailed(ILogger logger, string topic, Exception error);
}

using StreamSQL.Kafka;

namespace StreamSQL.Broker.Partitions;

/// <summary>What an append came to. An error is a value here, since a client's bad batch is nothing exceptional.</summary>
/// <param name="Error">None when the batch was appended (or was appended before, see KIP-98).</param>
/// <param name="BaseOffset">The offset of its first record; -1 when it was refused.</param>
/// <param name="AppendTimeMs">The broker's timestamp for a topic that uses it, else -1.</param>
/// <param name="LogStartOffset">Where the log starts.</param>
public readonly record struct AppendResult(ErrorCode Error, long BaseOffset, long AppendTimeMs, long LogStartOffset)
{
    internal static AppendResult Refused(ErrorCode error) => new(error, -1, -1, -1);
}

/// <summary>When an append is answered (Kafka's <c>acks</c>).</summary>
public enum RequiredAcks : short
{
    /// <summary>When it is committed: durable on all in-sync replicas.</summary>
    All = -1,

    /// <summary>Nobody waits for an answer.</summary>
    None = 0,

    /// <summary>When the leader has written it, so that it survives the process.</summary>
    Leader = 1,
}

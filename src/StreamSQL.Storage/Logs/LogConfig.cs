namespace StreamSQL.Storage.Logs;

/// <summary>How one partition log is kept (Kafka's topic configs of these names).</summary>
public sealed record LogConfig
{
    /// <summary>Kafka's defaults.</summary>
    public static LogConfig Default { get; } = new();

    /// <summary><c>segment.bytes</c>.</summary>
    public int SegmentBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary><c>segment.ms</c>, by record timestamps.</summary>
    public long SegmentMs { get; init; } = 7L * 24 * 3600 * 1000;

    /// <summary><c>segment.jitter.ms</c>: a segment ends at most so much earlier, so that not all end at once.</summary>
    public long SegmentJitterMs { get; init; }

    /// <summary><c>flush.policy</c>: what an acknowledged append survives.</summary>
    public FlushPolicy FlushPolicy { get; init; }

    /// <summary><c>flush.messages</c>: from so many records on that are not synced, they are.</summary>
    public long FlushMessages { get; init; } = long.MaxValue;

    /// <summary><c>flush.ms</c>: after so long, what was appended is synced.</summary>
    public long FlushMs { get; init; } = long.MaxValue;

    /// <summary><c>index.interval.bytes</c>.</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary><c>retention.ms</c>; -1 keeps records for ever.</summary>
    public long RetentionMs { get; init; } = 7L * 24 * 3600 * 1000;

    /// <summary><c>retention.bytes</c>; -1 is no limit.</summary>
    public long RetentionBytes { get; init; } = -1;

    /// <summary>Whether <c>cleanup.policy</c> includes <c>compact</c>.</summary>
    public bool IsCompacted { get; init; }

    /// <summary><c>delete.retention.ms</c>: how long deletions and transaction markers stay once they have been cleaned.</summary>
    public long DeleteRetentionMs { get; init; } = 24L * 3600 * 1000;

    /// <summary><c>min.cleanable.dirty.ratio</c>: cleaning waits until more than this part of the log is new.</summary>
    public double MinCleanableDirtyRatio { get; init; } = 0.5;

    /// <summary><c>min.compaction.lag.ms</c>: records stay uncompacted at least so long.</summary>
    public long MinCompactionLagMs { get; init; }

    /// <summary><c>max.compaction.lag.ms</c>: records stay uncompacted at most about so long.</summary>
    public long MaxCompactionLagMs { get; init; } = long.MaxValue;

    /// <summary>
    /// After how much time, by record timestamps, a segment ends. In a compacted log that is no longer than
    /// <see cref="MaxCompactionLagMs"/>, since the segment that is written to is not cleaned (KIP-354).
    /// </summary>
    /// <param name="log">The log: with the offset it says how much of the jitter falls on the segment, the same at every start.</param>
    /// <param name="baseOffset">Where the segment begins.</param>
    internal long RollAfterMs(LogId log, long baseOffset)
    {
        var longest = IsCompacted ? Math.Min(SegmentMs, MaxCompactionLagMs) : SegmentMs;
        var jitter = Math.Min(SegmentJitterMs, longest);
        if (jitter <= 0)
            return longest;
        var mixed =
            unchecked((((ulong)log.TopicId.GetHashCode() << 32) ^ ((ulong)log.Partition << 48) ^ (ulong)baseOffset) * 0x9E3779B97F4A7C15);
        return longest - (long)((mixed >> 1) % (ulong)jitter);
    }

    /// <summary>How long an append may stay without a sync.</summary>
    internal long LongestUnsyncedMs => FlushMs == long.MaxValue && FlushPolicy == FlushPolicy.Interval ? DefaultIntervalMs : FlushMs;

    private const long DefaultIntervalMs = 1000;
}

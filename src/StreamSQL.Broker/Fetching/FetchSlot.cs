using StreamSQL.Broker.Partitions;

namespace StreamSQL.Broker.Fetching;

/// <summary>What a session knows a partition by: names before version 13 of Fetch, topic ids from then on.</summary>
internal readonly record struct FetchKey(string Topic, Guid TopicId, int Partition);

/// <summary>One partition of a fetch: what the client wants of it, and what it was told last.</summary>
internal struct FetchSlot
{
    private const long Untold = -1;

    public FetchKey Key;
    public long FetchOffset;
    public int MaxBytes;
    public int LeaderEpoch;
    public int LastFetchedEpoch;

    /// <summary>The high watermark in the last answer that had this partition; -1 also after an error, so that its end is told.</summary>
    public long HighWatermark;

    /// <summary>The log start in that answer.</summary>
    public long LogStart;

    /// <summary>The partition that will say when it moves; null when none will.</summary>
    public Partition? Watched;

    /// <summary>Whether the slot belongs to a partition; a free one does not.</summary>
    public bool IsUsed;

    /// <summary>Whether the next read looks at it.</summary>
    public bool IsQueued;

    /// <summary>Whether the last read found more to tell than this one answer: records, or an error.</summary>
    public bool HasMore;

    /// <summary>Whether the last read returned records.</summary>
    public bool IsServed;

    public FetchSlot(FetchKey key)
    {
        Key = key;
        HighWatermark = Untold;
        LogStart = Untold;
        IsUsed = true;
    }
}

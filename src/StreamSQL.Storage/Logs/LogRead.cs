namespace StreamSQL.Storage.Logs;

/// <summary>Whole record batches in a leased buffer: dispose it once, when they are no longer needed.</summary>
public readonly struct LogRead : IDisposable
{
    internal LogRead(ReadOnlyMemory<byte> batches, long nextOffset, Action release)
    {
        Batches = batches;
        NextOffset = nextOffset;
        Release = release;
    }

    /// <summary>The batches, as stored. The first may begin below the offset that was asked for.</summary>
    public ReadOnlyMemory<byte> Batches { get; }

    /// <summary>The offset after the last batch.</summary>
    public long NextOffset { get; }

    /// <summary>Gives the buffer back; null when there is none. To be called once, for holders that outlive this value.</summary>
    public Action? Release { get; }

    /// <summary>Whether nothing was read.</summary>
    public bool IsEmpty => Batches.IsEmpty;

    /// <inheritdoc/>
    public void Dispose() => Release?.Invoke();
}

/// <summary>A record's place in time and log.</summary>
/// <param name="Offset">The record's offset.</param>
/// <param name="Timestamp">Its timestamp, in milliseconds since 1970.</param>
/// <param name="LeaderEpoch">The epoch of the leader that appended it.</param>
public readonly record struct TimestampedOffset(long Offset, long Timestamp, int LeaderEpoch);

namespace StreamSQL.Data.Types;

/// <summary>A time of day with an offset from UTC, PostgreSQL's <c>time with time zone</c>.</summary>
/// <param name="Micros">The time that a clock there shows: microseconds since midnight, up to those of 24 hours.</param>
/// <param name="OffsetSeconds">Seconds east of UTC, less than 16 hours.</param>
public readonly record struct ZonedTime(long Micros, int OffsetSeconds)
{
    /// <summary>The greatest offset, in seconds.</summary>
    public const int MaxOffsetSeconds = (16 * 3600) - 1;

    private const int OffsetBits = 17;
    private const long OffsetBias = 1L << (OffsetBits - 1);
    private const long MicrosPerSecond = 1_000_000;

    /// <summary>The time in UTC; before midnight or beyond it where there it is another day.</summary>
    public long UtcMicros => Micros - (OffsetSeconds * MicrosPerSecond);

    /// <summary>
    /// All of it as one number that sorts as PostgreSQL sorts: by the time in UTC, of equal ones the offsets further east first. Different
    /// times have different numbers.
    /// </summary>
    public long Packed => (UtcMicros << OffsetBits) + OffsetBias - OffsetSeconds;

    /// <summary>The time behind <see cref="Packed"/>.</summary>
    public static ZonedTime FromPacked(long packed)
    {
        var utc = packed >> OffsetBits;
        var offset = (int)(OffsetBias - (packed & ((1L << OffsetBits) - 1)));
        return new(utc + (offset * MicrosPerSecond), offset);
    }
}

using System.Buffers.Binary;

namespace StreamSQL.Storage.Logs;

/// <summary>Fields of a stored record batch of which only the header is at hand (format v2).</summary>
internal static class BatchFields
{
    private const int LeaderEpochAt = 12;
    private const int LastOffsetDeltaAt = 23;

    public static long BaseOffset(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt64BigEndian(header);

    public static int LeaderEpoch(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32BigEndian(header[LeaderEpochAt..]);

    public static long LastOffset(ReadOnlySpan<byte> header) =>
        BaseOffset(header) + BinaryPrimitives.ReadInt32BigEndian(header[LastOffsetDeltaAt..]);
}

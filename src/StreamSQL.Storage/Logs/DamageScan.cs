using System.Buffers;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>Tells damaged bytes of a segment from good ones.</summary>
internal static class DamageScan
{
    private const int MagicAt = 16;
    private const byte Magic = 2;
    private const int WindowBytes = 256 * 1024;

    /// <summary>
    /// Whether a batch can follow on the offset before it. Offset and length are not part of a batch's checksum, so they are held against
    /// their neighbours. Rewriting leaves gaps between offsets, appending does not.
    /// </summary>
    public static bool Follows(ReadOnlySpan<byte> header, long expectedOffset, bool hasGaps, long limitOffset, long bytesLeft)
    {
        var size = RecordBatchHeader.PeekSize(header);
        if (size < RecordBatchHeader.Size || size > bytesLeft || header.Length < RecordBatchHeader.Size)
            return false;
        var (first, last) = (BatchFields.BaseOffset(header), BatchFields.LastOffset(header));
        return (first == expectedOffset || (hasGaps && first > expectedOffset)) && last >= first && last < limitOffset;
    }

    /// <summary>Checks every batch of a segment file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="endPosition">Where its batches end.</param>
    /// <param name="limitOffset">Where its offsets end.</param>
    /// <param name="isFull">Whether its batches reach that end, so that they are missing if they do not.</param>
    public static List<DamagedRange> Check(IStorageFile file, Segment segment, long endPosition, long limitOffset, bool isFull)
    {
        var damage = new List<DamagedRange>();
        var (position, expected) = (0L, segment.BaseOffset);
        while (position < endPosition)
        {
            SkipIntact(file, segment, endPosition, limitOffset, ref position, ref expected);
            if (position >= endPosition)
                break;
            var (nextPosition, nextOffset) = FindIntact(file, position, endPosition, expected, limitOffset);
            damage.Add(new DamagedRange(expected, nextOffset, segment.LogPath, position, nextPosition));
            (position, expected) = (nextPosition, nextOffset);
        }

        if (isFull && expected < limitOffset)
            damage.Add(new DamagedRange(expected, limitOffset, segment.LogPath, position, position));
        return damage;
    }

    /// <summary>The offset behind the last intact batch of a segment file.</summary>
    public static long EndOfIntact(IStorageFile file, Segment segment)
    {
        var (position, expected, endPosition) = (0L, segment.BaseOffset, file.Length);
        while (true)
        {
            SkipIntact(file, segment, endPosition, long.MaxValue, ref position, ref expected);
            if (position >= endPosition)
                return expected;
            var (nextPosition, nextOffset) = FindIntact(file, position, endPosition, expected, long.MaxValue);
            if (nextPosition >= endPosition)
                return expected;
            (position, expected) = (nextPosition, nextOffset);
        }
    }

    /// <summary>
    /// The first place from a position on where an intact batch begins that can come behind an offset, and its offset: preferably right
    /// behind the batch that should be there. Without one, where the segment ends.
    /// </summary>
    public static (long Position, long Offset) FindIntact(
        IStorageFile file, long position, long endPosition, long minOffset, long limitOffset)
    {
        Span<byte> header = stackalloc byte[RecordBatchHeader.Size];
        if (file.Read(header, position) == header.Length && RecordBatchHeader.PeekSize(header) is > 0 and var size
            && size < endPosition - position && IsIntactAt(file, position + size, endPosition, minOffset, limitOffset, out var offset))
            return (position + size, offset);
        var window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        try
        {
            return SearchIntact(file, window.AsSpan(0, WindowBytes), position, endPosition, minOffset, limitOffset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    private static (long Position, long Offset) SearchIntact(
        IStorageFile file, Span<byte> window, long position, long endPosition, long minOffset, long limitOffset)
    {
        for (var at = position; at + RecordBatchHeader.Size <= endPosition;)
        {
            var count = file.Read(window[..(int)Math.Min(WindowBytes, endPosition - at)], at);
            for (var i = MagicAt; i < count; i++)
            {
                var found = window[i..count].IndexOf(Magic);
                if (found < 0)
                    break;
                i += found;
                if (IsIntactAt(file, at + i - MagicAt, endPosition, minOffset, limitOffset, out var offset))
                    return (at + i - MagicAt, offset);
            }

            if (count < WindowBytes)
                break;
            at += count - MagicAt;
        }

        return (endPosition, limitOffset);
    }

    private static void SkipIntact(
        IStorageFile file, Segment segment, long endPosition, long limitOffset, ref long position, ref long expected)
    {
        using var scanner = new BatchScanner(file, position, endPosition);
        while (scanner.MoveNext())
        {
            var batch = scanner.Current;
            if (!Follows(batch.Batch, expected, segment.Generation > 0, limitOffset, endPosition - scanner.Position)
                || RecordBatchValidator.CheckIntact(batch.Batch, out _) != ErrorCode.None)
                break;
            expected = batch.NextOffset;
            position = scanner.Position + batch.SizeInBytes;
        }
    }

    private static bool IsIntactAt(IStorageFile file, long position, long endPosition, long minOffset, long limitOffset, out long offset)
    {
        Span<byte> header = stackalloc byte[RecordBatchHeader.Size];
        offset = 0;
        if (endPosition - position < header.Length || file.Read(header, position) < header.Length)
            return false;
        offset = BatchFields.BaseOffset(header);
        if (header[MagicAt] != Magic || !Follows(header, minOffset, hasGaps: true, limitOffset, endPosition - position))
            return false;
        using var scanner = new BatchScanner(file, position, endPosition);
        return scanner.MoveNext() && RecordBatchValidator.CheckIntact(scanner.Current.Batch, out _) == ErrorCode.None;
    }
}

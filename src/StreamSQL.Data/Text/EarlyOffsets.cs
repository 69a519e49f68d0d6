using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace StreamSQL.Data.Text;

/// <summary>
/// Offsets of zones from UTC in whole seconds, for instants before 1972: local mean times, and what some zones kept long after them
/// (Amsterdam until 1937, Monrovia until 1972). .NET's zones round them to minutes, so they are read
/// from the zone files (RFC 8536) that .NET reads too.
/// </summary>
internal sealed class EarlyOffsets
{
    /// <summary>1972-01-07, in seconds since 1970: from then on all offsets are whole minutes.</summary>
    public const long End = 63_593_070;

    private const int HeaderSize = 44;
    private const int TypeSize = 6;

    private static readonly ConcurrentDictionary<string, EarlyOffsets?> Known = new(StringComparer.Ordinal);

    private readonly long[] _starts;
    private readonly int[] _offsets;

    // The first offset holds before the first start, each other one from a start on.
    private EarlyOffsets(long[] starts, int[] offsets)
    {
        _starts = starts;
        _offsets = offsets;
    }

    /// <summary>The offset in seconds at an instant before <see cref="End"/>; null where the zone has no file.</summary>
    public static int? Find(TimeZoneInfo zone, long seconds)
    {
        // No more names than there are zones: only zones that .NET found are asked about.
        var offsets = Known.GetOrAdd(zone.Id, static id => Read(id));
        if (offsets is null)
            return null;
        var at = Array.BinarySearch(offsets._starts, seconds);
        return offsets._offsets[at < 0 ? ~at : at + 1];
    }

    private static EarlyOffsets? Read(string id)
    {
        var folder = Environment.GetEnvironmentVariable("TZDIR") is { Length: > 0 } named ? named : "/usr/share/zoneinfo";
        var path = Path.Combine(folder, id);
        return File.Exists(path) ? Parse(File.ReadAllBytes(path)) : null;
    }

    /// <summary>The offsets of a zone file of version 2 or later; null for anything else.</summary>
    internal static EarlyOffsets? Parse(ReadOnlySpan<byte> file)
    {
        if (!TryReadCounts(file, out var old) || file[4] < '2')
            return null;
        var oldSize = (old.Times * 5) + old.Others + (old.Leaps * 8);
        if (oldSize > file.Length - HeaderSize || !TryReadCounts(file[(int)(HeaderSize + oldSize)..], out var counts))
            return null;
        var block = file[(int)((2 * HeaderSize) + oldSize)..];
        if (counts.Types == 0 || (counts.Times * 9) + (counts.Types * TypeSize) > block.Length)
            return null;
        var times = block[..(int)(counts.Times * 8)];
        var types = block.Slice((int)(counts.Times * 9), (int)(counts.Types * TypeSize));
        var starts = new List<long>();
        var offsets = new List<int> { BinaryPrimitives.ReadInt32BigEndian(types) };
        for (var i = 0; i < counts.Times; i++)
        {
            var start = BinaryPrimitives.ReadInt64BigEndian(times[(i * 8)..]);
            var type = block[(int)(counts.Times * 8) + i];
            if (start >= End)
                break;
            if (type >= counts.Types || (starts.Count > 0 && start <= starts[^1]))
                return null;
            starts.Add(start);
            offsets.Add(BinaryPrimitives.ReadInt32BigEndian(types[(type * TypeSize)..]));
        }

        return new([.. starts], [.. offsets]);
    }

    private static bool TryReadCounts(ReadOnlySpan<byte> header, out Counts counts)
    {
        counts = default;
        if (header.Length < HeaderSize || !header.StartsWith("TZif"u8))
            return false;
        long Count(ReadOnlySpan<byte> source, int index) => BinaryPrimitives.ReadUInt32BigEndian(source[(20 + (index * 4))..]);
        var (isUtc, isStandard, characters) = (Count(header, 0), Count(header, 1), Count(header, 5));
        var types = Count(header, 4);
        counts = new(Count(header, 3), types, Count(header, 2), (types * TypeSize) + characters + isStandard + isUtc);
        return true;
    }

    /// <summary>How many transitions, types and leap seconds a block has, and how many bytes its other parts.</summary>
    private readonly record struct Counts(long Times, long Types, long Leaps, long Others);
}

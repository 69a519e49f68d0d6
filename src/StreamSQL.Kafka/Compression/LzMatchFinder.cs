using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// Finds repeated byte sequences for the encoders of the LZ77 family (Snappy, LZ4): greedy, by a hash table of the last place of each
/// four bytes, at most 64 KiB back.
/// </summary>
internal ref struct LzMatchFinder
{
    public const int MinMatch = 4;
    public const int MaxDistance = 65535;

    // LZ4's end rules (block format): the last 5 bytes are literals and no match begins in the last 12. Snappy does not mind.
    private const int EndLiterals = 5;
    private const int EndNoStart = 12;
    private const int HashBits = 13;
    private const int SkipShift = 6;

    private readonly ReadOnlySpan<byte> _source;
    private readonly int[] _lastPlace;
    private int _position;

    /// <summary>A finder over <paramref name="source"/>. Call <see cref="Dispose"/> to give the table back.</summary>
    public LzMatchFinder(ReadOnlySpan<byte> source)
    {
        _source = source;
        _lastPlace = ArrayPool<int>.Shared.Rent(1 << HashBits);
        _lastPlace.AsSpan(0, 1 << HashBits).Fill(-1);
    }

    /// <summary>Where the match begins.</summary>
    public int Start { get; private set; }

    /// <summary>How long it is.</summary>
    public int Length { get; private set; }

    /// <summary>How far back the same bytes lie.</summary>
    public int Distance { get; private set; }

    /// <summary>Finds the next match; false when only literals are left.</summary>
    public bool MoveNext()
    {
        int limit = _source.Length - EndNoStart;
        int misses = 0;
        for (int at = _position; at < limit; at += 1 + (misses++ >> SkipShift))
        {
            uint sequence = Read(at);
            ref int place = ref _lastPlace[(sequence * 2654435761u) >> (32 - HashBits)];
            int candidate = place;
            place = at;
            if (candidate < 0 || at - candidate > MaxDistance || Read(candidate) != sequence)
                continue;
            Start = at;
            Distance = at - candidate;
            Length = MinMatch + CommonLength(candidate + MinMatch, at + MinMatch);
            _position = at + Length;
            return true;
        }
        return false;
    }

    /// <summary>Gives the table back to the pool.</summary>
    public readonly void Dispose() => ArrayPool<int>.Shared.Return(_lastPlace);

    private readonly uint Read(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_source[at..]);

    private readonly int CommonLength(int earlier, int later)
    {
        int end = _source.Length - EndLiterals;
        int start = later;
        for (; later <= end - 8; later += 8, earlier += 8)
        {
            ulong difference = BinaryPrimitives.ReadUInt64LittleEndian(_source[earlier..])
                ^ BinaryPrimitives.ReadUInt64LittleEndian(_source[later..]);
            if (difference != 0)
                return later - start + (BitOperations.TrailingZeroCount(difference) / 8);
        }
        while (later < end && _source[earlier] == _source[later])
        {
            earlier++;
            later++;
        }
        return later - start;
    }
}

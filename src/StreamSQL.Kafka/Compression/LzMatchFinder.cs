using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// Finds repeated byte sequences for the encoders of the LZ77 family (Snappy, LZ4, Zstandard), at most 64 KiB back: by a hash table of the
/// last place of each four bytes; or, of several such places, the one from which most bytes agree.
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
    private readonly int[] _placeBefore = []; // of each place, by its last 16 bits, the one before it with the same hash
    private readonly int _places;
    private int _position;

    /// <summary>A finder over <paramref name="source"/>. Call <see cref="Dispose"/> to give the tables back.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="places">How many earlier places are compared with each place; with 1, not every place is looked at either.</param>
    public LzMatchFinder(ReadOnlySpan<byte> source, int places = 1)
    {
        _source = source;
        _places = places;
        if (places > 1)
            _placeBefore = ArrayPool<int>.Shared.Rent(MaxDistance + 1);
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
    public bool MoveNext() => _places > 1 ? MoveToLongest() : MoveToFirst();

    /// <summary>Gives the tables back to the pool.</summary>
    public readonly void Dispose()
    {
        ArrayPool<int>.Shared.Return(_lastPlace);
        if (_placeBefore.Length > 0)
            ArrayPool<int>.Shared.Return(_placeBefore);
    }

    private bool MoveToFirst()
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

    private bool MoveToLongest()
    {
        int limit = _source.Length - EndNoStart;
        for (int at = _position; at < limit; at++)
        {
            FindLongest(at, Read(at), Note(at));
            if (Length < MinMatch)
                continue;
            Start = at;
            _position = at + Length;
            for (int inside = at + 1; inside < Math.Min(_position, limit); inside++)
                Note(inside);
            return true;
        }
        return false;
    }

    private void FindLongest(int at, uint sequence, int candidate)
    {
        Length = 0;
        for (int left = _places; left > 0 && candidate >= 0 && at - candidate <= MaxDistance; left--)
        {
            if (Read(candidate) == sequence)
            {
                int length = MinMatch + CommonLength(candidate + MinMatch, at + MinMatch);
                if (length > Length)
                    (Length, Distance) = (length, at - candidate);
            }
            candidate = _placeBefore[candidate & MaxDistance];
        }
    }

    /// <summary>Notes a place; returns the last one with the same hash.</summary>
    private readonly int Note(int at)
    {
        ref int place = ref _lastPlace[(Read(at) * 2654435761u) >> (32 - HashBits)];
        int before = place;
        _placeBefore[at & MaxDistance] = before;
        place = at;
        return before;
    }

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

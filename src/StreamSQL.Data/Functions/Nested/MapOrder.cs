using System.Buffers;
using System.Numerics;
using System.Text;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>
/// The order in which ksqlDB goes through a map: that of Java's HashMap, made for as many entries as there are. The entries come by the
/// bits of their keys' hashes that choose the bucket, and within one bucket as they stand. Only maps
/// with text keys have it; others are gone through as they stand.
/// </summary>
internal static class MapOrder
{
    private const int OnStack = 64;

    /// <summary>Writes where the entries of a row stand among the map's keys and values.</summary>
    /// <param name="map">The maps.</param>
    /// <param name="row">The physical row.</param>
    /// <param name="places">As long as the map has entries.</param>
    public static void Fill(MapColumn map, int row, Span<int> places)
    {
        var (start, count) = (map.Starts[row], places.Length);
        if (map.Keys is not BytesColumn keys || count < 2)
        {
            for (var i = 0; i < count; i++)
                places[i] = start + i;
            return;
        }

        // A map has at least a third more buckets than entries, in a power of two.
        var mask = (long)BitOperations.RoundUpToPowerOf2((uint)(((count * 4L) + 2) / 3)) - 1;
        var rented = count > OnStack ? ArrayPool<long>.Shared.Rent(count) : null;
        var order = rented is null ? stackalloc long[count] : rented.AsSpan(0, count);
        for (var i = 0; i < count; i++)
            order[i] = ((Spread(keys[start + i]) & mask) << 32) | (uint)i;
        order.Sort();
        for (var i = 0; i < count; i++)
            places[i] = start + (int)order[i];
        if (rented is not null)
            ArrayPool<long>.Shared.Return(rented);
    }

    /// <summary>Java's hash of a text, whose units are those of UTF-16, with its upper half folded into the lower one.</summary>
    private static int Spread(ReadOnlySpan<byte> text)
    {
        var hash = 0;
        Span<char> units = stackalloc char[2];
        while (Rune.DecodeFromUtf8(text, out var rune, out var length) == OperationStatus.Done)
        {
            foreach (var unit in units[..rune.EncodeToUtf16(units)])
                hash = unchecked((31 * hash) + unit);
            text = text[length..];
        }

        return hash ^ (int)((uint)hash >> 16);
    }
}

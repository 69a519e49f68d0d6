using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using StreamSQL.Data.Batches;

namespace StreamSQL.Benchmarks;

/// <summary>
/// What the Avro decoder is measured against: loops written by hand for the one schema of bids, field after field in a row, into arrays.
/// They check lengths and ends as the decoder must, and that texts are UTF-8 where texts are taken.
/// </summary>
internal sealed unsafe class AvroLimits
{
    private readonly long[] _auctions = new long[ChangeBatch.MaxRows];
    private readonly long[] _bidders = new long[ChangeBatch.MaxRows];
    private readonly long[] _prices = new long[ChangeBatch.MaxRows];
    private readonly long[] _times = new long[ChangeBatch.MaxRows];
    private readonly int[] _starts = new int[3 * ChangeBatch.MaxRows];
    private readonly int[] _lengths = new int[3 * ChangeBatch.MaxRows];

    /// <summary>Auction, price and time of nullable fields.</summary>
    public int ReadNullable(SliceList batch)
    {
        var bad = 0;
        // The buffer ends 64 bytes after the last record: no load reaches beyond it.
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var end = at + batch.Lengths[row];
                var ok = Branch(ref at);
                _auctions[row] = Long(ref at);
                ok &= Branch(ref at);
                Long(ref at);
                ok &= Branch(ref at);
                _prices[row] = Long(ref at);
                ok &= Branch(ref at) && Skip(ref at, end) && Branch(ref at) && Skip(ref at, end) && Branch(ref at);
                _times[row] = Long(ref at);
                ok &= Branch(ref at) && Skip(ref at, end);
                bad += ok && at == end ? 0 : 1;
            }
        }

        return bad;
    }

    /// <summary>Auction, price and time of fields that are not nullable.</summary>
    public int Read(SliceList batch)
    {
        var bad = 0;
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var end = at + batch.Lengths[row];
                _auctions[row] = Long(ref at);
                Long(ref at);
                _prices[row] = Long(ref at);
                var ok = Skip(ref at, end) && Skip(ref at, end);
                _times[row] = Long(ref at);
                ok &= Skip(ref at, end);
                bad += ok && at == end ? 0 : 1;
            }
        }

        return bad;
    }

    /// <summary>All nullable fields.</summary>
    public int ReadAllNullable(SliceList batch)
    {
        var bad = 0;
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var end = at + batch.Lengths[row];
                var ok = Branch(ref at);
                _auctions[row] = Long(ref at);
                ok &= Branch(ref at);
                _bidders[row] = Long(ref at);
                ok &= Branch(ref at);
                _prices[row] = Long(ref at);
                ok &= Branch(ref at) && Text(ref at, end, buffer, 3 * row) && Branch(ref at) && Text(ref at, end, buffer, (3 * row) + 1)
                    && Branch(ref at);
                _times[row] = Long(ref at);
                ok &= Branch(ref at) && Text(ref at, end, buffer, (3 * row) + 2);
                bad += ok && at == end ? 0 : 1;
            }
        }

        return bad;
    }

    /// <summary>All fields, not nullable.</summary>
    public int ReadAll(SliceList batch)
    {
        var bad = 0;
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var end = at + batch.Lengths[row];
                _auctions[row] = Long(ref at);
                _bidders[row] = Long(ref at);
                _prices[row] = Long(ref at);
                var ok = Text(ref at, end, buffer, 3 * row) && Text(ref at, end, buffer, (3 * row) + 1);
                _times[row] = Long(ref at);
                ok &= Text(ref at, end, buffer, (3 * row) + 2);
                bad += ok && at == end ? 0 : 1;
            }
        }

        return bad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Branch(ref byte* at) => *at++ == 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Long(ref byte* at)
    {
        // Eight bytes hold every number that occurs.
        var word = *(ulong*)at;
        var stop = ~word & 0x8080808080808080;
        at += (BitOperations.TrailingZeroCount(stop) >> 3) + 1;
        var bits = word & (stop ^ (stop - 1)) & 0x7F7F7F7F7F7F7F7F;
        bits = (bits & 0x007F007F007F007F) | ((bits & 0x7F007F007F007F00) >> 1);
        bits = (bits & 0x00003FFF00003FFF) | ((bits & 0x3FFF00003FFF0000) >> 2);
        bits = (bits & 0x000000000FFFFFFF) | ((bits & 0x0FFFFFFF00000000) >> 4);
        return (long)(bits >> 1) ^ -(long)(bits & 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Skip(ref byte* at, byte* end)
    {
        var length = *at < 0x80 ? *at++ >> 1 : Long(ref at);
        if ((ulong)length > (ulong)(end - at))
            return false;
        at += length;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Text(ref byte* at, byte* end, byte* buffer, int index)
    {
        var length = *at < 0x80 ? *at++ >> 1 : Long(ref at);
        if ((ulong)length > (ulong)(end - at) || !Utf8.IsValid(new ReadOnlySpan<byte>(at, (int)length)))
            return false;
        _starts[index] = (int)(at - buffer);
        _lengths[index] = (int)length;
        at += length;
        return true;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using StreamSQL.Data.Batches;

namespace StreamSQL.Benchmarks;

/// <summary>What the decoder is measured against: the framework's reader, and loops written by hand for one layout each.</summary>
internal static class DecodeLimits
{
    /// <summary>A bare Utf8JsonReader loop that takes auction, price and ts.</summary>
    public static void ReadBids(SliceList batch, long[] auctions, long[] prices, long[] times)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            var reader = new Utf8JsonReader(batch[row]);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var target = reader.ValueTextEquals("auction"u8) ? auctions
                    : reader.ValueTextEquals("price"u8) ? prices
                    : reader.ValueTextEquals("ts"u8) ? times : null;
                reader.Read();
                if (target is not null)
                    target[row] = reader.GetInt64();
            }
        }
    }

    /// <summary>A bare Utf8JsonReader loop that takes date, delay and origin; the texts as places in the buffer.</summary>
    public static void ReadFlights(SliceList batch, int[] dates, int[] delays, int[] origins)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            var reader = new Utf8JsonReader(batch[row]);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var field = reader.ValueTextEquals("date"u8) ? 1 : reader.ValueTextEquals("delay"u8)
                    ? 2 : reader.ValueTextEquals("origin"u8) ? 3 : 0;
                reader.Read();
                if (field == 2)
                    delays[row] = reader.GetInt32();
                else if (field != 0)
                    (field == 1 ? dates : origins)[row] = batch.Starts[row] + (int)reader.TokenStartIndex + 1;
            }
        }
    }

    /// <summary>Bids in the one layout that the generator writes: literals compared, everything else found from them.</summary>
    public static unsafe int ScanBids(SliceList batch, long[] auctions, long[] prices, long[] times)
    {
        var bad = 0;
        // The buffer ends 64 bytes after the last record: no load reaches beyond it.
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var ok = Literal(ref at, "{\"auction\":"u8);
                auctions[row] = Integer(ref at);
                ok &= Literal(ref at, ",\"bidder\":"u8);
                SkipDigits(ref at);
                ok &= Literal(ref at, ",\"price\":"u8);
                prices[row] = Integer(ref at);
                ok &= Literal(ref at, ",\"channel\":\""u8);
                at += StringLength(at);
                ok &= Literal(ref at, "\",\"url\":\""u8);
                at += StringLength(at);
                ok &= Literal(ref at, "\",\"ts\":"u8);
                times[row] = Integer(ref at);
                ok &= Literal(ref at, ",\"extra\":\""u8);
                at += StringLength(at);
                ok &= Literal(ref at, "\"}"u8) & (at == buffer + batch.Starts[row] + batch.Lengths[row]);
                bad += ok ? 0 : 1;
            }
        }

        return bad;
    }

    /// <summary>Flights in the one layout of the sample.</summary>
    public static unsafe int ScanFlights(SliceList batch, int[] dates, int[] delays, int[] origins, int[] lengths)
    {
        var bad = 0;
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var ok = Literal(ref at, "{\"date\":\""u8);
                dates[row] = (int)(at - buffer);
                var length = StringLength(at);
                at += length;
                ok &= Literal(ref at, "\",\"delay\":"u8);
                var negative = *at == '-';
                at += negative ? 1 : 0;
                var delay = (int)Integer(ref at);
                delays[row] = negative ? -delay : delay;
                ok &= Literal(ref at, ",\"distance\":"u8);
                SkipDigits(ref at);
                ok &= Literal(ref at, ",\"origin\":\""u8);
                origins[row] = (int)(at - buffer);
                lengths[row] = StringLength(at);
                at += lengths[row];
                ok &= Literal(ref at, "\",\"destination\":\""u8);
                at += StringLength(at);
                ok &= Literal(ref at, "\"}"u8) & (at == buffer + batch.Starts[row] + batch.Lengths[row]);
                bad += ok ? 0 : 1;
            }
        }

        return bad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe bool Literal(ref byte* at, ReadOnlySpan<byte> literal)
    {
        var equal = new ReadOnlySpan<byte>(at, literal.Length).SequenceEqual(literal);
        at += literal.Length;
        return equal;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe int StringLength(byte* at)
    {
        for (var length = 0; ; length += Vector256<byte>.Count)
        {
            var block = Vector256.Load(at + length);
            var stops = (Vector256.Equals(block, Vector256.Create((byte)'"'))
                | Vector256.Equals(block, Vector256.Create((byte)'\\'))).ExtractMostSignificantBits();
            if (stops != 0)
                return length + int.CreateTruncating(uint.TrailingZeroCount(stops));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void SkipDigits(ref byte* at)
    {
        while ((uint)*at - '0' <= 9)
            at++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe long Integer(ref byte* at)
    {
        var word = *(ulong*)at;
        var other = ((word ^ 0x3030303030303030) + 0x7676767676767676) | (word & 0x8080808080808080);
        var digits = int.CreateTruncating(ulong.TrailingZeroCount(other & 0x8080808080808080)) >> 3;
        if (digits < 8)
        {
            at += digits;
            return digits == 0 ? 0 : (long)EightDigits(word << (64 - (8 * digits)));
        }

        at += 8;
        var value = (long)EightDigits(word);
        for (; (uint)*at - '0' <= 9; at++)
            value = (value * 10) + *at - '0';
        return value;
    }

    private static ulong EightDigits(ulong word)
    {
        word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;
        word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;
        return (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
    }
}

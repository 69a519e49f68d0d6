using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Benchmarks.Pipes;

/// <summary>
/// What an engine could do at best: loops written by hand for one layout of bids, from log bytes over CRC and records to the result. No
/// nulls, no escapes, no late events, no changes given out.
/// </summary>
internal static unsafe class HandPipe
{
    private const int SlotBits = 18;

    /// <summary>Counts per key in tumbling windows; returns the number of groups, so that the work cannot be left out.</summary>
    public static long WindowCount(BidLog log, long windowMs)
    {
        var keys = new long[1 << SlotBits];
        var counts = new int[1 << SlotBits];
        long window = -1, groups = 0;
        foreach (var batch in log.Batches)
        {
            fixed (byte* start = CheckedRecords(batch))
            {
                for (var at = start; at < start + batch.Length - RecordBatchHeader.Size;)
                {
                    var record = ReadRecord(ref at);
                    var time = ScanTime(record.Value, out _, out _);
                    if (time / windowMs != window)
                    {
                        window = time / windowMs;
                        Array.Clear(keys);
                        Array.Clear(counts);
                    }

                    groups += Count(keys, counts, record.Key);
                }
            }
        }

        return groups;
    }

    /// <summary>Copies the bids of every 123rd auction to JSON records of auction and price; returns the bytes written.</summary>
    public static long Filter(BidLog log)
    {
        var output = new byte[1 << 20];
        long written = 0;
        foreach (var batch in log.Batches)
        {
            var used = 0;
            fixed (byte* start = CheckedRecords(batch))
            {
                for (var at = start; at < start + batch.Length - RecordBatchHeader.Size;)
                {
                    var record = ReadRecord(ref at);
                    ScanTime(record.Value, out _, out var price);
                    if (record.Key % 123 == 0)
                        used += WritePrice(output.AsSpan(used), price);
                }
            }

            written += used;
        }

        return written;
    }

    /// <summary>Looks up every bid's auction in a table of 100,000 rows and writes both sides' values; returns the bytes written.</summary>
    public static long Join(BidLog log, long[] tableKeys, long[] tableValues)
    {
        var output = new byte[1 << 22];
        long written = 0;
        foreach (var batch in log.Batches)
        {
            var used = 0;
            fixed (byte* start = CheckedRecords(batch))
            {
                for (var at = start; at < start + batch.Length - RecordBatchHeader.Size;)
                {
                    var record = ReadRecord(ref at);
                    ScanTime(record.Value, out _, out var price);
                    var slot = Slot(record.Key);
                    while (tableKeys[slot] != record.Key && tableKeys[slot] != 0)
                        slot = (slot + 1) & ((1 << SlotBits) - 1);
                    if (tableKeys[slot] == record.Key)
                        used += WritePrice(output.AsSpan(used), price) + WritePrice(output.AsSpan(used), tableValues[slot]);
                }
            }

            written += used;
        }

        return written;
    }

    /// <summary>The table of <see cref="Join"/>: every auction with a value.</summary>
    public static (long[] Keys, long[] Values) CreateTable()
    {
        var (keys, values) = (new long[1 << SlotBits], new long[1 << SlotBits]);
        for (long key = 1000; key < 1000 + BidLog.Keys; key++)
        {
            var slot = Slot(key);
            while (keys[slot] != 0)
                slot = (slot + 1) & ((1 << SlotBits) - 1);
            (keys[slot], values[slot]) = (key, key * 3);
        }

        return (keys, values);
    }

    private static ReadOnlySpan<byte> CheckedRecords(byte[] batch)
    {
        if (!RecordBatchHeader.TryRead(batch, out var header) || header.ComputeCrc() != header.Crc)
            throw new InvalidDataException("a batch does not verify");
        return header.Records;
    }

    private static Record ReadRecord(ref byte* at)
    {
        var size = VarInt(ref at);
        var next = at + size;
        at++;
        VarInt(ref at);
        VarInt(ref at);
        VarInt(ref at);
        var key = BinaryPrimitives.ReverseEndianness(*(long*)at);
        at += sizeof(long);
        VarInt(ref at);
        var value = at;
        at = next;
        return new(key, value);
    }

    /// <summary>Reads the fields in the one order in which bids are written.</summary>
    private static long ScanTime(byte* at, out long auction, out long price)
    {
        var ok = DecodeLimits.Literal(ref at, "{\"auction\":"u8);
        auction = DecodeLimits.Integer(ref at);
        ok &= DecodeLimits.Literal(ref at, ",\"bidder\":"u8);
        DecodeLimits.SkipDigits(ref at);
        ok &= DecodeLimits.Literal(ref at, ",\"price\":"u8);
        price = DecodeLimits.Integer(ref at);
        ok &= DecodeLimits.Literal(ref at, ",\"channel\":\""u8);
        at += DecodeLimits.StringLength(at);
        ok &= DecodeLimits.Literal(ref at, "\",\"url\":\""u8);
        at += DecodeLimits.StringLength(at);
        ok &= DecodeLimits.Literal(ref at, "\",\"ts\":"u8);
        var time = DecodeLimits.Integer(ref at);
        return ok ? time : throw new InvalidDataException("not a bid");
    }

    private static int Count(long[] keys, int[] counts, long key)
    {
        var slot = Slot(key);
        while (keys[slot] != key)
        {
            if (keys[slot] == 0)
            {
                keys[slot] = key;
                counts[slot] = 1;
                return 1;
            }

            slot = (slot + 1) & ((1 << SlotBits) - 1);
        }

        counts[slot]++;
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(long key) => (int)(((ulong)key * 0x9E3779B97F4A7C15) >> (64 - SlotBits));

    private static int WritePrice(Span<byte> target, long price)
    {
        "{\"PRICE\":"u8.CopyTo(target);
        price.TryFormat(target[9..], out var digits, default, null);
        target[9 + digits] = (byte)'}';
        return 10 + digits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long VarInt(ref byte* at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = *at++;
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
    }

    private readonly struct Record(long key, byte* value)
    {
        public long Key { get; } = key;

        public byte* Value { get; } = value;
    }
}

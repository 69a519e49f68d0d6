using System.Runtime.CompilerServices;
using System.Text.Unicode;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Types;

namespace StreamSQL.Benchmarks;

/// <summary>Protobuf messages from log bytes into columns, one core, beside loops written by hand for the message.</summary>
internal static class ProtobufDecodeBenchmark
{
    private const int Laps = 20;

    private static readonly FormatField[] Bid =
    [
        new("AUCTION", SqlType.BigInt), new("BIDDER", SqlType.BigInt), new("PRICE", SqlType.BigInt), new("CHANNEL", SqlType.Varchar),
        new("URL", SqlType.Varchar), new("TS", SqlType.BigInt), new("EXTRA", SqlType.Varchar),
    ];

    /// <summary>Runs it; 0 unless a decoder failed on a record.</summary>
    public static int Run()
    {
        var bids = RecordLog.ProtobufBids(200_000, seed: 1);
        Measurement.Print($"bids: {bids.Records} messages of {bids.Bytes / bids.Records} bytes, 3 of 7 fields", [
            Take("loop by hand for this message", bids, HandLoop(withText: false)),
            Take("decoder", bids, Decode("AUCTION", "PRICE", "TS")),
        ]);
        Measurement.Print("the same, 6 of 7 fields, 3 of them text", [
            Take("loop by hand for this message", bids, HandLoop(withText: true)),
            Take("decoder", bids, Decode("AUCTION", "PRICE", "CHANNEL", "URL", "TS", "EXTRA")),
        ]);
        return 0;
    }

    private static Measurement Take(string name, RecordLog log, Action<SliceList> decode) =>
        Measurement.Take(name, Laps * log.Records, Laps * log.Bytes, () =>
        {
            for (var lap = 0; lap < Laps; lap++)
            {
                foreach (var batch in log.Batches)
                    decode(batch);
            }
        });

    private static Action<SliceList> Decode(params string[] wanted)
    {
        var decoder = FormatFactory.CreateDecoder("PROTOBUF_NOSR", Bid, FormatOptions.Default);
        var columns = Bid.Select(f => wanted.Contains(f.Name) ? Column.Create(f.Type) : null).ToArray();
        var errors = new DecodeErrors();
        return batch =>
        {
            foreach (var column in columns)
                column?.Reset(batch.Count);
            decoder.Decode(batch, columns, errors);
            if (errors.Count != 0)
                throw new InvalidDataException(errors.FirstReason);
        };
    }

    private static Action<SliceList> HandLoop(bool withText)
    {
        var columns = new HandColumns();
        return batch =>
        {
            if (!(withText ? ReadWithText(batch, columns) : ReadNumbers(batch, columns)))
                throw new InvalidDataException("A record was not decoded.");
        };
    }

    private static unsafe bool ReadNumbers(SliceList batch, HandColumns columns)
    {
        var ok = true;
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var end = at + batch.Lengths[row];
                columns.Auctions[row] = columns.Prices[row] = columns.Times[row] = 0;
                while (at < end && ok)
                {
                    switch (*at++)
                    {
                        case 1 << 3:
                            ok = Varint(ref at, end, out columns.Auctions[row]);
                            break;
                        case 3 << 3:
                            ok = Varint(ref at, end, out columns.Prices[row]);
                            break;
                        case 6 << 3:
                            ok = Varint(ref at, end, out columns.Times[row]);
                            break;
                        case 2 << 3:
                            ok = Varint(ref at, end, out _);
                            break;
                        case 4 << 3 | 2 or 5 << 3 | 2 or 7 << 3 | 2:
                            ok = Varint(ref at, end, out var length) && (ulong)length <= (ulong)(end - at);
                            at += length;
                            break;
                        default:
                            return false;
                    }
                }
            }
        }

        return ok;
    }

    private static unsafe bool ReadWithText(SliceList batch, HandColumns columns)
    {
        var ok = true;
        fixed (byte* buffer = batch.Buffer)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = buffer + batch.Starts[row];
                var end = at + batch.Lengths[row];
                columns.Auctions[row] = columns.Prices[row] = columns.Times[row] = 0;
                columns.Starts[0][row] = columns.Starts[1][row] = columns.Starts[2][row] = 0;
                columns.Lengths[0][row] = columns.Lengths[1][row] = columns.Lengths[2][row] = 0;
                while (at < end && ok)
                {
                    switch (*at++)
                    {
                        case 1 << 3:
                            ok = Varint(ref at, end, out columns.Auctions[row]);
                            break;
                        case 3 << 3:
                            ok = Varint(ref at, end, out columns.Prices[row]);
                            break;
                        case 6 << 3:
                            ok = Varint(ref at, end, out columns.Times[row]);
                            break;
                        case 2 << 3:
                            ok = Varint(ref at, end, out _);
                            break;
                        case 4 << 3 | 2:
                            ok = Text(ref at, end, buffer, columns, 0, row);
                            break;
                        case 5 << 3 | 2:
                            ok = Text(ref at, end, buffer, columns, 1, row);
                            break;
                        case 7 << 3 | 2:
                            ok = Text(ref at, end, buffer, columns, 2, row);
                            break;
                        default:
                            return false;
                    }
                }
            }
        }

        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe bool Text(ref byte* at, byte* end, byte* buffer, HandColumns columns, int column, int row)
    {
        if (!Varint(ref at, end, out var length) || (ulong)length > (ulong)(end - at)
            || !Utf8.IsValid(new ReadOnlySpan<byte>(at, (int)length)))
            return false;
        columns.Starts[column][row] = (int)(at - buffer);
        columns.Lengths[column][row] = (int)length;
        at += length;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe bool Varint(ref byte* at, byte* end, out long value)
    {
        var result = 0UL;
        var shift = 0;
        while (at < end && shift < 70)
        {
            var next = *at++;
            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                value = (long)result;
                return true;
            }

            shift += 7;
        }

        value = 0;
        return false;
    }

    /// <summary>What the loops by hand fill.</summary>
    private sealed class HandColumns
    {
        public readonly long[] Auctions = new long[ChangeBatch.MaxRows];
        public readonly long[] Prices = new long[ChangeBatch.MaxRows];
        public readonly long[] Times = new long[ChangeBatch.MaxRows];
        public readonly int[][] Starts = [new int[ChangeBatch.MaxRows], new int[ChangeBatch.MaxRows], new int[ChangeBatch.MaxRows]];
        public readonly int[][] Lengths = [new int[ChangeBatch.MaxRows], new int[ChangeBatch.MaxRows], new int[ChangeBatch.MaxRows]];
    }
}

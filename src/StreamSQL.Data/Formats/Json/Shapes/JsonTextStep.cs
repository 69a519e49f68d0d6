using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>A literal and a string, read into a VARCHAR column or skipped. Strings with escapes take the general way.</summary>
internal static unsafe class JsonTextStep
{
    /// <summary>Reads strings; they stay where they are while the column shares the records' buffer.</summary>
    public static void Read(in JsonRows rows, JsonLiteral literal, JsonValueReader reader, BytesColumn column)
    {
        var front = literal.Load();
        fixed (int* starts = column.Starts, lengths = column.Lengths)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var at = rows.Buffer + rows.Positions[i];
                if (!front.Matches(at))
                {
                    rows.Failed[i] = 1;
                    continue;
                }

                at += front.Length;
                var end = FindEnd(at, rows.Buffer + rows.Ends[i], out var ascii);
                if (end == null)
                {
                    JsonIntegerStep.ReadGeneral(rows, reader, column, i, at);
                    continue;
                }

                var row = rows.Rows[i];
                var start = (int)(at + 1 - rows.Buffer);
                var length = (int)(end - at) - 1;
                if (!ascii && !Utf8.IsValid(new ReadOnlySpan<byte>(at + 1, length)))
                {
                    rows.Failed[i] = 1;
                    continue;
                }

                if (ReferenceEquals(column.Buffer, rows.Source.Buffer))
                {
                    starts[row] = start;
                    lengths[row] = length;
                }
                else
                {
                    column.Set(row, new ReadOnlySpan<byte>(at + 1, length));
                }

                if (column.MayHaveNulls)
                    column.SetValid(row);
                rows.Positions[i] = start + length + 1;
            }
        }
    }

    /// <summary>Skips strings.</summary>
    public static void Skip(in JsonRows rows, JsonLiteral literal, JsonStep step)
    {
        var front = literal.Load();
        for (var i = 0; i < rows.Count; i++)
        {
            var at = rows.Buffer + rows.Positions[i];
            if (!front.Matches(at))
            {
                rows.Failed[i] = 1;
                continue;
            }

            at += front.Length;
            var end = FindEnd(at, rows.Buffer + rows.Ends[i], out _);
            if (end == null)
                step.SkipGeneral(rows, i, at);
            else
                rows.Positions[i] = (int)(end + 1 - rows.Buffer);
        }
    }

    /// <summary>The closing quote of the string at a place; null when it is no string, has escapes or control characters, or does not end in the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* FindEnd(byte* at, byte* limit, out bool ascii)
    {
        ascii = true;
        if (*at != (byte)'"')
            return null;
        var high = 0u;
        for (at++; at < limit; at += Vector256<byte>.Count)
        {
            // At most 32 bytes beyond the row's end: within the slack.
            var block = Vector256.Load(at);
            var stops = (Vector256.Equals(block, Vector256.Create((byte)'"')) | Vector256.Equals(block, Vector256.Create((byte)'\\'))
                | Vector256.LessThan(block, Vector256.Create((byte)0x20))).ExtractMostSignificantBits();
            var highBits = block.ExtractMostSignificantBits();
            if (stops == 0)
            {
                high |= highBits;
                continue;
            }

            at += BitOperations.TrailingZeroCount(stops);
            ascii = (high | (highBits & (stops ^ (stops - 1)))) == 0;
            return *at == (byte)'"' && at < limit ? at : null;
        }

        return null;
    }
}

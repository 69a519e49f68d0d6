using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// A literal and a string, read into a VARCHAR column or skipped; built like
/// <see cref="JsonIntegerStep"/>. The usual string is ASCII without escapes.
/// </summary>
internal static unsafe class JsonTextStep
{
    /// <summary>Reads strings; they stay where they are while the column shares the records' buffer.</summary>
    public static void Read(in JsonRows rows, in JsonLiteral literal, JsonValueReader reader, BytesColumn column)
    {
        fixed (int* starts = column.Starts, lengths = column.Lengths)
        {
            for (var row = rows.First; ; row++)
            {
                if (ReferenceEquals(column.Buffer, rows.Source.Buffer))
                    row = ReadUsual(row, rows.Last, rows.Buffer, literal, starts, lengths);
                if (row == rows.Last)
                    return;
                if (!ReadPlain(rows, row, literal, column))
                    rows.ReadGeneral(row, literal.Length, reader, column);
            }
        }
    }

    /// <summary>Skips strings.</summary>
    public static void Skip(in JsonRows rows, in JsonLiteral literal, JsonStep step)
    {
        for (var row = rows.First; ; row++)
        {
            row = SkipUsual(row, rows.Last, rows.Buffer, literal);
            if (row == rows.Last)
                return;
            step.SkipGeneral(rows, row);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static JsonRow* ReadUsual(JsonRow* row, JsonRow* last, byte* buffer, in JsonLiteral literalBytes, int* starts, int* lengths)
    {
        var literal = literalBytes;
        for (; row < last; row++)
        {
            var at = buffer + row->Position;
            if (!literal.Matches(at))
            {
                row->Failed = true;
                continue;
            }

            at += literal.Length;
            var length = Measure(at, buffer + row->End, out var ascii);
            if (length < 0 || !ascii)
                break;
            var start = (int)(at - buffer) + 1;
            starts[row->Number] = start;
            lengths[row->Number] = length;
            row->Position = start + length + 1;
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static JsonRow* SkipUsual(JsonRow* row, JsonRow* last, byte* buffer, in JsonLiteral literalBytes)
    {
        var literal = literalBytes;
        for (; row < last; row++)
        {
            var at = buffer + row->Position;
            if (!literal.Matches(at))
            {
                row->Failed = true;
                continue;
            }

            at += literal.Length;
            var length = Measure(at, buffer + row->End, out _);
            if (length < 0)
                break;
            row->Position = (int)(at - buffer) + length + 2;
        }

        return row;
    }

    /// <summary>
    /// Reads a string without escapes that is not ASCII, or that must be copied since the column has left the records' buffer.
    /// </summary>
    private static bool ReadPlain(in JsonRows rows, JsonRow* row, in JsonLiteral literal, BytesColumn column)
    {
        var at = rows.Buffer + row->Position;
        if (row->Failed || !literal.Matches(at))
        {
            row->Failed = true;
            return true;
        }

        at += literal.Length;
        var length = Measure(at, rows.Buffer + row->End, out var ascii);
        if (length < 0 || (!ascii && !Utf8.IsValid(new ReadOnlySpan<byte>(at + 1, length))))
            return false;
        var start = (int)(at - rows.Buffer) + 1;
        row->Position = start + length + 1;
        if (ReferenceEquals(column.Buffer, rows.Source.Buffer))
        {
            column.Starts[row->Number] = start;
            column.Lengths[row->Number] = length;
        }
        else
        {
            column.Set(row->Number, new ReadOnlySpan<byte>(at + 1, length));
        }

        return true;
    }

    /// <summary>
    /// The bytes between the quotes of the string at a place; -1 when it is no string, has escapes or
    /// control characters, or does not end before the limit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Measure(byte* at, byte* limit, out bool ascii)
    {
        var high = 0u;
        // A load starts before the limit, so at most 31 bytes beyond it are read.
        for (var end = at + 1; end < limit; end += Vector256<byte>.Count)
        {
            var block = Vector256.Load(end);
            var stops = (Vector256.Equals(block, Vector256.Create((byte)'"')) | Vector256.Equals(block, Vector256.Create((byte)'\\'))
                | Vector256.LessThan(block, Vector256.Create((byte)0x20))).ExtractMostSignificantBits();
            var highBits = block.ExtractMostSignificantBits();
            if (stops == 0)
            {
                high |= highBits;
                continue;
            }

            end += BitOperations.TrailingZeroCount(stops);
            ascii = (high | (highBits & (stops ^ (stops - 1)))) == 0;
            return *at == (byte)'"' && *end == (byte)'"' && end < limit ? (int)(end - at) - 1 : -1;
        }

        ascii = false;
        return -1;
    }
}

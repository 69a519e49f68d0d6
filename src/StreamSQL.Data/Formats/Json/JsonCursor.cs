using System.Runtime.CompilerServices;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json;

/// <summary>A string as it stands in a JSON text, without its quotes.</summary>
/// <param name="Start">Where it starts in the text.</param>
/// <param name="Length">Bytes, escapes not undone.</param>
/// <param name="Escaped">Whether it holds escapes.</param>
/// <param name="Ascii">Whether all its bytes are ASCII.</param>
internal readonly record struct JsonStringToken(int Start, int Length, bool Escaped, bool Ascii);

/// <summary>
/// A place in one JSON text. Methods that can fail return false and leave the reason in <see cref="Fault"/>: bad records are data, not
/// exceptions. Strictly RFC 8259.
/// </summary>
internal ref struct JsonCursor
{
    /// <summary>How deep objects and arrays that no column type describes may be nested.</summary>
    public const int MaxDepth = 64;

    /// <summary>Creates a cursor before the first byte of a slice.</summary>
    public JsonCursor(byte[] buffer, int start, int length)
    {
        Buffer = buffer;
        Start = start;
        Text = buffer.AsSpan(start, length);
    }

    /// <summary>The buffer that the text is a slice of.</summary>
    public readonly byte[] Buffer;

    /// <summary>Where the slice starts in the buffer.</summary>
    public readonly int Start;

    /// <summary>The text.</summary>
    public readonly ReadOnlySpan<byte> Text;

    /// <summary>The next byte to read.</summary>
    public int Position;

    /// <summary>Why reading failed.</summary>
    public JsonFault Fault;

    /// <summary>The byte at which it failed.</summary>
    public int FaultPosition;

    /// <summary>The column or field that was read when it failed; null outside of any.</summary>
    public string? FaultColumn;

    /// <summary>Its type.</summary>
    public SqlType? FaultType;

    /// <summary>Skips white space; gives the byte after it, 0 at the end (0 is no byte of JSON).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Peek()
    {
        if (Position < Text.Length)
        {
            var value = Text[Position];
            if (value > 0x20)
                return value;
        }

        return PeekBeyondSpace();
    }

    /// <summary>Records a failure at a byte; always false.</summary>
    public bool Fail(JsonFault fault, int position)
    {
        Fault = fault;
        FaultPosition = position;
        return false;
    }

    /// <summary>Records that the byte at the position does not belong there, or that the text ended; always false.</summary>
    public bool FailHere() => Fail(Position < Text.Length ? JsonFault.UnexpectedByte : JsonFault.UnexpectedEnd, Position);

    /// <summary>Reads a given byte after white space.</summary>
    public bool Expect(byte expected)
    {
        if (Peek() != expected)
            return FailHere();
        Position++;
        return true;
    }

    /// <summary>Reads a string; the position is at its quote.</summary>
    public bool ReadString(out JsonStringToken token)
    {
        var start = Position + 1;
        var at = start;
        var escaped = false;
        var ascii = true;
        while (true)
        {
            var distance = JsonScan.FindStringEnd(Text[at..], out var plain);
            ascii &= plain;
            if (distance < 0)
            {
                token = default;
                return Fail(JsonFault.UnexpectedEnd, Text.Length);
            }

            at += distance;
            if (Text[at] == (byte)'"')
                break;
            if (Text[at] != (byte)'\\')
            {
                token = default;
                return Fail(JsonFault.UnexpectedByte, at);
            }

            escaped = true;
            var length = JsonEscapes.Length(Text[at..]);
            if (length == 0)
            {
                token = default;
                return Fail(JsonFault.InvalidEscape, at);
            }

            at += length;
        }

        token = new JsonStringToken(start, at - start, escaped, ascii);
        Position = at + 1;
        return true;
    }

    /// <summary>Reads a member's name and the colon after it, up to the value.</summary>
    public bool ReadName(out JsonStringToken name)
    {
        if (Peek() != (byte)'"')
        {
            name = default;
            return FailHere();
        }

        if (!ReadString(out name) || !Expect((byte)':'))
            return false;
        Peek();
        return true;
    }

    /// <summary>Reads a number; gives its length, and whether it has neither fraction nor exponent.</summary>
    public bool ReadNumber(out ReadOnlySpan<byte> number, out bool whole)
    {
        var length = JsonScan.NumberLength(Text[Position..], out whole);
        number = Text.Slice(Position, length);
        if (length == 0)
            return Fail(JsonFault.InvalidNumber, Position);
        Position += length;
        return true;
    }

    /// <summary>Reads <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public bool ReadWord(ReadOnlySpan<byte> word)
    {
        if (!Text[Position..].StartsWith(word))
            return FailHere();
        Position += word.Length;
        return true;
    }

    /// <summary>Skips a value; the position is at its first byte.</summary>
    public bool SkipValue()
    {
        var first = Position < Text.Length ? Text[Position] : (byte)0;
        return first is (byte)'{' or (byte)'[' ? SkipContainer() : SkipScalar(first);
    }

    /// <summary>Whether nothing but white space is left.</summary>
    public bool ReadEnd() => (Peek() == 0 && Position == Text.Length) || Fail(JsonFault.TrailingBytes, Position);

    private bool SkipScalar(byte first)
    {
        switch (first)
        {
            case (byte)'"':
                return ReadString(out _);
            case (byte)'t':
                return ReadWord("true"u8);
            case (byte)'f':
                return ReadWord("false"u8);
            case (byte)'n':
                return ReadWord("null"u8);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return ReadNumber(out _, out _);
            default:
                return FailHere();
        }
    }

    /// <summary>Skips an object or array without recursion: one bit a level tells which it is.</summary>
    private bool SkipContainer()
    {
        ulong objects = 0;
        var depth = 0;
        while (true)
        {
            var first = Peek();
            if (first is (byte)'{' or (byte)'[')
            {
                if (++depth > MaxDepth)
                    return Fail(JsonFault.TooDeep, Position);
                objects = (objects << 1) | (first == (byte)'{' ? 1UL : 0);
                Position++;
                var next = Peek();
                if (next != Closing(objects))
                {
                    if ((objects & 1) != 0 && !ReadName(out _))
                        return false;
                    continue;
                }
            }
            else if (!SkipScalar(first))
            {
                return false;
            }

            if (!SkipClosings(ref objects, ref depth))
                return false;
            if (depth == 0)
                return true;
        }
    }

    /// <summary>After a value: skips the ends of containers up to a comma (and the name after it) or the end of the outermost.</summary>
    private bool SkipClosings(ref ulong objects, ref int depth)
    {
        while (depth > 0)
        {
            var next = Peek();
            if (next == (byte)',')
            {
                Position++;
                return (objects & 1) == 0 || ReadName(out _);
            }

            if (next != Closing(objects))
                return FailHere();
            Position++;
            objects >>= 1;
            depth--;
        }

        return true;
    }

    private static byte Closing(ulong objects) => (objects & 1) != 0 ? (byte)'}' : (byte)']';

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte PeekBeyondSpace()
    {
        while (Position < Text.Length)
        {
            var value = Text[Position];
            if (value is not ((byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
                return value;
            Position++;
        }

        return 0;
    }
}

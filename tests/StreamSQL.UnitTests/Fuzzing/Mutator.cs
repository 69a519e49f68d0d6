using System.Buffers.Binary;

namespace StreamSQL.UnitTests.Fuzzing;

/// <summary>
/// Changes valid inputs a little: bits, numbers of every width and order, counts, pieces left out, repeated or taken from another input.
/// </summary>
internal sealed class Mutator(Random random)
{
    private const int MaxBytes = 64 * 1024;
    private static readonly long[] _edges =
    [
        0, 1, 2, -1, -2, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x00FFFFFF,
        int.MaxValue, int.MinValue, int.MaxValue - 1L, uint.MaxValue, 1L << 32, long.MaxValue, long.MinValue,
    ];

    /// <summary>Makes an input of a target from its seeds.</summary>
    public byte[] Next(FuzzTarget target)
    {
        byte[] input = Pick(target);
        for (int changes = Changes(); changes > 0; changes--)
            input = target.IsText && random.Next(2) == 0 ? ExchangeWords(input, Pick(target)) : Change(input, target);
        return target.Repair is { } repair && random.Next(8) > 0 ? repair(input) : input;
    }

    private byte[] Pick(FuzzTarget target) => target.Seeds[random.Next(target.Seeds.Count)];

    // Mostly one or two: with many changes nothing gets past the first check.
    private int Changes() => random.Next(16) == 0 ? random.Next(3, 20) : random.Next(1, 4);

    private byte[] Change(byte[] input, FuzzTarget target)
    {
        if (input.Length == 0)
            return Pick(target);
        int at = random.Next(input.Length);
        switch (random.Next(10))
        {
            case 0:
                return With(input, at, static (bytes, r) => bytes[0] ^= (byte)(1 << r.Next(8)));
            case 1:
                return With(input, at, static (bytes, r) => bytes[0] = (byte)r.Next(256));
            case 2 or 3:
                return With(input, at, PutNumber);
            case 4:
                return With(input, at, static (bytes, r) => PutVarInt(bytes, _edges[r.Next(_edges.Length)]));
            case 5:
                return input[..at];
            case 6:
                return Splice(input, at, Piece(input, at), []);
            case 7:
                return Splice(input, at, default, Repeated(Piece(input, at)));
            case 8:
                byte[] other = Pick(target);
                int from = other.Length == 0 ? 0 : random.Next(other.Length);
                return random.Next(2) == 0 ? [.. input[..at], .. other[from..]] : Splice(input, at, default, Piece(other, from));
            default:
                byte[] noise = new byte[random.Next(1, 9)];
                random.NextBytes(noise);
                return Splice(input, at, default, noise);
        }
    }

    private byte[] With(byte[] input, int at, Action<Span<byte>, Random> change)
    {
        byte[] copy = [.. input];
        change(copy.AsSpan(at), random);
        return copy;
    }

    /// <summary>A number at the edge of some type, or near the one that is there, in either byte order.</summary>
    private static void PutNumber(Span<byte> bytes, Random random)
    {
        int width = Math.Min(1 << random.Next(4), bytes.Length);
        Span<byte> whole = stackalloc byte[8];
        bool big = random.Next(2) == 0;
        whole.Clear();
        bytes[..width].CopyTo(big ? whole[(8 - width)..] : whole);
        long old = big ? BinaryPrimitives.ReadInt64BigEndian(whole) : BinaryPrimitives.ReadInt64LittleEndian(whole);
        long value = random.Next(2) == 0 ? _edges[random.Next(_edges.Length)] : old + random.Next(-2, 3);
        if (big)
            BinaryPrimitives.WriteInt64BigEndian(whole, value);
        else
            BinaryPrimitives.WriteInt64LittleEndian(whole, value);
        (big ? whole[(8 - width)..] : whole[..width]).CopyTo(bytes);
    }

    private static void PutVarInt(Span<byte> bytes, long value)
    {
        ulong rest = (ulong)value;
        for (int i = 0; i < bytes.Length && i < 10; i++, rest >>= 7)
        {
            bytes[i] = (byte)(rest > 0x7F ? rest | 0x80 : rest);
            if (rest <= 0x7F)
                return;
        }
    }

    private byte[] Piece(byte[] input, int at) => input[at..Math.Min(input.Length, at + random.Next(1, 64))];

    /// <summary>The piece several times; at times very often, so that limits of depth and count are met.</summary>
    private byte[] Repeated(byte[] piece)
    {
        if (piece.Length == 0)
            return piece;
        int times = random.Next(64) == 0 ? random.Next(1, 4096) : random.Next(1, 6);
        times = Math.Clamp(times, 1, Math.Max(1, MaxBytes / piece.Length));
        byte[] all = new byte[piece.Length * times];
        for (int i = 0; i < times; i++)
            piece.CopyTo(all, i * piece.Length);
        return all;
    }

    private static byte[] Splice(byte[] input, int at, byte[]? left, byte[] put)
    {
        int end = at + (left?.Length ?? 0);
        return input.Length + put.Length > MaxBytes ? input : [.. input[..at], .. put, .. input[end..]];
    }

    /// <summary>Puts a word of another text in the place of one of this, or beside it.</summary>
    private byte[] ExchangeWords(byte[] text, byte[] other)
    {
        (int start, int end) = Word(text);
        (int otherStart, int otherEnd) = Word(other);
        byte[] word = other[otherStart..otherEnd];
        byte[] blank = random.Next(2) == 0 ? [] : [(byte)' '];
        return random.Next(3) switch
        {
            0 => Splice(text, end, default, [.. blank, .. Repeated(word), .. blank]),
            1 => [.. text[..start], .. text[end..]],
            _ => [.. text[..start], .. word, .. text[end..]],
        };
    }

    private (int Start, int End) Word(byte[] text)
    {
        if (text.Length == 0)
            return (0, 0);
        int start = random.Next(text.Length);
        if (!IsWordByte(text[start]))
            return (start, start + 1);
        int end = start;
        while (start > 0 && IsWordByte(text[start - 1]))
            start--;
        while (end < text.Length && IsWordByte(text[end]))
            end++;
        return (start, end);
    }

    private static bool IsWordByte(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)'.' or >= 0x80;
}

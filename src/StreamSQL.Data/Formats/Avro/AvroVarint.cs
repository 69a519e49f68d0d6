namespace StreamSQL.Data.Formats.Avro;

/// <summary>
/// Avro's integers: zig-zag (the sign is the lowest bit), then 7 bits a byte, the lowest first, the top bit set where more follow.
/// </summary>
internal static class AvroVarint
{
    /// <summary>The bytes of the longest.</summary>
    public const int MaxLength = 10;

    /// <summary>Writes a number; returns its bytes. There must be room for <see cref="MaxLength"/>.</summary>
    public static int Write(Span<byte> target, long value)
    {
        var bits = Zig(value);
        var length = 0;
        for (; bits >= 0x80; bits >>= 7)
            target[length++] = (byte)(bits | 0x80);
        target[length++] = (byte)bits;
        return length;
    }

    /// <summary>The number that bits stand for.</summary>
    public static long Zag(ulong bits) => (long)(bits >> 1) ^ -(long)(bits & 1);

    private static ulong Zig(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);
}

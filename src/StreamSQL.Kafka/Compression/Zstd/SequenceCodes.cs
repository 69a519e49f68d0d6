namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>The codes of literal lengths, match lengths and offsets, and their predefined distributions (RFC 8878, 3.1.1.3.2).</summary>
internal static class SequenceCodes
{
    public const int MaxLiteralLengthCode = 35;
    public const int MaxMatchLengthCode = 52;
    public const int MaxOffsetCode = 31;

    public static readonly FseTable LiteralLengths = FseTable.Build(
        [
            4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
        ],
        accuracyLog: 6);

    public static readonly FseTable MatchLengths = FseTable.Build(
        [
            1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
        ],
        accuracyLog: 6);

    public static readonly FseTable Offsets = FseTable.Build(
        [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
        accuracyLog: 5);

    public static readonly FseEncoder LiteralLengthEncoder = new(LiteralLengths, MaxLiteralLengthCode);
    public static readonly FseEncoder MatchLengthEncoder = new(MatchLengths, MaxMatchLengthCode);
    public static readonly FseEncoder OffsetEncoder = new(Offsets, MaxOffsetCode);

    private static ReadOnlySpan<int> LiteralLengthBases =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096,
        8192, 16384, 32768, 65536,
    ];

    private static ReadOnlySpan<byte> LiteralLengthBits =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ];

    private static ReadOnlySpan<int> MatchLengthBases =>
    [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 37, 39,
        41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
    ];

    private static ReadOnlySpan<byte> MatchLengthBits =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1,
        1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ];

    public static int ReadLiteralLength(byte code, ref BackwardBitReader bits) =>
        LiteralLengthBases[code] + bits.Read(LiteralLengthBits[code]);

    public static int ReadMatchLength(byte code, ref BackwardBitReader bits) => MatchLengthBases[code] + bits.Read(MatchLengthBits[code]);

    /// <summary>An offset value: 1 to 3 stand for offsets used before, larger ones for the offset plus 3.</summary>
    public static long ReadOffsetValue(byte code, ref BackwardBitReader bits) => (1L << code) + (uint)bits.Read(code);

    /// <summary>The code of a number of literals.</summary>
    public static int LiteralLengthCode(int length) => CodeOf(length, LiteralLengthBases);

    /// <summary>The code of the length of a match, at least 3.</summary>
    public static int MatchLengthCode(int length) => CodeOf(length, MatchLengthBases);

    public static void WriteLiteralLength(int length, int code, ref BitWriter bits) =>
        bits.Write((uint)(length - LiteralLengthBases[code]), LiteralLengthBits[code]);

    public static void WriteMatchLength(int length, int code, ref BitWriter bits) =>
        bits.Write((uint)(length - MatchLengthBases[code]), MatchLengthBits[code]);

    private static int CodeOf(int value, ReadOnlySpan<int> bases)
    {
        int index = value - bases[0];
        if (index < 16)
            return index; // the first codes stand for one value each
        index = bases.BinarySearch(value);
        return index >= 0 ? index : ~index - 1;
    }
}

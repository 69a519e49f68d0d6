using StreamSQL.Data.Formats;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Decoding;
using static StreamSQL.UnitTests.Data.Formats.Protobuf.Proto;

namespace StreamSQL.UnitTests.Data.Formats.Protobuf;

/// <summary>Records that are cut off or lie about lengths are reported, and leave their neighbours alone.</summary>
public sealed class ProtobufDamageTests
{
    private static readonly FormatField[] Fields =
    [
        Field("I", SqlType.Integer), Field("S", SqlType.Varchar), Field("D", SqlType.Double), Field("DE", SqlType.Decimal(20, 3)),
        Field("TS", SqlType.Timestamp),
        Field("DA", SqlType.Date), Field("T", SqlType.Time), Field("B", SqlType.Bytes), Field("L", SqlType.ArrayOf(SqlType.BigInt)),
        Field("DL", SqlType.ArrayOf(SqlType.Double)),
        Field("M", SqlType.MapOf(SqlType.Varchar, Struct(("X", SqlType.Integer), ("L", SqlType.ArrayOf(SqlType.Varchar))))),
        Field("N", Struct(("X", SqlType.Varchar), ("N", Struct(("Y", SqlType.BigInt))))),
        Field("SL", SqlType.ArrayOf(Struct(("X", SqlType.Integer)))),
    ];

    private static readonly object?[] Row =
    [
        -5, "text", 1.5, (Int128)123_456, 1_500L, 19_000, 86_399_999, new byte[] { 1, 2 }, new object?[] { 1L, -1L, 300L },
        new object?[] { 0.5, 1.0 },
        new KeyValuePair<object, object?>[] { new("a", new object?[] { 1, new object?[] { "x", "y" } }),
            new("b", new object?[] { 2, null }) },
        new object?[] { "inner", new object?[] { 99L } }, new object?[] { new object?[] { 7 }, new object?[] { 8 } },
    ];

    private static byte[] Record() => Encode(FormatFactory.CreateEncoder("PROTOBUF_NOSR", Fields, FormatOptions.Default), Fields,
        Row)[0].ToArray();

    [Fact]
    public void Records_cut_off_at_any_byte_are_read_or_reported()
    {
        var whole = Record();
        var records = Enumerable.Range(0, whole.Length).SelectMany(length => new byte[]?[] { whole, whole[..length] }).ToArray();
        // Nothing lies behind the last byte that a reader could take for more of it.
        var decoded = Run(Decoder(), Fields, Slices(records, slack: 0));
        Enumerable.Range(0, whole.Length).Select(i => decoded.Rows[2 * i]).Distinct().ShouldHaveSingleItem();
        decoded.Failed.ShouldAllBe(row => row % 2 == 1);
        // Cut between fields it is a shorter message; everywhere else it is not one.
        decoded.Failed.Length.ShouldBeGreaterThan(whole.Length / 2);
        decoded.Failed.Length.ShouldBeLessThan(whole.Length);
        foreach (var row in decoded.Failed)
            decoded.Rows[row].ShouldBe(string.Join('|', Fields.Select(_ => "NULL")));
    }

    [Fact]
    public void Any_byte_may_lie()
    {
        var whole = Record();
        var records = new List<byte[]?> { whole };
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var lie in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(whole[at] + 1), (byte)(whole[at] ^ 7) })
            {
                var damaged = whole.ToArray();
                damaged[at] = lie;
                records.Add(damaged);
            }
        }

        records.Add(whole);
        var decoded = Run(Decoder(), Fields, Slices(records, slack: 0));
        decoded.Rows[0].ShouldBe(decoded.Rows[^1]);
        decoded.Failed.ShouldNotBeEmpty();
        decoded.Failed.ShouldNotContain(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_damage_never_breaks_out(int seed)
    {
        var random = new Random(seed);
        var whole = Record();
        var decoder = Decoder();
        for (var round = 0; round < 100; round++)
        {
            var records = Enumerable.Range(0, random.Next(1, 50)).Select(_ => Damage(random, whole)).ToArray();
            var wanted = random.Next(1, 1 << Fields.Length);
            var alone = records.Select(record => Run(Decoder(), Fields, Slices([record], slack: 0), i => (wanted >> i & 1) != 0).Rows[0])
                .ToArray();
            var together = Run(decoder, Fields, Slices(records, slack: 0), i => (wanted >> i & 1) != 0);
            together.Rows.ShouldBe(alone, $"seed {seed}, round {round}");
        }
    }

    private static RecordDecoder Decoder() => FormatFactory.CreateDecoder("PROTOBUF_NOSR", Fields, FormatOptions.Default);

    private static byte[]? Damage(Random random, byte[] whole)
    {
        switch (random.Next(8))
        {
            case 0:
                return null;
            case 1:
                return whole;
            case 2:
                var noise = new byte[random.Next(60)];
                random.NextBytes(noise);
                return noise;
            default:
                var bytes = whole.ToList();
                for (var edits = random.Next(1, 5); edits > 0; edits--)
                {
                    var at = random.Next(bytes.Count);
                    var length = random.Next(Math.Min(8, bytes.Count - at));
                    if (random.Next(2) == 0)
                        bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    else if (random.Next(2) == 0)
                        bytes.RemoveRange(at, Math.Min(length, bytes.Count - 1));
                    else
                        bytes[at] = (byte)random.Next(256);
                }

                return [.. bytes];
        }
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.State;

public class KeyEncoderTests
{
    [Fact]
    public void Encoded_keys_sort_as_the_values_do()
    {
        Ordered(SqlType.BigInt, long.MinValue, -5L, 0L, 7L, long.MaxValue);
        Ordered(SqlType.Integer, int.MinValue, -5, 0, 7, int.MaxValue);
        Ordered(SqlType.Double, double.NegativeInfinity, -2.5, -1e-300, 0.0, 1e-300, 3.0, double.PositiveInfinity, double.NaN);
        Ordered(SqlType.Decimal(30, 2), (Int128)(-70), (Int128)0, (Int128)12);
        Ordered(SqlType.Varchar, "", "a", "a\0", "a\0b", "aa", "b");
        Ordered(SqlType.Boolean, false, true);
    }

    [Fact]
    public void Text_in_front_of_another_column_keeps_its_order_and_its_zeros()
    {
        var texts = new[] { "", "\0", "\0a", "a", "a\0", "a\0\0", "a\u0001", "ab" };
        var keys = texts.SelectMany(static text => new[] { 1L, 2L }.Select(number => new object?[] { text, number })).ToArray();
        var encoded = Encode([SqlType.Varchar, SqlType.BigInt], nullable: false, keys);
        for (var i = 1; i < encoded.Length; i++)
            encoded[i - 1].AsSpan().SequenceCompareTo(encoded[i]).ShouldBeLessThan(0);
        RoundTrips([SqlType.Varchar, SqlType.BigInt], nullable: false, keys);
    }

    [Fact]
    public void Minus_zero_is_zero_and_every_NaN_is_one()
    {
        var encoded = Encode([SqlType.Double], nullable: false, [[0.0], [-0.0], [double.NaN], [BitConverter.Int64BitsToDouble(-1)]]);
        encoded[0].ShouldBe(encoded[1]);
        encoded[2].ShouldBe(encoded[3]);
    }

    [Fact]
    public void Nulls_and_nested_values_round_trip()
    {
        var structType = SqlType.StructOf([new StructField("A", SqlType.Integer), new StructField("B", SqlType.Varchar)]);
        RoundTrips(
            [SqlType.ArrayOf(SqlType.Varchar), SqlType.MapOf(SqlType.Varchar, SqlType.BigInt), structType, SqlType.Varchar], nullable: true,
            [
                [null, null, null, null],
                [new object?[] { "x", null, "" }, new KeyValuePair<object, object?>[] { new("a", 1L), new("b", null) },
                    new object?[] { 1, null }, ""],
                [Array.Empty<object?>(), Array.Empty<KeyValuePair<object, object?>>(), new object?[] { null, "\0" }, "tail"],
            ]);
    }

    [Fact]
    public void Equal_maps_have_equal_keys_whatever_their_order()
    {
        var encoded = Encode([SqlType.MapOf(SqlType.Varchar, SqlType.BigInt)], nullable: false,
        [
            [new KeyValuePair<object, object?>[] { new("a", 1L), new("b", 2L) }],
            [new KeyValuePair<object, object?>[] { new("b", 2L), new("a", 1L) }],
        ]);
        encoded[0].ShouldBe(encoded[1]);
    }

    [Fact]
    public void A_truncated_key_is_refused()
    {
        var encoded = Encode([SqlType.Varchar, SqlType.BigInt], nullable: false, [["ab", 5L]])[0];
        var output = new ChangeBatch([SqlType.Varchar, SqlType.BigInt]);
        output.Reset(1);
        var encoder = new KeyEncoder([SqlType.Varchar, SqlType.BigInt], nullable: false);
        for (var length = 0; length < encoded.Length; length++)
            Should.Throw<InvalidDataException>(() => encoder.Decode(encoded.AsSpan(0, length), output.Columns, 0));
        Should.Throw<InvalidDataException>(() => encoder.Decode([.. encoded, 0], output.Columns, 0));
    }

    private static void Ordered(SqlType type, params object[] ascending)
    {
        var encoded = Encode([type], nullable: true, ascending.Select(static value => new object?[] { value }).ToArray());
        for (var i = 1; i < encoded.Length; i++)
            encoded[i - 1].AsSpan().SequenceCompareTo(encoded[i]).ShouldBeLessThan(0, $"{ascending[i - 1]} and {ascending[i]}");
        RoundTrips([type], nullable: true, ascending.Select(static value => new object?[] { value }).ToArray());
    }

    private static void RoundTrips(SqlType[] types, bool nullable, object?[][] keys)
    {
        var encoder = new KeyEncoder(types, nullable);
        var encoded = Encode(types, nullable, keys);
        var output = new ChangeBatch(types);
        output.Reset(keys.Length);
        for (var i = 0; i < keys.Length; i++)
            encoder.Decode(encoded[i], output.Columns, i);
        Rows.Texts(output).Select(static text => text.Split('@')[0])
            .ShouldBe(Rows.Texts(Rows.Batch(types, keys.Select(static key => Row.At(0, key)).ToArray()))
                .Select(static text => text.Split('@')[0]));
    }

    private static byte[][] Encode(SqlType[] types, bool nullable, object?[][] keys)
    {
        var batch = Rows.Batch(types, keys.Select(static key => Row.At(0, key)).ToArray());
        var target = new KeyBatch();
        new KeyEncoder(types, nullable).Encode(batch.Columns, batch.Selection, target);
        return Enumerable.Range(0, keys.Length).Select(i => target[i].ToArray()).ToArray();
    }
}

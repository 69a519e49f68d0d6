using System.Numerics;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Types;

/// <summary>
/// Values of numeric in columns, as keys and as text. What they come to in SELECTs is among the recorded cases of the conformance tests.
/// </summary>
public sealed class NumericValueTests
{
    // In their order; values on one line are equal.
    private static readonly string[][] s_ordered =
    [
        ["-Infinity"], ["-3e131071"], ["-1e40"], ["-123.5", "-123.50"], ["-123.45"], ["-12"], ["-0.001"], ["0", "0.000", "-0"],
        ["1e-16383"], ["1e-20"],
        ["0.001", "1e-3"], ["0.99"], ["1", "1.0", "1.00000000000000000000000000000000000000000000"], ["1.01"],
        ["9.99"], ["12"], ["123"], ["123.45"],
        ["99999999999999999999999999999999999999"], ["100000000000000000000000000000000000000", "1e38"], ["1e40"], ["3e40000"],
        ["Infinity", "inf"], ["NaN"],
    ];

    [Fact]
    public void Keys_and_comparisons_agree_on_the_order()
    {
        var texts = s_ordered.SelectMany(static (equal, place) => equal.Select(text => (Text: text, Place: place))).ToArray();
        var column = new BytesColumn(SqlType.Numeric);
        column.Reset(texts.Length);
        for (var i = 0; i < texts.Length; i++)
            NumericColumns.Set(column, i, Read(texts[i].Text));
        var keys = texts.Select((_, i) => Ordered(column[i])).ToArray();
        var hashes = texts.Select((_, i) => ColumnValue.Hash(column, i)).ToArray();
        for (var i = 0; i < texts.Length; i++)
        {
            for (var j = 0; j < texts.Length; j++)
            {
                var shown = $"{texts[i].Text} and {texts[j].Text}";
                var order = texts[i].Place.CompareTo(texts[j].Place);
                Math.Sign(ColumnValue.Compare(column, i, column, j)).ShouldBe(order, shown);
                Math.Sign(keys[i].AsSpan().SequenceCompareTo(keys[j])).ShouldBe(order, shown);
                ColumnValue.AreEqual(column, i, column, j).ShouldBe(order == 0, shown);
                (hashes[i] == hashes[j]).ShouldBe(order == 0, shown);
            }
        }
    }

    [Fact]
    public void Columns_and_texts_keep_value_and_scale()
    {
        var random = new Random(5);
        var column = new BytesColumn(SqlType.Numeric);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[random.Next(1, 60)];
            random.NextBytes(bytes);
            var value = new NumericValue(new BigInteger(bytes), random.Next(0, 120));
            column.Reset(1);
            NumericColumns.Set(column, 0, value);
            NumericColumns.Get(column, 0).ShouldBe(value);
            Read(value.ToString()).ShouldBe(value);
        }
    }

    [Fact]
    public void Arithmetic_with_128_bits_is_that_of_long_numbers()
    {
        var random = new Random(7);
        for (var i = 0; i < 5000; i++)
        {
            var (a, b) = (Random(random), Random(random));
            var scale = Math.Max(a.Scale, b.Scale);
            NumericMath.Add(a, b).ShouldBe(new NumericValue(At(a, scale) + At(b, scale), scale));
            NumericMath.Multiply(a, b).ShouldBe(new NumericValue(a.Unscaled * b.Unscaled, a.Scale + b.Scale));
            if (b.IsZero)
                continue;
            NumericMath.Remainder(a, b).ShouldBe(new NumericValue(BigInteger.Remainder(At(a, scale), At(b, scale)), scale));
            // |a - q * b| is at most half of the last digit times b.
            var quotient = NumericMath.Divide(a, b);
            var rest = NumericMath.Subtract(a, NumericMath.Multiply(quotient, b));
            var half = NumericMath.Multiply(b, new NumericValue((Int128)5, quotient.Scale + 1));
            NumericValue.Compare(Absolute(rest), Absolute(half)).ShouldBeLessThanOrEqualTo(0, $"{a} / {b} = {quotient}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("-nan")]
    [InlineData("1_000")]
    [InlineData("1 2")]
    public void Refuses_what_is_no_number(string text) =>
        NumericText.TryParse(Encoding.UTF8.GetBytes(text), out _).ShouldBe(ParseResult.Malformed);

    [Theory]
    [InlineData("1e131072")]
    [InlineData("1e-16384")]
    [InlineData("1e999999999999")]
    public void Refuses_what_has_no_room(string text) =>
        NumericText.TryParse(Encoding.UTF8.GetBytes(text), out _).ShouldBe(ParseResult.OutOfRange);

    private static byte[] Ordered(ReadOnlySpan<byte> value)
    {
        var room = new byte[NumericColumns.OrderedBound(value)];
        return room[..NumericColumns.WriteOrdered(value, room)];
    }

    private static NumericValue Read(string text)
    {
        NumericText.TryParse(Encoding.UTF8.GetBytes(text), out var value).ShouldBe(ParseResult.Ok, text);
        return value;
    }

    private static NumericValue Random(Random random)
    {
        var bytes = new byte[random.Next(1, 20)];
        random.NextBytes(bytes);
        return new(new BigInteger(bytes), random.Next(0, 25));
    }

    private static BigInteger At(in NumericValue value, int scale) => value.Unscaled * BigInteger.Pow(10, scale - value.Scale);

    private static NumericValue Absolute(in NumericValue value) => value.Sign < 0 ? NumericMath.Negate(value) : value;
}

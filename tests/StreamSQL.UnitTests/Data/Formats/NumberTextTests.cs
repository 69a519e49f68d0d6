using System.Globalization;
using System.Text;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Formats.Json.Shapes;
using StreamSQL.Data.Text;

namespace StreamSQL.UnitTests.Data.Formats;

public sealed unsafe class NumberTextTests
{
    [Fact]
    public void Integers_of_every_length_are_written()
    {
        var random = new Random(1);
        Span<byte> text = stackalloc byte[IntegerText.MaxLength];
        for (var i = 0; i < 20_000; i++)
        {
            var value = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            Encoding.ASCII.GetString(text[..IntegerText.Write(text, value)]).ShouldBe(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Powers_of_ten_and_their_neighbours_are_written()
    {
        Span<byte> text = stackalloc byte[IntegerText.MaxLength];
        for (var power = 1L; power > 0 && power <= 1_000_000_000_000_000_000; power *= 10)
        {
            foreach (var value in new[] { power - 1, power, power + 1, -power })
                Encoding.ASCII.GetString(text[..IntegerText.Write(text, value)]).ShouldBe(value.ToString(CultureInfo.InvariantCulture));
            if (power == 1_000_000_000_000_000_000)
                break;
        }
    }

    [Fact]
    public void Doubles_read_back_as_themselves_with_as_few_digits_as_the_framework()
    {
        var random = new Random(2);
        Span<byte> text = stackalloc byte[DoubleText.MaxLength];
        for (var i = 0; i < 20_000; i++)
        {
            var value = (i % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64()),
                1 => random.Next(-100_000_000, 100_000_000) / Math.Pow(10, random.Next(9)),
                2 => random.NextDouble() * Math.Pow(10, random.Next(-10, 12)),
                _ => random.Next(-1000, 1000) / (double)random.Next(1, 30),
            };
            if (!double.IsFinite(value))
                continue;
            foreach (var java in new[] { true, false })
            {
                var written = text[..(java ? DoubleText.WriteJava(text, value) : DoubleText.WritePostgres(text, value))];
                double.Parse(written, CultureInfo.InvariantCulture).ShouldBe(value);
                Digits(Encoding.ASCII.GetString(written)).ShouldBe(Digits(value.ToString("R", CultureInfo.InvariantCulture)));
            }
        }
    }

    [Theory]
    [InlineData(76.54, "76.54", "76.54")] // times 100 it is not whole, times 1000 it is
    [InlineData(-1.23456, "-1.23456", "-1.23456")]
    [InlineData(0.001, "0.001", "0.001")]
    [InlineData(100, "100.0", "100")]
    [InlineData(9_999_999.5, "9999999.5", "9999999.5")]
    public void Doubles_have_no_zeros_behind_their_digits(double value, string java, string postgres)
    {
        Span<byte> text = stackalloc byte[DoubleText.MaxLength];
        Encoding.ASCII.GetString(text[..DoubleText.WriteJava(text, value)]).ShouldBe(java);
        Encoding.ASCII.GetString(text[..DoubleText.WritePostgres(text, value)]).ShouldBe(postgres);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.0")]
    [InlineData("0.1")]
    [InlineData("123456.789")]
    [InlineData("9007199254740993")]
    [InlineData("0.30000000000000004")]
    [InlineData("1e22")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("4.9e-324")]
    [InlineData("0.0000000000000000000000012345")]
    [InlineData("123456789012345678.5")]
    public void Doubles_are_read_correctly_rounded(string text)
    {
        JsonNumber.ParseDouble(Encoding.ASCII.GetBytes(text), out var value).ShouldBe(ParseResult.Ok);
        BitConverter.DoubleToInt64Bits(value).ShouldBe(BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Runs_of_digits_are_read_with_and_without_vectors()
    {
        var random = new Random(3);
        Span<byte> text = stackalloc byte[32];
        for (var count = 0; count <= 15; count++)
        {
            for (var i = 0; i < 200; i++)
            {
                random.NextBytes(text);
                text[count] = ",}\"/: "u8[random.Next(6)];
                for (var d = 0; d < count; d++)
                    text[d] = (byte)('0' + random.Next(10));
                fixed (byte* at = text)
                {
                    var digits = new JsonDigits(at);
                    var expected = count == 0 ? 0 : ulong.Parse(Encoding.ASCII.GetString(text[..count]), CultureInfo.InvariantCulture);
                    digits.Count.ShouldBe(count);
                    digits.ToUInt64().ShouldBe(expected);
                    digits.ToUInt64Portable().ShouldBe(expected);
                }
            }
        }
    }

    /// <summary>The significant digits of a number's text.</summary>
    private static string Digits(string text) =>
        new string([.. text.Split('E', 'e')[0].Where(char.IsAsciiDigit)]).Trim('0');
}

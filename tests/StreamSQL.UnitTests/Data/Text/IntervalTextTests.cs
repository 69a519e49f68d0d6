using System.Text;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Text;

/// <summary>Intervals from and to text; the expected texts are PostgreSQL 15's.</summary>
public sealed class IntervalTextTests
{
    [Theory]
    [InlineData("1 year 2 months 3 days 04:05:06.789", "1 year 2 mons 3 days 04:05:06.789")]
    [InlineData("1-2 3 4:05:06", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("P0001-02-03T04:05:06", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("@ 1 day 2 hours ago", "-1 days -02:00:00")]
    [InlineData("-1 mon +1 day", "-1 mons +1 day")]
    [InlineData("1.5 months", "1 mon 15 days")]
    [InlineData("1.5 weeks", "10 days 12:00:00")]
    [InlineData("1.05 years", "1 year 1 mon")]
    [InlineData("4:05.5", "00:04:05.5")]
    [InlineData("100 hours", "100:00:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("0", "00:00:00")]
    [InlineData("-2147483648 months", "-178956970 years -8 mons")]
    public void Reads_what_PostgreSQL_reads(string text, string written) => Parse(text).ToString().ShouldBe(written);

    [Theory]
    [InlineData("", ParseResult.Malformed)]
    [InlineData("1 2", ParseResult.Malformed)]
    [InlineData("one day", ParseResult.Malformed)]
    [InlineData("P1S", ParseResult.Malformed)]
    [InlineData("1 day ago 2", ParseResult.Malformed)]
    [InlineData("61:99", ParseResult.OutOfRange)]
    [InlineData("3000000000 years", ParseResult.OutOfRange)]
    [InlineData("99999999999999999999 days", ParseResult.OutOfRange)]
    public void Refuses_what_is_no_interval(string text, ParseResult result) =>
        IntervalParser.TryParse(Encoding.UTF8.GetBytes(text), IntervalFields.All, out _).ShouldBe(result);

    [Fact]
    public void A_month_is_30_days_and_a_day_24_hours_where_intervals_are_compared()
    {
        (Parse("1 mon") == Parse("30 days")).ShouldBeTrue();
        (Parse("1 day") == Parse("24:00")).ShouldBeTrue();
        (Parse("1 mon") < Parse("30 days 00:00:00.000001")).ShouldBeTrue();
        Parse("1 mon").GetHashCode().ShouldBe(Parse("720:00").GetHashCode());
    }

    [Theory]
    [InlineData("1 mon", 2.5, "2 mons 15 days")]
    [InlineData("21 days", 1.5, "31 days 12:00:00")]
    [InlineData("1 mon 1 day 01:00", -0.5, "-15 days -12:30:00")]
    public void Fractions_of_months_are_days_and_of_days_hours(string text, double factor, string product)
    {
        Parse(text).TryMultiply(factor, out var result).ShouldBeTrue();
        result.ToString().ShouldBe(product);
    }

    private static Interval Parse(string text)
    {
        IntervalParser.TryParse(Encoding.UTF8.GetBytes(text), IntervalFields.All, out var value).ShouldBe(ParseResult.Ok, text);
        return value;
    }
}

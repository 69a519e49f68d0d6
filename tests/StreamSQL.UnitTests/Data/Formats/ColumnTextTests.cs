using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Formats;

public sealed class ColumnTextTests
{
    [Theory]
    [InlineData(0, "0.0", "0")]
    [InlineData(-0.0, "-0.0", "-0")]
    [InlineData(100, "100.0", "100")]
    [InlineData(0.1, "0.1", "0.1")]
    [InlineData(-122.4194, "-122.4194", "-122.4194")]
    [InlineData(1e10, "1.0E10", "10000000000")]
    [InlineData(9999999, "9999999.0", "9999999")]
    [InlineData(1e7, "1.0E7", "10000000")]
    [InlineData(1.5e15, "1.5E15", "1.5e+15")]
    [InlineData(123456789012345, "1.23456789012345E14", "123456789012345")]
    [InlineData(0.001, "0.001", "0.001")]
    [InlineData(0.00099, "9.9E-4", "0.00099")]
    [InlineData(0.00001, "1.0E-5", "1e-05")]
    [InlineData(4.9E-324, "4.9E-324", "5e-324")]
    [InlineData(2.2250738585072014E-308, "2.2250738585072014E-308", "2.2250738585072014e-308")]
    [InlineData(double.MaxValue, "1.7976931348623157E308", "1.7976931348623157e+308")]
    [InlineData(double.NaN, "NaN", "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity", "-Infinity")]
    public void Doubles_are_laid_out_as_java_and_postgres_do(double value, string java, string postgres)
    {
        Text(SqlType.Double, value, TextStyle.Ksql).ShouldBe(java);
        Text(SqlType.Double, value, TextStyle.Postgres).ShouldBe(postgres);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(9L)]
    [InlineData(10L)]
    [InlineData(-99L)]
    [InlineData(100L)]
    [InlineData(999_999_999_999_999_999L)]
    [InlineData(1_000_000_000_000_000_000L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Integers_survive_the_round_trip(long value)
    {
        Text(SqlType.BigInt, value, TextStyle.Ksql).ShouldBe(value.ToString());
        IntegerText.TryParse(Encoding.ASCII.GetBytes(value.ToString()), out var parsed).ShouldBe(ParseResult.Ok);
        parsed.ShouldBe(value);
    }

    [Theory]
    [InlineData("0", 4, 2, "0.00")]
    [InlineData("-0.05", 4, 2, "-0.05")]
    [InlineData("12.30", 4, 1, "12.3")]
    [InlineData("1e2", 5, 0, "100")]
    [InlineData("12345678901234567890123456789012345678", 38, 0, "12345678901234567890123456789012345678")]
    [InlineData("-0.00000000000000000000000000000000000001", 38, 38, "-0.00000000000000000000000000000000000001")]
    [InlineData("1000000000000000000.5", 20, 1, "1000000000000000000.5")]
    public void Decimals_keep_their_scale(string text, int precision, int scale, string expected)
    {
        var column = Column.Create(SqlType.Decimal(precision, scale));
        column.Reset(1);
        ColumnWriter.WriteText(column, 0, Encoding.UTF8.GetBytes(text));
        ColumnText.ToText(column, 0, TextStyle.Ksql).ShouldBe(expected);
    }

    [Theory]
    [InlineData("1.25", ParseResult.OutOfRange)]
    [InlineData("100", ParseResult.OutOfRange)]
    [InlineData("1e400", ParseResult.OutOfRange)]
    [InlineData("", ParseResult.Malformed)]
    [InlineData(".", ParseResult.Malformed)]
    [InlineData("1e", ParseResult.Malformed)]
    [InlineData("1x", ParseResult.Malformed)]
    public void Decimals_that_do_not_fit_are_refused(string text, object expected) =>
        DecimalText.TryParseExact(Encoding.UTF8.GetBytes(text), 3, 1, out _).ShouldBe((ParseResult)expected);

    [Theory]
    [InlineData("9223372036854775807.9", ParseResult.Ok, long.MaxValue)]
    [InlineData("-1.9999999999999999999999999999999999999999", ParseResult.Ok, -1)]
    [InlineData("0.00012e5", ParseResult.Ok, 12)]
    [InlineData("1e-400", ParseResult.Ok, 0)]
    [InlineData("9223372036854775808", ParseResult.OutOfRange, 0)]
    [InlineData("1e400", ParseResult.OutOfRange, 0)]
    public void Fractions_are_cut_off(string text, ParseResult expected, long whole)
    {
        DecimalText.TryParseTruncated(Encoding.ASCII.GetBytes(text), out var value).ShouldBe(expected);
        if (expected == ParseResult.Ok)
            value.ShouldBe(whole);
    }

    [Fact]
    public void Dates_and_times_have_both_styles()
    {
        Text(SqlType.Date, 11323, TextStyle.Postgres).ShouldBe("2001-01-01");
        Text(SqlType.Date, -719_163, TextStyle.Postgres).ShouldBe("0001-12-31 BC");
        Text(SqlType.Time, 5000, TextStyle.Ksql).ShouldBe("00:00:05");
        Text(SqlType.Time, 60_000, TextStyle.Ksql).ShouldBe("00:01");
        Text(SqlType.Time, 60_010, TextStyle.Postgres).ShouldBe("00:01:00.01");
        Text(SqlType.Timestamp, 10L, TextStyle.Ksql).ShouldBe("1970-01-01T00:00:00.010");
        Text(SqlType.Timestamp, 978_307_200_000L, TextStyle.Postgres).ShouldBe("2001-01-01 00:00:00+00");
        Text(SqlType.Timestamp, -1L, TextStyle.Postgres).ShouldBe("1969-12-31 23:59:59.999+00");
        Text(SqlType.Interval, new Interval(0, 1, 7_384_500_000), TextStyle.Postgres).ShouldBe("1 day 02:03:04.5");
    }

    [Theory]
    [InlineData("2001-01-01 00:47", 978_310_020_000)]
    [InlineData("2001-01-01T00:47:00.5Z", 978_310_020_500)]
    [InlineData("2001-01-01 02:47:00+02", 978_310_020_000)]
    [InlineData("2001-01-01", 978_307_200_000)]
    public void Instants_are_read(string text, long millis)
    {
        DateTimeText.TryParseTimestamp(Encoding.UTF8.GetBytes(text), out var parsed).ShouldBe(ParseResult.Ok);
        parsed.ShouldBe(millis);
    }

    [Theory]
    [InlineData("2001-02-29")]
    [InlineData("2001-13-01")]
    [InlineData("2001-01-01 24:00")]
    [InlineData("2001-01-01x")]
    [InlineData("")]
    public void Dates_that_are_none_are_refused(string text) =>
        DateTimeText.TryParseTimestamp(Encoding.UTF8.GetBytes(text), out _).ShouldNotBe(ParseResult.Ok);

    [Fact]
    public void The_end_of_a_day_is_read_where_it_is_allowed()
    {
        DateTimeText.TryParseTimestamp("2001-01-01 24:00"u8, out var millis, endOfDay: true).ShouldBe(ParseResult.Ok);
        millis.ShouldBe(978_393_600_000);
    }

    [Fact]
    public void Civil_dates_agree_with_the_framework()
    {
        for (var day = -700_000; day < 2_900_000; day += 997)
        {
            var date = new DateTime(1970, 1, 1).AddDays(day);
            CivilCalendar.Date(day).ShouldBe((date.Year, date.Month, date.Day));
            CivilCalendar.DayNumber(date.Year, date.Month, date.Day).ShouldBe(day);
        }
    }

    [Fact]
    public void Nested_values_have_both_styles()
    {
        var list = SqlType.ArrayOf(SqlType.Varchar);
        object?[] words = ["a b", null, "x", "", "q\"t"];
        Text(list, words, TextStyle.Postgres).ShouldBe("{\"a b\",NULL,x,\"\",\"q\\\"t\"}");
        Text(list, words, TextStyle.Ksql).ShouldBe("[a b, null, x, , q\"t]");
        var structs = SqlType.StructOf([new("F0", SqlType.Integer), new("f1", list), new("T", SqlType.Timestamp)]);
        object?[] fields = [1, new object?[] { "u" }, null];
        Text(structs, fields, TextStyle.Ksql).ShouldBe("Struct{F0=1,f1=[u]}");
        Text(structs, fields, TextStyle.Postgres).ShouldBe("{\"F0\": 1, \"f1\": [\"u\"], \"T\": null}");
        var map = SqlType.MapOf(SqlType.Varchar, SqlType.Double);
        KeyValuePair<object, object?>[] entries = [new("a", 1.0), new("b", null)];
        Text(map, entries, TextStyle.Ksql).ShouldBe("{a=1.0, b=null}");
        Text(map, entries, TextStyle.Postgres).ShouldBe("{\"a\": 1, \"b\": null}");
    }

    [Fact]
    public void Bytes_have_both_styles_and_are_read_from_hex()
    {
        Text(SqlType.Bytes, new byte[] { 1, 0xAB }, TextStyle.Postgres).ShouldBe("\\x01ab");
        Text(SqlType.Bytes, new byte[] { 33 }, TextStyle.Ksql).ShouldBe("IQ==");
        var column = new BytesColumn(SqlType.Bytes);
        column.Reset(1);
        ColumnWriter.WriteText(column, 0, "\\x01AB"u8);
        column[0].ToArray().ShouldBe([1, 0xAB]);
        Should.Throw<SqlException>(() => ColumnWriter.WriteText(column, 0, "\\x0"u8)).SqlState.ShouldBe("22P02");
    }

    [Fact]
    public void Text_that_is_no_value_of_the_type_is_refused_with_its_state()
    {
        var ints = Column.Create(SqlType.Integer);
        ints.Reset(1);
        Should.Throw<SqlException>(() => ColumnWriter.WriteText(ints, 0, "x"u8)).SqlState.ShouldBe("22P02");
        Should.Throw<SqlException>(() => ColumnWriter.WriteText(ints, 0, "2147483648"u8)).SqlState.ShouldBe("22003");
        Should.Throw<ArgumentException>(() => ColumnWriter.Write(ints, 0, "text"));
        var flags = Column.Create(SqlType.Boolean);
        flags.Reset(1);
        Should.Throw<SqlException>(() => ColumnWriter.WriteText(flags, 0, "o"u8)).SqlState.ShouldBe("22P02");
    }

    private static string? Text(SqlType type, object? value, TextStyle style)
    {
        var column = Column.Create(type);
        column.Reset(1);
        ColumnWriter.Write(column, 0, value);
        return ColumnText.ToText(column, 0, style);
    }
}

using System.Globalization;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;
using StreamSQL.UnitTests.Postgres.Support;

namespace StreamSQL.UnitTests.Postgres;

/// <summary>Values as PostgreSQL 15 sends them (the expected bytes were taken from it), and the way back as parameters.</summary>
public sealed class CodecTests
{
    private static readonly SqlType s_price = SqlType.Decimal(12, 2);

    public static TheoryData<string, object, string, string> Values() => new()
    {
        { "bool", true, "t", "01" },
        { "bool", false, "f", "00" },
        { "int2", -2, "-2", "fffe" },
        { "int4", 2147483647, "2147483647", "7fffffff" },
        { "int8", long.MinValue, "-9223372036854775808", "8000000000000000" },
        { "oid", 4294967295L, "4294967295", "ffffffff" },
        { "float8", 1.5, "1.5", "3ff8000000000000" },
        { "float8", 1e15, "1e+15", "430c6bf526340000" },
        { "float8", 0.00001, "1e-05", "3ee4f8b588e368f1" },
        { "float8", double.NaN, "NaN", "7ff8000000000000" },
        { "float8", double.NegativeInfinity, "-Infinity", "fff0000000000000" },
        { "text", "naïve", "naïve", "6e61c3af7665" },
        { "bytea", new byte[] { 0, 255 }, "\\x00ff", "00ff" },
        { "date", 11323, "2001-01-01", "0000016e" },
        { "date", -719_893, "0002-01-01 BC", "fff4d91e" },
        { "time in millis", 45_296_789, "12:34:56.789", "0000000a8be62608" },
        { "time", 45_296_789_001, "12:34:56.789001", "0000000a8be62609" },
        { "timetz", new ZonedTime(36_000_500_000, 9000).Packed, "10:00:00.5+02:30", "0000000861cc0920ffffdcd8" },
        { "timetz", new ZonedTime(86_399_999_999, -57_540).Packed, "23:59:59.999999-15:59", "000000141dd75fff0000e0c4" },
        { "timestamptz", 978_307_200_500, "2001-01-01 00:00:00.5+00", "00001cc2a9f2e120" },
        { "date", int.MaxValue, "infinity", "7fffffff" },
        { "timestamptz in micros", 978_307_200_500_001, "2001-01-01 00:00:00.500001+00", "00001cc2a9f2e121" },
        { "timestamptz in micros", long.MinValue, "-infinity", "8000000000000000" },
        { "timestamp", 978_307_200_500_001, "2001-01-01 00:00:00.500001", "00001cc2a9f2e121" },
        { "interval", new Interval(0, 1, 3_661_000_000), "1 day 01:01:01", "00000000da366d400000000100000000" },
        { "interval", new Interval(-14, 3, -1), "-1 years -2 mons +3 days -00:00:00.000001", "ffffffffffffffff00000003fffffff2" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Values_travel_as_postgres_has_them(string typeName, object value, string text, string binary)
    {
        var type = TypeOf(typeName);
        if (type.Physical == PhysicalKind.Int64 && value is int small)
            value = (long)small;
        var codec = PgCodec.For(type, TextSettings.Default);
        Write(type, value, codec.WriteText).ShouldBe(Encoding.UTF8.GetBytes(text),
            Encoding.UTF8.GetString(Write(type, value, codec.WriteText)));
        Convert.ToHexStringLower(Write(type, value, codec.WriteBinary)).ShouldBe(binary);

        var parameter = PgCodec.ForParameter(PgTypes.Of(type).Oid, TextSettings.Default)!;
        parameter.Adapt(parameter.ReadBinary(Convert.FromHexString(binary)), type, TextSettings.Default).ShouldBe(value);
        parameter.Adapt(parameter.ReadText(Encoding.UTF8.GetBytes(text)), type, TextSettings.Default).ShouldBe(value);
    }

    [Theory]
    [InlineData("0", "0.00", "0000000000000002")]
    [InlineData("12345", "123.45", "000200000000000200" + "7b1194")]
    [InlineData("-1", "-0.01", "0001ffff40000002" + "0064")]
    [InlineData("100000000", "1000000.00", "0001000100000002" + "0064")]
    [InlineData("999999999999", "9999999999.99", "0004000200000002" + "0063270f270f26ac")]
    public void Numbers_travel_in_base_ten_thousand(string unscaled, string text, string binary)
    {
        var value = Int128.Parse(unscaled, CultureInfo.InvariantCulture);
        var codec = PgCodec.For(s_price, TextSettings.Default);
        Encoding.UTF8.GetString(Write(s_price, value, codec.WriteText)).ShouldBe(text);
        Convert.ToHexStringLower(Write(s_price, value, codec.WriteBinary)).ShouldBe(binary);
        codec.TypeModifier.ShouldBe((12 << 16) + 2 + 4);
        ParameterValue.Convert(NumericCodec.OfAnyScale.ReadBinary(Convert.FromHexString(binary)), s_price).ShouldBe(value);
        ParameterValue.Convert(NumericCodec.OfAnyScale.ReadText(Encoding.UTF8.GetBytes(text)), s_price).ShouldBe(value);
    }

    [Theory]
    [InlineData("NaN", "00000000c0000000")]
    [InlineData("Infinity", "00000000d0000020")]
    [InlineData("-Infinity", "00000000f0000020")]
    [InlineData("1.50", "000200000000000200011388")]
    [InlineData("1.0", "00010000000000010001")]
    [InlineData("0.000", "0000000000000003")]
    [InlineData("-0.00000000000000000001", "0001fffb400000140001")]
    [InlineData("0.00012", "0002ffff00000005000107d0")]
    [InlineData("10000000000000000000000000000000000000000", "0001000a000000000001")]
    [InlineData("123456789012345678901234567890123456789012345678901.5",
        "000e000c00000001007b11d722c509291a85007b11d722c509291a85007b11d722c51388")]
    public void Numerics_keep_their_scale(string text, string binary)
    {
        var type = SqlType.Numeric;
        var codec = PgCodec.For(type, TextSettings.Default);
        var value = ParameterValue.Convert(NumericCodec.OfAnyScale.ReadText(Encoding.UTF8.GetBytes(text)), type);
        Encoding.UTF8.GetString(Write(type, value, codec.WriteText)).ShouldBe(text);
        Convert.ToHexStringLower(Write(type, value, codec.WriteBinary)).ShouldBe(binary);
        codec.TypeModifier.ShouldBe(-1);
        ParameterValue.Convert(NumericCodec.OfAnyScale.ReadBinary(Convert.FromHexString(binary)), type).ShouldBe(value);
    }

    [Theory]
    [InlineData("1.005", "101")]
    [InlineData("-1.005", "-101")]
    [InlineData("12e-1", "120")]
    [InlineData("1e3", "100000")]
    public void Numeric_parameters_are_rounded_half_away_from_zero(string text, string unscaled) =>
        ParameterValue.Convert(text, s_price).ShouldBe(Int128.Parse(unscaled, CultureInfo.InvariantCulture));

    [Fact]
    public void Arrays_have_a_dimension_and_nulls()
    {
        var type = SqlType.ArrayOf(SqlType.Integer);
        var codec = PgCodec.For(type, TextSettings.Default);
        object value = new object?[] { 1, null, 3 };
        Encoding.UTF8.GetString(Write(type, value, codec.WriteText)).ShouldBe("{1,NULL,3}");
        var binary = Write(type, value, codec.WriteBinary);
        Convert.ToHexStringLower(binary)
            .ShouldBe("0000000100000001000000170000000300000001" + "0000000400000001" + "ffffffff" + "0000000400000003");
        codec.ReadBinary(binary).ShouldBe(value);
        codec.ReadText("{1, NULL,3}"u8).ShouldBe(value);
        var texts = PgCodec.ForParameter(PgTypes.Text.ArrayOid, TextSettings.Default)!;
        texts.ReadText("""{a,"b,\"c\\",""}"""u8).ShouldBe(new object?[] { "a", "b,\"c\\", "" });
        texts.ReadText("{}"u8).ShouldBe(Array.Empty<object?>());
    }

    [Fact]
    public void Timestamps_are_shown_and_read_in_the_session_zone()
    {
        var settings =
            TextSettings.Default with { Forms = new(TimeZoneInfo.CreateCustomTimeZone("half", TimeSpan.FromMinutes(-210), null, null)) };
        var codec = PgCodec.For(SqlType.Timestamp, settings);
        Encoding.UTF8.GetString(Write(SqlType.Timestamp, 978_307_200_000L, codec.WriteText)).ShouldBe("2000-12-31 20:30:00-03:30");
        codec.ReadText("2000-12-31 20:30:00"u8).ShouldBe(978_307_200_000L);
        codec.ReadText("2001-01-01T00:00:00Z"u8).ShouldBe(978_307_200_000L);
        codec.ReadText("2001-01-01 02:00:00+02"u8).ShouldBe(978_307_200_000L);
    }

    [Fact]
    public void Times_without_a_zone_become_instants_in_the_session_zone()
    {
        var settings =
            TextSettings.Default with { Forms = new(TimeZoneInfo.CreateCustomTimeZone("half", TimeSpan.FromMinutes(-210), null, null)) };
        var plain = PgCodec.ForParameter(PgTypes.Timestamp.Oid, settings)!;
        plain.Adapt(plain.ReadText("2000-12-31 20:30:00"u8), SqlType.Timestamp, TextSettings.Default).ShouldBe(978_307_200_000L);
        plain.Adapt(plain.ReadText("2000-12-31 20:30:00"u8), SqlType.TimestampTz, TextSettings.Default).ShouldBe(978_307_200_000_000L);
        var date = PgCodec.ForParameter(PgTypes.Date.Oid, settings)!;
        date.Adapt(date.ReadText("2001-01-01"u8), SqlType.PlainTimestamp, TextSettings.Default).ShouldBe(978_307_200_000_000L);
        date.Adapt(date.ReadText("2001-01-01"u8), SqlType.Date, TextSettings.Default).ShouldBe(11323);
    }

    [Theory]
    [InlineData(16u, "maybe", "22P02")]
    [InlineData(21u, "40000", "22003")]
    [InlineData(23u, "2147483648", "22003")]
    [InlineData(20u, "99999999999999999999", "22003")]
    [InlineData(20u, "1.5", "22P02")]
    [InlineData(17u, "\\x0g", "22P02")]
    [InlineData(701u, "1e999", "22003")]
    [InlineData(1082u, "yesterday-ish", "22007")]
    [InlineData(1184u, "2001-13-01", "22008")]
    [InlineData(1184u, "2001-01-01 10:00 Foo/Bar", "22023")]
    [InlineData(1184u, "2001-01-01 10:00+16", "22009")]
    [InlineData(1186u, "1 fortnight", "22007")]
    [InlineData(1186u, "3000000000 years", "22015")]
    [InlineData(1007u, "{1,{2}}", "22P02")]
    [InlineData(1007u, "{1", "22P02")]
    [InlineData(3802u, "{\"a\":", "22P02")]
    [InlineData(2950u, "x", "22P02")]
    public void Bad_text_is_refused(uint oid, string text, string sqlState) =>
        Should.Throw<SqlException>(() => PgCodec.ForParameter(oid,
            TextSettings.Default)!.ReadText(Encoding.UTF8.GetBytes(text))).SqlState.ShouldBe(sqlState);

    [Fact]
    public void Bytes_of_any_length_are_read_or_refused_and_nothing_else()
    {
        var random = new Random(7432);
        foreach (var type in PgTypes.ByOid.Values)
        {
            if (PgCodec.ForParameter(type.Oid, TextSettings.Default) is not { } codec)
                continue;
            for (var i = 0; i < 200; i++)
            {
                var bytes = new byte[random.Next(32)];
                random.NextBytes(bytes);
                for (var at = 0; at < bytes.Length; at++)
                    bytes[at] = random.Next(2) == 0 ? (byte)random.Next(3) : bytes[at];
                ReadOrRefuse(() => codec.ReadBinary(bytes));
                ReadOrRefuse(() => codec.ReadText(bytes));
            }
        }
    }

    private static void ReadOrRefuse(Func<object> read)
    {
        try
        {
            read();
        }
        catch (SqlException)
        {
            return;
        }
    }

    private static SqlType TypeOf(string name) => name switch
    {
        "time in millis" => SqlType.Time,
        "timestamptz" => SqlType.Timestamp,
        "timestamptz in micros" => SqlType.TimestampTz,
        _ => PgTypes.ToSqlType(PgTypes.ByName[name].Oid)!,
    };

    private static byte[] Write(SqlType type, object value, WriteValue write)
    {
        var column = Column.Create(type);
        column.Reset(3);
        Batches.Set(column, 1, value);
        using var output = new OutputBuffer();
        write(output, column, 1);
        return output.Written.ToArray();
    }

    private delegate void WriteValue(OutputBuffer output, Column column, int row);
}

using StreamSQL.Data.Formats;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Decoding;

namespace StreamSQL.UnitTests.Data.Formats;

public sealed class JsonDecoderTests
{
    private static readonly FormatField[] AllTypes =
    [
        Field("BO", SqlType.Boolean), Field("I", SqlType.Integer), Field("B", SqlType.BigInt), Field("D", SqlType.Double),
        Field("DE", SqlType.Decimal(6, 2)), Field("S", SqlType.Varchar), Field("BY", SqlType.Bytes), Field("T", SqlType.Time),
        Field("DA", SqlType.Date), Field("TS", SqlType.Timestamp),
    ];

    [Fact]
    public void All_scalar_types_are_read()
    {
        var result = Run(AllTypes,
            """{"BO":true,"I":-1,"B":9223372036854775807,"D":0.1,"DE":12.5,"S":"x","BY":"IQ==","T":5000,"DA":1,"TS":10}""",
            """ { "TS" : 10 , "BO" : false , "I":0,"B":-9223372036854775808,"D":-1e3 } """);
        result.Failed.ShouldBeEmpty(result.Reason);
        result.Rows[0].ShouldBe("true|-1|9223372036854775807|0.1|12.50|x|IQ==|00:00:05|1970-01-02|1970-01-01T00:00:00.010");
        result.Rows[1].ShouldBe("false|0|-9223372036854775808|-1000.0|NULL|NULL|NULL|NULL|NULL|1970-01-01T00:00:00.010");
    }

    [Theory]
    [InlineData("""{"B":"12"}""", "12")]
    [InlineData("""{"B":1.9}""", "1")]
    [InlineData("""{"B":-1.9e1}""", "-19")]
    [InlineData("""{"B":null}""", "NULL")]
    [InlineData("""{}""", "NULL")]
    [InlineData("""null""", "NULL")]
    [InlineData("""{"b":5}""", "5")]
    [InlineData("""{"b":5,"B":6}""", "6")]
    [InlineData("""{"B":6,"b":5}""", "6")]
    [InlineData("""{"B":null,"b":5}""", "NULL")]
    [InlineData("""{"B":1,"B":2}""", "2")]
    [InlineData("""{"B":1,"B":null}""", "NULL")]
    [InlineData("""{"\u0042":7}""", "7")]
    [InlineData("""{"x":[{"B":1},[[]],{},"\"}"],"B":2,"y":{"B":3}}""", "2")]
    public void Members_are_matched_and_numbers_converted(string json, string expected)
    {
        var result = Run([Field("B", SqlType.BigInt)], json);
        result.Failed.ShouldBeEmpty(result.Reason);
        result.Rows[0].ShouldBe(expected);
    }

    [Theory]
    [InlineData("\"a\"", "a")]
    [InlineData("\"\"", "")]
    [InlineData("\"a\\u00e9\\n\\\"\\ud83d\\ude00é\"", "aé\n\"😀é")]
    [InlineData("12.50", "12.50")]
    [InlineData("true", "true")]
    [InlineData("{\"a\": [1, \"x y\"] }", "{\"a\":[1,\"x y\"]}")]
    [InlineData("[]", "[]")]
    public void Any_value_is_text(string value, string expected)
    {
        var result = Run([Field("S", SqlType.Varchar)], $"{{\"S\":{value}}}", "{\"S\":\"plain\"}",
            "{\"S\":\"a longer text than sixteen\"}");
        result.Failed.ShouldBeEmpty(result.Reason);
        result.Rows.ShouldBe([expected, "plain", "a longer text than sixteen"]);
    }

    [Theory]
    [InlineData("""{"I":"x"}""", "column I, byte 5: the JSON value is not a INTEGER")]
    [InlineData("""{"I":2147483648}""", "column I, byte 5: the number does not fit INTEGER")]
    [InlineData("""{"I":true}""", "column I, byte 5: the JSON value is not a INTEGER")]
    [InlineData("""{"I":[1]}""", "column I, byte 5: the JSON value is not a INTEGER")]
    [InlineData("""{"I":01}""", "column I, byte 5: not a JSON number")]
    [InlineData("""{"I":1""", "byte 6: the JSON text ends too early")]
    [InlineData("""{"I":1,}""", "byte 7: this byte does not belong here in JSON")]
    [InlineData("""{"I" 1}""", "byte 5: this byte does not belong here in JSON")]
    [InlineData("""{"I":1} x""", "byte 8: there is more text after the JSON value")]
    [InlineData("", "byte 0: the JSON text ends too early")]
    [InlineData("[1]", "byte 0: this byte does not belong here in JSON")]
    [InlineData("""{"BO":"true"}""", "column BO, byte 6: the JSON value is not a BOOLEAN")]
    [InlineData("""{"DE":1.255}""", "column DE, byte 6: the number does not fit DECIMAL(6, 2)")]
    [InlineData("""{"S":"\ud83d"}""", "column S, byte 6: invalid escape in a JSON string")]
    [InlineData("""{"S":"\x"}""", "column S, byte 6: invalid escape in a JSON string")]
    [InlineData("{\"S\":\"a\nb\"}", "column S, byte 7: this byte does not belong here in JSON")]
    [InlineData("""{"BY":"***"}""", "column BY, byte 6: not base64")]
    [InlineData("""{"T":86400000}""", "column T, byte 5: the number does not fit TIME")]
    [InlineData("""{"D":1e999}""", "column D, byte 5: the number does not fit DOUBLE")]
    [InlineData("""{"x":nul}""", "byte 5: this byte does not belong here in JSON")]
    public void A_bad_record_is_reported_and_null(string json, string reason)
    {
        var result = Run(AllTypes, """{"I":1}""", json, """{"I":2}""");
        result.Failed.ShouldBe([1]);
        result.Reason.ShouldBe(reason);
        result.Rows[1].ShouldBe("NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
        result.Rows[2].ShouldStartWith("NULL|2|NULL");
    }

    [Fact]
    public void Invalid_utf8_fails_only_where_it_is_read()
    {
        FormatField[] fields = [Field("S", SqlType.Varchar), Field("X", SqlType.Varchar)];
        byte[] record = [.. "{\"S\":\"ok\",\"X\":\"longer than sixteen bytes: "u8, 0xC3, 0x28, .. "\"}"u8];
        Decoding.Run(Decoder(fields), fields, Slices([record])).Reason.ShouldBe("column X, byte 15: not UTF-8");
        Decoding.Run(Decoder(fields), fields, Slices([record]), wanted: i => i == 0).Rows.ShouldBe(["ok"]);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        var fine = new string('[', 64) + new string(']', 64);
        var result = Run([Field("I", SqlType.Integer)], $"{{\"x\":{fine},\"I\":1}}", $"{{\"x\":[{fine}],\"I\":1}}");
        result.Rows[0].ShouldBe("1");
        result.Failed.ShouldBe([1]);
        result.Reason.ShouldContain("nested more than 64 deep");
    }

    [Fact]
    public void Nested_types_are_read()
    {
        var point = SqlType.StructOf([new("LAT", SqlType.Double), new("Tags", SqlType.ArrayOf(SqlType.Varchar))]);
        FormatField[] fields =
        [
            Field("P", point), Field("A", SqlType.ArrayOf(SqlType.ArrayOf(SqlType.Integer))),
            Field("M", SqlType.MapOf(SqlType.Varchar, SqlType.BigInt)),
            Field("PS", SqlType.ArrayOf(point)),
        ];
        var result = Run(fields,
            """{"P":{"lat":1.5,"Tags":["a\n","bb",null]},"A":[[1,2],[],null,[3]],"M":{"x":1,"y":null,"x":3},"PS":[{"LAT":1},{},null]}""",
            """{"P":null,"A":[],"M":{},"PS":[{"Tags":["q"]}]}""",
            """{"P":{"LAT":"no"}}""");
        result.Rows[0].ShouldBe(
            "Struct{LAT=1.5,Tags=[a\n, bb, null]}|[[1, 2], [], null, [3]]|{x=3, y=null}|[Struct{LAT=1.0}, Struct{}, null]");
        result.Rows[1].ShouldBe("NULL|[]|{}|[Struct{Tags=[q]}]");
        result.Failed.ShouldBe([2]);
        result.Reason.ShouldBe("column P->LAT, byte 12: the JSON value is not a DOUBLE");
    }

    [Fact]
    public void Maps_with_many_equal_names_keep_the_last()
    {
        var members = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"k{i % 100}\":{i}"));
        var result = Run([Field("M", SqlType.MapOf(SqlType.Varchar, SqlType.Integer))], $"{{\"M\":{{{members}}}}}");
        result.Failed.ShouldBeEmpty(result.Reason);
        result.Rows[0].ShouldStartWith("{k0=900, k1=901,");
        result.Rows[0].Split(',').Length.ShouldBe(100);
    }

    [Fact]
    public void Single_values_stand_alone_when_unwrapped()
    {
        FormatField[] fields = [Field("K", SqlType.Integer)];
        var decoder = FormatFactory.CreateDecoder("JSON", fields, new FormatOptions { IsKey = true });
        var result = Decoding.Run(decoder, fields, Slices("5", "null", null, "\"7\"", "{}", "5 5"));
        result.Rows.ShouldBe(["5", "NULL", "NULL", "7", "NULL", "NULL"]);
        result.Failed.ShouldBe([4, 5]);
        result.Reason.ShouldBe("column K, byte 0: the JSON value is not a INTEGER");
    }

    [Fact]
    public void Records_with_ever_new_names_are_read()
    {
        var records = Enumerable.Range(0, 2000).Select(i => (string?)$"{{\"n{i}\":1,\"V\":{i},\"m{i}\":2}}").ToArray();
        FormatField[] fields = [Field("V", SqlType.Integer)];
        var result = Decoding.Run(Decoder(fields), fields, Slices(records));
        result.Failed.ShouldBeEmpty();
        result.Rows.ShouldBe(Enumerable.Range(0, 2000).Select(i => i.ToString()));
    }

    private static RecordDecoder Decoder(FormatField[] fields) => FormatFactory.CreateDecoder("JSON", fields, FormatOptions.Default);

    private static Decoded Run(FormatField[] fields, params string?[] records) => Decoding.Run(Decoder(fields), fields, Slices(records));
}

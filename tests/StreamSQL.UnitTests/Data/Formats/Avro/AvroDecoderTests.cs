using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Avro.AvroData;

namespace StreamSQL.UnitTests.Data.Formats.Avro;

/// <summary>Bytes worked out by hand from the specification.</summary>
public sealed class AvroDecoderTests
{
    private const string Decimal42 = "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}";

    private static string Record(string fields) => $"{{\"type\":\"record\",\"name\":\"R\",\"fields\":[{fields}]}}";

    [Fact]
    public void Integers_are_zig_zag_varints()
    {
        Value("\"int\"", SqlType.Integer, 0x00).ShouldBe("0");
        Value("\"int\"", SqlType.Integer, 0x01).ShouldBe("-1");
        Value("\"int\"", SqlType.Integer, 0x02).ShouldBe("1");
        Value("\"int\"", SqlType.Integer, 0x7F).ShouldBe("-64");
        Value("\"int\"", SqlType.Integer, 0x80, 0x01).ShouldBe("64");
        Value("\"int\"", SqlType.Integer, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F).ShouldBe("-2147483648");
        Value("\"int\"", SqlType.Integer, 0x80, 0x80, 0x80, 0x80, 0x10).ShouldBe("column V: the value is out of range of INTEGER");
        Value("\"int\"", SqlType.BigInt, 0x80, 0x80, 0x80, 0x80, 0x10).ShouldBe("column V: the value is out of range of BIGINT");
        Value("\"long\"", SqlType.BigInt, 0x80, 0x80, 0x80, 0x80, 0x10).ShouldBe("2147483648");
        Value("\"long\"", SqlType.BigInt, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01).ShouldBe("-9223372036854775808");
        Value("\"long\"", SqlType.BigInt, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01).ShouldBe("9223372036854775807");
        Value("\"long\"", SqlType.BigInt, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02)
            .ShouldBe("column V: an integer has more than 64 bits");
        Value("\"long\"", SqlType.BigInt, 0x80, 0x00).ShouldBe("0");
    }

    [Fact]
    public void Simple_types_are_read_as_they_are()
    {
        Value("\"boolean\"", SqlType.Boolean, 1).ShouldBe("true");
        Value("\"boolean\"", SqlType.Boolean, 2).ShouldBe("column V: a boolean is neither 0 nor 1");
        Value("\"double\"", SqlType.Double, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F).ShouldBe("1.5");
        Value("\"float\"", SqlType.Double, 0, 0, 0xC0, 0x3F).ShouldBe("1.5");
        Value("\"string\"", SqlType.Varchar, 0x06, 0x66, 0x6F, 0x6F).ShouldBe("foo");
        Value("\"string\"", SqlType.Varchar, 0x02, 0xFF).ShouldBe("column V: not UTF-8");
        Value("\"bytes\"", SqlType.Bytes, 0x02, 0x21).ShouldBe("IQ==");
        Value("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}", SqlType.Bytes, 0x21).ShouldBe("IQ==");
        Value("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", SqlType.Varchar, 0x02).ShouldBe("B");
        Value("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", SqlType.Varchar, 0x04)
            .ShouldBe("column V: the enum has no such symbol");
        Value("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", SqlType.Varchar, 0x01)
            .ShouldBe("column V: the enum has no such symbol");
    }

    [Fact]
    public void Decimals_are_big_endian_and_must_fit_exactly()
    {
        Value(Decimal42, SqlType.Decimal(4, 2), 0x04, 0x19, 0x79).ShouldBe("65.21");
        Value(Decimal42, SqlType.Decimal(4, 2), 0x02, 0xFF).ShouldBe("-0.01");
        Value(Decimal42, SqlType.Decimal(4, 2), 0x00).ShouldBe("0.00");
        Value(Decimal42, SqlType.Decimal(4, 2), 0x0A, 0xFF, 0xFF, 0xFF, 0xE6, 0x87).ShouldBe("-65.21");
        Value(Decimal42, SqlType.Decimal(4, 2), 0x04, 0x27, 0x10).ShouldBe("column V: the value is out of range of DECIMAL(4, 2)");
        Value(Decimal42, SqlType.Decimal(6, 3), 0x04, 0x19, 0x79).ShouldBe("65.210");
        Value(Decimal42, SqlType.Decimal(4, 1), 0x04, 0x19, 0x78).ShouldBe("65.2");
        Value(Decimal42, SqlType.Decimal(4, 1), 0x04, 0x19, 0x79).ShouldBe("column V: the value is out of range of DECIMAL(4, 1)");
        Value("{\"type\":\"fixed\",\"name\":\"F\",\"size\":4,\"logicalType\":\"decimal\",\"precision\":8,\"scale\":2}",
            SqlType.Decimal(8, 2), 0xFF, 0xFF, 0xE6, 0x87)
            .ShouldBe("-65.21");
        byte[] seventeen = [0x22, 0xFF, .. Enumerable.Repeat((byte)0xFF, 15), 0x01];
        Value("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":38}", SqlType.Decimal(38, 0), seventeen).ShouldBe("-255");
        seventeen[1] = 0;
        Value("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":38}", SqlType.Decimal(38, 0), seventeen)
            .ShouldContain("out of range");
    }

    [Fact]
    public void Times_are_read_from_the_units_of_the_writer()
    {
        Value("{\"type\":\"int\",\"logicalType\":\"date\"}", SqlType.Date, 0x02).ShouldBe("1970-01-02");
        Value("{\"type\":\"int\",\"logicalType\":\"time-millis\"}", SqlType.Time, 0xD0, 0x0F).ShouldBe("00:00:01");
        Value("{\"type\":\"int\",\"logicalType\":\"time-millis\"}", SqlType.Time, 0x01).ShouldContain("out of range");
        Value("{\"type\":\"long\",\"logicalType\":\"time-micros\"}", SqlType.Time, 0x80, 0x89, 0x7A).ShouldBe("00:00:01");
        Value("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", SqlType.Timestamp, 0x14).ShouldBe("1970-01-01T00:00:00.010");
        Value("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", SqlType.Timestamp, 0x80, 0x89, 0x7A)
            .ShouldBe("1970-01-01T00:00:01.000");
        Value("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", SqlType.Timestamp, 0x01).ShouldBe("1969-12-31T23:59:59.999");
        Value("{\"type\":\"long\",\"logicalType\":\"local-timestamp-millis\"}", SqlType.Timestamp, 0x14)
            .ShouldBe("1970-01-01T00:00:00.010");
        Value("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", SqlType.BigInt, 0x02).ShouldBe("1");
        Value("{\"type\":\"int\",\"logicalType\":\"date\"}", SqlType.Timestamp, 0x02)
            .ShouldBe("column V: Avro int cannot be read as TIMESTAMP");
        Value("{\"type\":\"fixed\",\"name\":\"U\",\"size\":16,\"logicalType\":\"uuid\"}", SqlType.Varchar, 0, 0x11, 0x22, 0x33, 0x44, 0x55,
            0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF)
            .ShouldBe("00112233-4455-6677-8899-aabbccddeeff");
    }

    [Fact]
    public void Arrays_and_maps_come_in_blocks_with_or_without_their_size()
    {
        var list = SqlType.ArrayOf(SqlType.BigInt);
        Value("{\"type\":\"array\",\"items\":\"long\"}", list, 0x04, 0x06, 0x36, 0x00).ShouldBe("[3, 27]");
        Value("{\"type\":\"array\",\"items\":\"long\"}", list, 0x03, 0x04, 0x06, 0x36, 0x02, 0x01, 0x00).ShouldBe("[3, 27, -1]");
        Value("{\"type\":\"array\",\"items\":\"long\"}", list, 0x00).ShouldBe("[]");
        Value("{\"type\":\"array\",\"items\":[\"null\",\"long\"]}", list, 0x04, 0x02, 0x36, 0x00, 0x00).ShouldBe("[27, null]");
        var map = SqlType.MapOf(SqlType.Varchar, SqlType.Integer);
        Value("{\"type\":\"map\",\"values\":\"int\"}", map, 0x04, 0x02, 0x61, 0x02, 0x02, 0x62, 0x04, 0x02, 0x02, 0x63, 0x06, 0x00)
            .ShouldBe("{a=1, b=2, c=3}");
        Value("{\"type\":\"map\",\"values\":\"int\"}", map, 0x04, 0x02, 0x61, 0x02, 0x02, 0x62, 0x04, 0x02, 0x02, 0x61, 0x06, 0x00)
            .ShouldBe("{a=3, b=2}");
        const string Entries =
            "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"E\",\"connect.internal.type\":\"MapEntry\",\"fields\":["
            + "{\"name\":\"key\",\"type\":[\"null\",\"string\"]},{\"name\":\"value\",\"type\":[\"null\",\"int\"]}]}}";
        Value(Entries, map, 0x04, 0x02, 0x02, 0x61, 0x02, 0x02, 0x02, 0x02, 0x62, 0x00, 0x00).ShouldBe("{a=1, b=null}");
        Value(Entries, map, 0x02, 0x00, 0x00, 0x00).ShouldBe("column V: a map's key is null");
        Value(Entries, SqlType.ArrayOf(SqlType.StructOf([new("KEY", SqlType.Varchar), new("VALUE", SqlType.Integer)])), 0x02, 0x02, 0x02,
            0x61, 0x02, 0x02, 0x00)
            .ShouldBe("[Struct{KEY=a,VALUE=1}]");
        var many = Enumerable.Range(0, 20).SelectMany(i => new byte[] { 0x02, (byte)('a' + (i % 15)), (byte)(2 * i) });
        Value("{\"type\":\"map\",\"values\":\"int\"}", map, [0x28, .. many, 0x00])
            .ShouldBe("{" + string.Join(", ", Enumerable.Range(0, 15).Select(i => $"{(char)('a' + i)}={(i < 5 ? i + 15 : i)}")) + "}");
    }

    [Theory]
    [InlineData("\"boolean\"", "BOOLEAN VARCHAR")]
    [InlineData("\"int\"", "INTEGER BIGINT DOUBLE VARCHAR TIME DATE TIMESTAMP")]
    [InlineData("\"long\"", "INTEGER BIGINT DOUBLE VARCHAR TIME DATE TIMESTAMP")]
    [InlineData("\"float\"", "DOUBLE VARCHAR")]
    [InlineData("\"double\"", "DOUBLE VARCHAR")]
    [InlineData("\"bytes\"", "VARCHAR BYTES")]
    [InlineData("\"string\"", "VARCHAR BYTES")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":16}", "BYTES")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":16,\"logicalType\":\"uuid\"}", "VARCHAR BYTES")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "VARCHAR")]
    [InlineData(Decimal42, "DECIMAL BYTES")]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"date\"}", "INTEGER BIGINT DOUBLE VARCHAR DATE")]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"time-millis\"}", "INTEGER BIGINT DOUBLE VARCHAR TIME")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"time-micros\"}", "INTEGER BIGINT DOUBLE VARCHAR TIME")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", "INTEGER BIGINT DOUBLE VARCHAR TIMESTAMP")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", "INTEGER BIGINT DOUBLE VARCHAR TIMESTAMP")]
    [InlineData("{\"type\":\"array\",\"items\":\"int\"}", "ARRAY")]
    [InlineData("{\"type\":\"map\",\"values\":\"int\"}", "MAP")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}", "STRUCT")]
    public void Types_are_read_as_others_by_the_table(string writer, string readable)
    {
        SqlType[] types =
        [
            SqlType.Boolean, SqlType.Integer, SqlType.BigInt, SqlType.Double, SqlType.Decimal(4, 2), SqlType.Varchar, SqlType.Bytes,
            SqlType.Time, SqlType.Date,
            SqlType.Timestamp, SqlType.ArrayOf(SqlType.Integer), SqlType.MapOf(SqlType.Varchar, SqlType.Integer),
            SqlType.StructOf([new("A", SqlType.Integer)]),
        ];
        foreach (var type in types)
        {
            // Zeros are a value of every type but the enum's and the record's, which have fewer bytes.
            var reason = Value(writer, type, new byte[16]);
            reason.Contains("cannot be read as", StringComparison.Ordinal)
                .ShouldBe(!readable.Split(' ').Contains(type.Kind.ToString().ToUpperInvariant()), $"{type}: {reason}");
        }
    }

    [Fact]
    public void Simple_values_become_text_as_Java_prints_them()
    {
        Value("\"boolean\"", SqlType.Varchar, 1).ShouldBe("true");
        Value("\"int\"", SqlType.Varchar, 0x7F).ShouldBe("-64");
        Value("\"double\"", SqlType.Varchar, 0, 0, 0, 0, 0, 0, 0x24, 0x40).ShouldBe("10.0");
        Value("\"float\"", SqlType.Varchar, 0xCD, 0xCC, 0xCC, 0x3D).ShouldBe("0.1");
        Value("\"long\"", SqlType.Integer, 0x80, 0x80, 0x80, 0x80, 0x10).ShouldContain("out of range");
    }

    [Fact]
    public void Fields_are_found_in_any_case_and_those_not_wanted_are_skipped()
    {
        var schema = Record(
            "{\"name\":\"a\",\"type\":\"string\"},{\"name\":\"skipped\",\"type\":[\"null\",\"string\"]},{\"name\":\"Array\",\"type\":{\"type\":\"array\",\"items\":\"string\"}}," +
            "{\"name\":\"f\",\"type\":\"float\"},{\"name\":\"inner\",\"type\":{\"type\":\"record\",\"name\":\"I\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"self\",\"type\":[\"null\",\"I\"]}]}}," +
            "{\"name\":\"b\",\"type\":[\"long\",\"null\"]},{\"name\":\"B\",\"type\":\"int\"}");
        byte[] record = [0x02, 0x78, 0x02, 0x02, 0x79, 0x01, 0x04, 0x02, 0x7A, 0x00, 1, 2, 3, 4, 0x02, 0x02, 0x04, 0x00, 0x00, 0x36, 0x04];
        FormatField[] fields = [new("B", SqlType.Integer), new("A", SqlType.Varchar), new("b", SqlType.BigInt),
            new("MISSING", SqlType.Double)];
        Decode(schema, fields, [record]).Rows.ShouldBe(["2|x|27|NULL"]);
        Decode(schema, fields, [record], wanted: i => i == 2).Rows.ShouldBe(["27"]);
        Decode(schema, fields, [record], wanted: i => i == 3).Rows.ShouldBe(["NULL"]);
        Decode(schema,
            [new("INNER", SqlType.StructOf([new("SELF", SqlType.StructOf([new("X", SqlType.Integer)])), new("X", SqlType.BigInt)]))],
            [record])
            .Rows.ShouldBe(["Struct{SELF=Struct{X=2},X=1}"]);
    }

    [Fact]
    public void Unions_are_null_one_type_or_a_struct_of_their_branches()
    {
        FormatField[] fields =
            [new("U", SqlType.StructOf([new("STRING", SqlType.Varchar), new("INT", SqlType.Integer),
                new("P", SqlType.StructOf([new("X", SqlType.Integer)]))]))];
        var schema =
            Record(
                "{\"name\":\"u\",\"type\":[\"null\",\"string\",\"int\",{\"type\":\"record\",\"name\":\"n.P\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]},\"double\"]}");
        Decode(schema, fields, [[0x00], [0x02, 0x02, 0x61], [0x04, 0x02], [0x06, 0x0E], [0x08, 0, 0, 0, 0, 0, 0, 0, 0], [0x0A]])
            .ShouldSatisfyAllConditions(
                static d => d.Rows.ShouldBe([
                    "NULL", "Struct{STRING=a}", "Struct{INT=1}", "Struct{P=Struct{X=7}}",
                    "Struct{}", "NULL",
                ]),
                static d => d.Failed.ShouldBe([5]),
                static d => d.Reason.ShouldBe("column U: the union has no such branch"));
        var number = Decode(Record("{\"name\":\"u\",\"type\":[\"int\",\"null\",\"double\",\"string\"]}"), [new("U", SqlType.Double)],
            [[0x00, 0x02], [0x02], [0x04, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F], [0x06, 0x00]]);
        number.Rows.ShouldBe(["1.0", "NULL", "1.5", "NULL"]);
        number.Failed.ShouldBe([3]);
        number.Reason.ShouldBe("column U: Avro string cannot be read as DOUBLE");
    }

    [Fact]
    public void A_readers_schema_gives_defaults_and_aliases()
    {
        var writer =
            Record(
                "{\"name\":\"old\",\"type\":\"int\"},{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}}");
        var reader = Record(
            "{\"name\":\"x\",\"type\":\"long\",\"aliases\":[\"old\"]},{\"name\":\"s\",\"type\":\"string\",\"default\":\"none\"},{\"name\":\"n\",\"type\":[\"null\",\"int\"],\"default\":null}," +
            "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":\"int\"},\"default\":[1,2]},{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"Z\"],\"default\":\"Z\"}}," +
            "{\"name\":\"d\",\"type\":" + Decimal42 + ",\"default\":\"\\u0019y\"}");
        FormatField[] fields =
        [
            new("X", SqlType.BigInt), new("S", SqlType.Varchar), new("N", SqlType.Integer), new("L", SqlType.ArrayOf(SqlType.Integer)),
            new("E", SqlType.Varchar),
            new("D", SqlType.Decimal(4, 2)),
        ];
        Decode(writer, fields, [[0x0E, 0x00], [0x0E, 0x02]],
            reader: reader).Rows.ShouldBe(["7|none|NULL|[1, 2]|A|65.21", "7|none|NULL|[1, 2]|Z|65.21"]);
        Decode(writer, fields, [[0x0E, 0x02]]).Rows.ShouldBe(["NULL|NULL|NULL|NULL|B|NULL"]);
    }

    [Fact]
    public void Rows_fail_alone_and_only_for_what_is_wanted()
    {
        var schema = Record("{\"name\":\"a\",\"type\":\"string\"},{\"name\":\"b\",\"type\":\"int\"}");
        FormatField[] fields = [new("A", SqlType.Integer), new("B", SqlType.Integer)];
        var mixed = Decode(schema, [new("A", SqlType.Varchar), new("B", SqlType.Integer)],
            [[0x02, 0x61, 0x02], null, [0x02, 0xFF, 0x02], [0x02, 0x61], [0x00, 0x02, 0x00]]);
        mixed.Rows.ShouldBe(["a|1", "NULL|NULL", "NULL|NULL", "NULL|NULL", "NULL|NULL"]);
        mixed.Failed.ShouldBe([2, 3, 4]);
        mixed.Reason.ShouldBe("column A: not UTF-8");
        Decode(schema, fields, [[0x02, 0x61, 0x02]], wanted: i => i == 1).Rows.ShouldBe(["1"]);
        Decode(schema, fields, [[0x02, 0x61, 0x02]]).Reason.ShouldBe("column A: Avro string cannot be read as INTEGER");
        Decode(schema, fields, [[0x02, 0x61, 0x02, 0x00]], wanted: i => i == 1).Reason.ShouldBe("there are bytes after the record");
        Should.Throw<SqlException>(() => Decode("\"int\"", fields, [])).Message.ShouldBe(
            "the Avro schema is int, but the columns need a record");
    }

    [Fact]
    public void A_record_may_be_null()
    {
        FormatField[] fields = [new("A", SqlType.Integer)];
        var result = Decode($"[\"null\",{Record("{\"name\":\"a\",\"type\":\"int\"}")}]", fields,
            [[0x00], [0x02, 0x0E], [0x04], [0x00, 0x00]]);
        result.Rows.ShouldBe(["NULL", "7", "NULL", "NULL"]);
        result.Failed.ShouldBe([2, 3]);
        Decode(Record(""), fields, [[], []]).Rows.ShouldBe(["NULL", "NULL"]);
    }

    [Fact]
    public void Skipping_has_a_bound_of_depth()
    {
        var schema = Record("{\"name\":\"l\",\"type\":[\"null\",\"R\"]}");
        byte[] Nested(int depth) => [.. Enumerable.Repeat((byte)0x02, depth), 0x00];
        FormatField[] fields = [new("OTHER", SqlType.Integer)];
        Decode(schema, fields, [Nested(50)]).Failed.ShouldBeEmpty();
        Decode(schema, fields, [Nested(100_000)]).Reason.ShouldBe("values are too deep inside each other");
    }
}

using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Protobuf.Reading;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Decoding;
using static StreamSQL.UnitTests.Data.Formats.Protobuf.Proto;

namespace StreamSQL.UnitTests.Data.Formats.Protobuf;

public sealed class ProtobufDecoderTests
{
    /// <summary>Fields and bytes as the specification of the encoding has them.</summary>
    [Theory]
    [InlineData("int32 a = 1;", "08 96 01", "150")]
    [InlineData("int32 a = 1;", "08 FF FF FF FF FF FF FF FF FF 01", "-1")]
    [InlineData("int32 a = 1;", "08 FF FF FF FF 0F", "-1")]
    [InlineData("int64 a = 1;", "08 80 80 80 80 80 80 80 80 80 01", "-9223372036854775808")]
    [InlineData("uint32 a = 1;", "08 FF FF FF FF 0F", "4294967295")]
    [InlineData("uint64 a = 1;", "08 FF FF FF FF FF FF FF FF FF 01", "-1")]
    [InlineData("sint32 a = 1;", "08 03", "-2")]
    [InlineData("sint32 a = 1;", "08 FF FF FF FF 0F", "-2147483648")]
    [InlineData("sint64 a = 1;", "08 FE FF FF FF FF FF FF FF FF 01", "9223372036854775807")]
    [InlineData("fixed32 a = 1;", "0D FF FF FF FF", "4294967295")]
    [InlineData("sfixed32 a = 1;", "0D FF FF FF FF", "-1")]
    [InlineData("fixed64 a = 1;", "09 01 00 00 00 00 00 00 00", "1")]
    [InlineData("sfixed64 a = 1;", "09 FF FF FF FF FF FF FF FF", "-1")]
    [InlineData("double a = 1;", "09 00 00 00 00 00 00 F8 3F", "1.5")]
    [InlineData("float a = 1;", "0D 00 00 C0 3F", "1.5")]
    [InlineData("bool a = 1;", "08 01", "true")]
    [InlineData("bool a = 1;", "08 80 00", "false")]
    [InlineData("string b = 2;", "12 07 74 65 73 74 69 6E 67", "testing")]
    [InlineData("bytes b = 2;", "12 02 FF 00", "/wA=")]
    [InlineData("M2 c = 3; message M2 { int32 a = 1; }", "1A 03 08 96 01", "Struct{a=150}")]
    [InlineData("repeated int32 f = 6;", "32 06 03 8E 02 9E A7 05", "[3, 270, 86942]")]
    [InlineData("repeated int32 f = 6 [packed = false];", "30 03 32 03 8E 02 04 30 05", "[3, 270, 4, 5]")]
    [InlineData("repeated double f = 1;", "0A 10 00 00 00 00 00 00 F8 3F 00 00 00 00 00 00 00 40", "[1.5, 2.0]")]
    [InlineData("repeated string e = 5;", "2A 01 61 2A 00 2A 01 62", "[a, , b]")]
    [InlineData("map<string, int32> g = 7;", "3A 05 0A 01 61 10 01 3A 03 0A 01 62 3A 00", "{a=1, b=0, =0}")]
    [InlineData("E e = 1; enum E { ZERO = 0; ONE = 1; UNO = 1; }", "08 01", "ONE")]
    [InlineData("E e = 1; enum E { ZERO = 0; }", "08 FF FF FF FF FF FF FF FF FF 01", "-1")]
    [InlineData("repeated E e = 1; enum E { ZERO = 0; ONE = 1; }", "0A 02 01 00", "[ONE, ZERO]")]
    public void Values_are_read_as_specified(string body, string hex, string text)
    {
        var decoded = Decode(Message(body), hex);
        decoded.Reason.ShouldBe("");
        decoded.Rows.ShouldBe([text]);
    }

    [Theory]
    [InlineData("google.protobuf.Timestamp", "", "0")]
    [InlineData("google.protobuf.Timestamp", "08 01 10 80 84 AF 5F", "1200")]
    [InlineData("google.protobuf.Timestamp", "08 FF FF FF FF FF FF FF FF FF 01 10 80 CA B5 EE 01", "-500")]
    [InlineData("google.type.Date", "08 D0 0F 10 02 18 1D", "11016")]
    [InlineData("google.type.TimeOfDay", "08 17 10 3B 18 3B 20 C0 8F AE DC 03", "86399999")]
    [InlineData("google.protobuf.StringValue", "", "")]
    [InlineData("google.protobuf.StringValue", "0A 01 61", "a")]
    [InlineData("google.protobuf.DoubleValue", "09 00 00 00 00 00 00 F8 3F", "1.5")]
    public void Messages_stand_for_values(string type, string hex, string value)
    {
        var message = Message($"{type} a = 1;", "import \"google/protobuf/timestamp.proto\"; import \"google/protobuf/wrappers.proto\"; "
            + "import \"google/type/date.proto\"; import \"google/type/timeofday.proto\";");
        var sqlType = Columns(message)[0].Type;
        var inner = Bytes(hex);
        var decoded = Decode(message, $"0A {inner.Length:X2} {hex}", "");
        decoded.Reason.ShouldBe("");
        var expected = sqlType.Kind is SqlTypeKind.Timestamp or SqlTypeKind.Date
            or SqlTypeKind.Time ? TextOf(sqlType, long.Parse(value)) : value;
        decoded.Rows.ShouldBe([expected, "NULL"]);
    }

    [Theory]
    [InlineData("0A 02 30 39 18 02", "123.45")]
    [InlineData("0A 01 FF 18 02", "-0.01")]
    [InlineData("0A 03 12 D6 44 18 04", "123.45")]
    [InlineData("18 01", "0.00")]
    [InlineData("0A 01 07 18 FF FF FF FF FF FF FF FF FF 01", "70.00")]
    [InlineData("0A 03 12 D6 45 18 04", null)]
    [InlineData("0A 03 0F 42 40 18 02", null)]
    [InlineData("0A 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", null)]
    [InlineData("0A 01 01 18 80 80 80 80 F8 FF FF FF FF 01", null)]
    [InlineData("0A 01 01 18 FF FF FF FF 07", null)]
    public void Decimals_must_fit_exactly(string hex, string? text)
    {
        var message = Message(
            "confluent.type.Decimal a = 1 [(confluent.field_meta) = { params: [{ key: \"precision\", value: \"5\" }, { key: \"scale\", " +
                "value: \"2\" }] }];",
            "import \"confluent/type/decimal.proto\";");
        var decoded = Decode(message, $"0A {Bytes(hex).Length:X2} {hex}");
        decoded.Rows.ShouldBe([text ?? "NULL"]);
        decoded.Reason.ShouldBe(text is null ? "column a, byte 0: the value does not fit the column's type" : "");
    }

    [Fact]
    public void Absent_fields_are_defaults_or_null()
    {
        var message = Message(
            "int32 i = 1; string s = 2; bytes b = 3; double d = 4; bool t = 5; E e = 6; repeated int32 l = 7; map<string, int32> m = 8; "
            + "optional int32 oi = 9; optional string os = 10; N n = 11; google.protobuf.Int32Value w = 12; enum E { FIRST = 0; } message N { int32 x = 1; }",
            "import \"google/protobuf/wrappers.proto\";");
        Decode(message, "", null, "48 00 52 00 5A 00 62 00").Rows.ShouldBe([
            "0|||0.0|false|FIRST|[]|{}|NULL|NULL|NULL|NULL", string.Join('|', Enumerable.Repeat("NULL", 12)),
            "0|||0.0|false|FIRST|[]|{}|0||Struct{x=0}|0"]);
    }

    [Fact]
    public void Proto2_fields_have_their_declared_defaults()
    {
        var message = Parse("""
            message M {
              optional int32 i = 1 [default = -0x10]; optional string s = 2 [default = "é"]; optional bytes b = 3 [default = "\377a"];
              optional double d = 4 [default = 1e3]; optional bool t = 5 [default = true]; optional E e = 6 [default = B]; optional float f = 7 [default = inf];
              enum E { A = 1; B = 2; }
            }
            """).Messages[0];
        Decode(message, "", "08 00").Rows.ShouldBe(["-16|é|/2E=|1000.0|true|B|Infinity", "0|é|/2E=|1000.0|true|B|Infinity"]);
    }

    [Fact]
    public void The_last_value_counts_and_messages_are_merged()
    {
        var message = Message("int32 a = 1; N n = 2; string s = 3; message N { int32 x = 1; repeated int32 l = 2; string s = 3; }");
        Decode(message, "08 01 12 04 08 05 10 01 1A 01 61 12 05 10 02 1A 01 62 08 02 1A 01 63").Rows.ShouldBe(
            ["2|Struct{x=5,l=[1, 2],s=b}|c"]);
    }

    [Fact]
    public void The_last_entry_of_a_key_counts()
    {
        Decode(Message("map<string, string> m = 1;"),
            "0A 06 0A 01 61 12 01 78 0A 06 0A 01 62 12 01 79 0A 06 0A 01 61 12 01 7A 0A 06 0A 01 63 12 01 77")
            .Rows.ShouldBe(["{a=z, b=y, c=w}"]);
        // Value before key, and a key that is not there.
        Decode(Message("map<string, N> m = 1; message N { repeated int32 l = 1; }"),
            "0A 07 12 02 08 01 0A 01 61 0A 02 12 00 0A 07 0A 01 61 12 02 08 02 0A 03 0A 01 62")
            .Rows.ShouldBe(["{a=Struct{l=[2]}, =Struct{l=[]}, b=null}"]);
    }

    [Fact]
    public void Of_a_oneof_the_last_member_counts()
    {
        var message = Message("oneof pick { int32 a = 1; string b = 2; N n = 3; } int32 z = 4; message N { int32 x = 1; }");
        string?[] records = ["", "08 00", "08 01 12 01 61", "12 01 61 08 01", "1A 02 08 05 1A 00", "08 01 20 07 1A 00"];
        Decode(message, records).Rows.ShouldBe([
            "NULL|0", "Struct{a=0}|0", "Struct{b=a}|0", "Struct{a=1}|0",
            "Struct{n=Struct{x=5}}|0", "Struct{n=Struct{x=0}}|7"]);
        FormatField[] flat = [Field("A", SqlType.Integer), Field("B", SqlType.Varchar)];
        Decode(message, flat, records).Rows.ShouldBe(["NULL|NULL", "0|NULL", "NULL|a", "1|NULL", "NULL|NULL", "NULL|NULL"]);
        // A member that no column wants still takes the others away.
        var only = Run(new ProtobufDecoder(message, flat), flat, Slices(records.Select(r => (byte[]?)Bytes(r!))), i => i == 0);
        only.Rows.ShouldBe(["NULL", "0", "NULL", "1", "NULL", "NULL"]);
    }

    [Fact]
    public void What_is_not_known_is_skipped()
    {
        var message = Message("int32 a = 1; int32 far = 100000;");
        Decode(message, "10 80 01 19 00 00 00 00 00 00 00 00 22 02 08 05 2D 00 00 00 00 08 07").Rows.ShouldBe(["7|0"]);
        Decode(message, "13 08 05 1B 08 06 1C 14 08 07").Rows.ShouldBe(["7|0"]);
        Decode(message, "80 EA 30 09").Rows.ShouldBe(["0|9"]);
        // Another wire type is another field.
        Decode(message, "08 07 0A 01 08 0D 01 00 00 00").Rows.ShouldBe(["7|0"]);
    }

    [Fact]
    public void Fields_are_found_in_any_case_and_absent_ones_are_null()
    {
        var message = Message("int32 first = 1; int32 FIRST = 2; int32 second = 3; string text = 4;");
        FormatField[] fields = [Field("FIRST", SqlType.Integer), Field("SECOND", SqlType.BigInt), Field("THIRD", SqlType.Varchar),
            Field("TEXT", SqlType.Integer)];
        var decoded = Decode(message, fields, "08 01 10 02 18 03", "22 01 61");
        decoded.Rows.ShouldBe(["2|3|NULL|NULL", "NULL|NULL|NULL|NULL"]);
        decoded.Failed.ShouldBe([1]);
        decoded.Reason.ShouldBe("column TEXT, byte 0: string cannot be read as INTEGER");
    }

    [Theory]
    [InlineData("08", "column a, byte 0: the value goes beyond the end of its message")]
    [InlineData("08 FF FF FF FF FF FF FF FF FF FF 01", "column a, byte 0: a varint of more than ten bytes")]
    [InlineData("08 01 12 05 61", "column s, byte 2: the value goes beyond the end of its message")]
    [InlineData("12 FF FF FF FF FF FF FF FF FF 01", "column s, byte 0: the value goes beyond the end of its message")]
    [InlineData("12 02 C3 28", "column s, byte 0: not UTF-8")]
    [InlineData("1A 02 08", "column n, byte 0: the value goes beyond the end of its message")]
    [InlineData("1A 01 08", "column n->x, byte 2: the value goes beyond the end of its message")]
    [InlineData("00 01", "byte 0: not a field's tag")]
    [InlineData("0F", "byte 0: not a field's tag")]
    [InlineData("14", "byte 0: the groups are not balanced")]
    [InlineData("13 1C", "byte 0: the groups are not balanced")]
    [InlineData("13 08", "byte 0: the value goes beyond the end of its message")]
    [InlineData("22 03 01 02 80", "column l, byte 0: the value goes beyond the end of its message")]
    [InlineData("F8 FF FF FF FF FF FF FF FF 01", "byte 0: not a field's tag")]
    public void Faults_are_reported_and_the_row_is_null(string hex, string reason)
    {
        var message = Message("int32 a = 1; string s = 2; N n = 3; repeated int32 l = 4; message N { int32 x = 1; }");
        var decoded = Decode(message, "08 01", hex, "08 02");
        decoded.Failed.ShouldBe([1]);
        decoded.Reason.ShouldBe(reason);
        decoded.Rows.ShouldBe(["1||NULL|[]", "NULL|NULL|NULL|NULL", "2||NULL|[]"]);
    }

    [Fact]
    public void Groups_are_skipped_to_a_depth()
    {
        var message = Message("int32 a = 1;");
        Decode(message, Groups(100)).Rows.ShouldBe(["7"]);
        Decode(message, Groups(101)).Reason.ShouldBe("byte 0: groups more than 100 deep");
        Decode(message, Groups(100_000)).Failed.ShouldBe([0]);

        static string Groups(int depth) => string.Concat(Enumerable.Repeat("13", depth))
            + string.Concat(Enumerable.Repeat("14", depth)) + "0807";
    }

    private static string TextOf(SqlType type, long value)
    {
        FormatField[] fields = [Field("X", type)];
        return Run(FormatFactory.CreateDecoder("DELIMITED", fields, FormatOptions.Default), fields, Slices(value.ToString())).Rows[0];
    }
}

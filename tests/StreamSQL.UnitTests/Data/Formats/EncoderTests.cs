using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Decoding;

namespace StreamSQL.UnitTests.Data.Formats;

public sealed class EncoderTests
{
    [Fact]
    public void Json_is_what_ksqldb_writes()
    {
        FormatField[] fields =
        [
            Field("BO", SqlType.Boolean), Field("i", SqlType.Integer), Field("D", SqlType.Double), Field("DE", SqlType.Decimal(6, 2)),
            Field("S", SqlType.Varchar), Field("BY", SqlType.Bytes), Field("TS", SqlType.Timestamp),
            Field("A", SqlType.ArrayOf(SqlType.StructOf([new("X", SqlType.Integer)]))),
            Field("M", SqlType.MapOf(SqlType.Varchar, SqlType.Double)),
        ];
        Encode("JSON", fields, FormatOptions.Default,
            [true, -5, 100.0, (Int128)1250, "a\"\\\n\u0001é/", new byte[] { 33 }, 10L, new object?[] { new object?[] { 1 }, null },
                new KeyValuePair<object, object?>[] { new("k\t", 0.1) }],
            [null, null, null, null, null, null, null, null, null])
            .ShouldBe([
                "{\"BO\":true,\"i\":-5,\"D\":100.0,\"DE\":12.50,\"S\":\"a\\\"\\\\\\n\\u0001é/\",\"BY\":\"IQ==\",\"TS\":10,\"A\":[{\"X\":1},null],\"M\":{\"k\\t\":0.1}}",
                "{\"BO\":null,\"i\":null,\"D\":null,\"DE\":null,\"S\":null,\"BY\":null,\"TS\":null,\"A\":null,\"M\":null}",
            ]);
    }

    [Fact]
    public void Json_of_one_column_is_wrapped_for_values_only()
    {
        FormatField[] fields = [Field("K", SqlType.Varchar)];
        Encode("JSON", fields, FormatOptions.Default, ["x"]).ShouldBe(["{\"K\":\"x\"}"]);
        Encode("JSON", fields, new FormatOptions { IsKey = true }, ["x"], [null]).ShouldBe(["\"x\"", null]);
        Encode("JSON", fields, new FormatOptions { WrapSingle = false }, ["x"]).ShouldBe(["\"x\""]);
    }

    [Fact]
    public void Json_grows_its_buffer_in_the_middle_of_a_row()
    {
        FormatField[] fields = [Field("A", SqlType.Varchar), Field("B", SqlType.Varchar), Field("C", SqlType.Integer)];
        var (a, b) = (new string('a', 3000), new string('\u0001', 9000));
        var text = Encode("JSON", fields, FormatOptions.Default, [a, b, 1]).Single();
        text.ShouldBe($"{{\"A\":\"{a}\",\"B\":\"{string.Concat(Enumerable.Repeat("\\u0001", 9000))}\",\"C\":1}}");
    }

    [Fact]
    public void Delimited_is_quoted_as_ksqldb_quotes()
    {
        FormatField[] fields = [Field("D", SqlType.Integer), Field("S", SqlType.Varchar), Field("E", SqlType.Double)];
        Encode("DELIMITED", fields, FormatOptions.Default,
            [1, "plain", 0.5], [-10, "a,b", -1.0], [null, "say \"x\"", null], [3, "", 1e10], [4, "!", null], [5, "end ", null],
            [6, null, null])
            .ShouldBe(["1,plain,0.5", "\"-10\",\"a,b\",-1.0", ",\"say \"\"x\"\"\",", "3,\"\",1.0E10", "4,\"!\",", "5,\"end \",", "6,,"]);
        Encode("DELIMITED", fields, new FormatOptions { Delimiter = "tab" }, [1, "a,b", null]).ShouldBe(["1\ta,b\t"]);
    }

    [Fact]
    public void Delimited_rows_survive_the_round_trip()
    {
        FormatField[] fields =
        [
            Field("S", SqlType.Varchar), Field("BO", SqlType.Boolean), Field("DE", SqlType.Decimal(5, 1)), Field("BY", SqlType.Bytes),
            Field("T", SqlType.Time),
        ];
        var source = Slices(
            "x,true,1.5,IQ==,1000", "\"q\"\"r,s\",FALSE, 12 ,,", "\"\",,,,", ",,,,", "a,b", "\"x,true,1,,", "a,maybe,1,,", "a,true,1,,1,1",
            null, "a,,,,\r\n");
        var result = Run(FormatFactory.CreateDecoder("delimited", fields, FormatOptions.Default), fields, source);
        result.Rows.ShouldBe([
            "x|true|1.5|IQ==|00:00:01", "q\"r,s|false|12.0|NULL|NULL", "|NULL|NULL|NULL|NULL", "NULL|NULL|NULL|NULL|NULL",
            "NULL|NULL|NULL|NULL|NULL",
            "NULL|NULL|NULL|NULL|NULL", "NULL|NULL|NULL|NULL|NULL", "NULL|NULL|NULL|NULL|NULL", "NULL|NULL|NULL|NULL|NULL",
            "a|NULL|NULL|NULL|NULL",
        ]);
        result.Failed.ShouldBe([4, 5, 6, 7]);
        result.Reason.ShouldContain("the text is not a BOOLEAN");
    }

    [Fact]
    public void Kafka_values_survive_the_round_trip()
    {
        Kafka(SqlType.Integer, [1], [-2], [null]).ShouldBe(["1", "-2", "NULL"]);
        Kafka(SqlType.BigInt, [long.MinValue]).ShouldBe(["-9223372036854775808"]);
        Kafka(SqlType.Double, [0.1]).ShouldBe(["0.1"]);
        Kafka(SqlType.Varchar, ["é"], [""], [null]).ShouldBe(["é", "", "NULL"]);
        Kafka(SqlType.Bytes, [new byte[] { 33 }]).ShouldBe(["IQ=="]);
    }

    [Fact]
    public void Kafka_values_of_the_wrong_size_are_reported()
    {
        FormatField[] fields = [Field("K", SqlType.BigInt)];
        var result = Run(FormatFactory.CreateDecoder("KAFKA", fields, FormatOptions.Default), fields, Slices("12345678", "1234", null));
        result.Failed.ShouldBe([1]);
        result.Reason.ShouldBe("column K: 8 bytes expected, 4 found");
        result.Rows.ShouldBe(["3544952156018063160", "NULL", "NULL"]);
    }

    [Theory]
    [InlineData("FOO", "22023", "Unknown format: FOO")]
    [InlineData("NONE", "0A000", "The 'NONE' format can only be used when no columns are defined. Got: [`K` ARRAY<INTEGER>]")]
    [InlineData("KAFKA", "0A000", "The 'KAFKA' format does not support type 'ARRAY', column: `K`")]
    [InlineData("DELIMITED", "0A000", "The 'DELIMITED' format does not support type 'ARRAY', column: `K`")]
    public void What_a_format_cannot_hold_is_refused(string format, string state, string message)
    {
        FormatField[] fields = [Field("K", SqlType.ArrayOf(SqlType.Integer))];
        var error = Should.Throw<SqlException>(() => FormatFactory.CreateEncoder(format, fields, FormatOptions.Default));
        (error.SqlState, error.Message).ShouldBe((state, message));
    }

    [Fact]
    public void Options_that_a_format_does_not_take_are_refused()
    {
        FormatField[] fields = [Field("K", SqlType.Integer)];
        Refused("JSON", new FormatOptions { Delimiter = "|" }).ShouldBe("JSON does not support the following configs: [delimiter]");
        Refused("KAFKA", new FormatOptions { WrapSingle = true })
            .ShouldBe("Format 'KAFKA' does not support 'WRAP_SINGLE_VALUE' set to 'true'.");
        Refused("DELIMITED", new FormatOptions { Delimiter = "||" }).ShouldStartWith("Invalid delimiter value: '||'");

        string Refused(string format, FormatOptions options) =>
            Should.Throw<SqlException>(() => FormatFactory.CreateDecoder(format, fields, options)).Message;
    }

    private static string?[] Encode(string format, FormatField[] fields, FormatOptions options, params object?[][] rows)
    {
        var target = EncodeSlices(format, fields, options, rows);
        return [.. Enumerable.Range(0, target.Count).Select(i => target.IsNull(i) ? null : Encoding.UTF8.GetString(target[i]))];
    }

    private static SliceList EncodeSlices(string format, FormatField[] fields, FormatOptions options, object?[][] rows)
    {
        var columns = fields.Select(f => Column.Create(f.Type)).ToArray();
        for (var c = 0; c < columns.Length; c++)
        {
            columns[c].Reset(rows.Length);
            for (var r = 0; r < rows.Length; r++)
                ColumnWriter.Write(columns[c], r, rows[r][c]);
        }

        var target = new SliceList();
        target.Reset();
        FormatFactory.CreateEncoder(format, fields, options).Encode(columns, RowSelection.All(rows.Length), target);
        return target;
    }

    private static IReadOnlyList<string> Kafka(SqlType type, params object?[][] rows)
    {
        FormatField[] fields = [Field("K", type)];
        var result = Run(
            FormatFactory.CreateDecoder("KAFKA", fields, FormatOptions.Default), fields,
            EncodeSlices("KAFKA", fields, FormatOptions.Default, rows));
        result.Failed.ShouldBeEmpty();
        return result.Rows;
    }
}

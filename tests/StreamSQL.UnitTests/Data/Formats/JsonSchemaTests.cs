using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Decoding;

namespace StreamSQL.UnitTests.Data.Formats;

public sealed class JsonSchemaTests
{
    private static readonly SchemaFormat s_format = SchemaFormats.Find("json_sr")!;

    [Fact]
    public void Columns_become_the_schema_that_Connect_writes()
    {
        FormatField[] fields =
        [
            Field("I", SqlType.Integer), Field("B", SqlType.BigInt), Field("D", SqlType.Double), Field("BO", SqlType.Boolean),
            Field("S", SqlType.Varchar),
            Field("BY", SqlType.Bytes), Field("DE", SqlType.Decimal(4, 2)), Field("DA", SqlType.Date), Field("T", SqlType.Time),
            Field("TS", SqlType.Timestamp),
            Field("A", SqlType.ArrayOf(SqlType.Varchar)), Field("M", SqlType.MapOf(SqlType.Varchar, SqlType.BigInt)),
            Field("ST", SqlType.StructOf([new("x", SqlType.Boolean)])),
        ];
        string[] types =
        [
            """{"type":"integer","connect.type":"int32"}""", """{"type":"integer","connect.type":"int64"}""",
            """{"type":"number","connect.type":"float64"}""",
            """{"type":"boolean"}""", """{"type":"string"}""", """{"type":"string","connect.type":"bytes"}""",
            """{"type":"number","title":"org.apache.kafka.connect.data.Decimal","connect.version":1,"connect.type":"bytes","connect.parameters":{"scale":"2","connect.decimal.precision":"4"}}""",
            """{"type":"integer","title":"org.apache.kafka.connect.data.Date","connect.version":1,"connect.type":"int32"}""",
            """{"type":"integer","title":"org.apache.kafka.connect.data.Time","connect.version":1,"connect.type":"int32"}""",
            """{"type":"integer","title":"org.apache.kafka.connect.data.Timestamp","connect.version":1,"connect.type":"int64"}""",
            """{"type":"array","items":{"oneOf":[{"type":"null"},{"type":"string"}]}}""",
            """{"type":"object","connect.type":"map","additionalProperties":{"oneOf":[{"type":"null"},{"type":"integer","connect.type":"int64"}]}}""",
            """{"type":"object","properties":{"x":{"connect.index":0,"oneOf":[{"type":"null"},{"type":"boolean"}]}}}""",
        ];
        var properties = string.Join(',', fields.Zip(types).Select(static (p, i) => $$"""
            "{{p.First.Name}}":{"connect.index":{{i}},"oneOf":[{"type":"null"},{{p.Second}}]}
            """));

        var schema = s_format.Describe(fields, FormatOptions.Default);

        schema.Text.ShouldBe("""{"type":"object","properties":{""" + properties + "}}");
        ToSqlType(schema.Text).ShouldBe(s_format.RootOf(fields, FormatOptions.Default));
    }

    [Fact]
    public void A_single_key_is_described_as_itself_and_may_be_null()
    {
        FormatField[] key = [Field("K", SqlType.StructOf([new("F1", SqlType.Varchar)]))];
        s_format.Describe(key, new FormatOptions { IsKey = true }).Text.ShouldBe(
            """{"oneOf":[{"type":"null"},{"type":"object","properties":{"F1":{"connect.index":0,"oneOf":[{"type":"null"},{"type":"string"}]}}}]}""");
    }

    [Theory]
    [InlineData("""{"type":"integer"}""", "BIGINT")]
    [InlineData("""{"type":"integer","connect.type":"int16"}""", "INTEGER")]
    [InlineData("""{"type":["null","number"]}""", "DOUBLE")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "VARCHAR")]
    [InlineData("""{"type":"array","items":{"type":"boolean"}}""", "ARRAY<BOOLEAN>")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", "MAP<VARCHAR, VARCHAR>")]
    [InlineData("""{"type":"array","connect.type":"map","items":{"type":"object","properties":{"key":{"type":"integer"},"value":{"type":"string"}}}}""", "MAP<BIGINT, VARCHAR>")]
    [InlineData("""{"type":"object","properties":{"b":{"type":"string","connect.index":1},"a":{"type":"integer","connect.index":0}}}""",
        "STRUCT<`a` BIGINT, `b` VARCHAR>")]
    [InlineData("""{"properties":{"a":{"$ref":"#/definitions/x"},"gone":{"type":"null"}},"definitions":{"x":{"type":"string"}}}""",
        "STRUCT<`a` VARCHAR>")]
    [InlineData("""{"type":"object","properties":{"a":{"enum":["x","y"]}}}""", "STRUCT<`a` VARCHAR>")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"}]}""",
        "STRUCT<`connect_union_field_0` VARCHAR, `connect_union_field_1` BIGINT>")]
    public void A_schema_becomes_a_type(string schema, string type) => ToSqlType(schema).ToString().ShouldBe(type);

    [Fact]
    public void References_are_found_in_what_is_imported()
    {
        var schema = new ResolvedSchema(SchemaType.Json, """{"type":"object","properties":{"a":{"$ref":"part.json#/definitions/n"}}}""",
            [new SchemaImport("part.json", """{"definitions":{"n":{"type":"number"}}}""")]);
        s_format.ToSqlType(schema, FormatOptions.Default).ToString().ShouldBe("STRUCT<`a` DOUBLE>");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("1")]
    [InlineData("""{"type":"thing"}""")]
    [InlineData("""{"type":"null"}""")]
    [InlineData("""{"$ref":"#/definitions/none"}""")]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"type":"array","items":{"$ref":"#"}}""")]
    [InlineData("""{"oneOf":[]}""")]
    [InlineData("""{"type":"number","title":"org.apache.kafka.connect.data.Decimal","connect.parameters":{"scale":"9","connect.decimal.precision":"4"}}""")]
    public void What_cannot_be_a_type_is_refused(string schema) =>
        Should.Throw<SqlException>(() => ToSqlType(schema)).SqlState.ShouldBe("22023");

    [Fact]
    public void Deep_schemas_are_refused() =>
        Should.Throw<SqlException>(() =>
            ToSqlType(string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 100)) + "true" + new string('}', 100)));

    // reader, writer: whether all that the writer writes is valid for the reader.
    [Theory]
    [InlineData("""{"type":"number"}""", """{"type":"integer"}""", true)]
    [InlineData("""{"type":"integer"}""", """{"type":"number"}""", false)]
    [InlineData("true", """{"type":"integer"}""", true)]
    [InlineData("""{"type":"integer"}""", "{}", false)]
    [InlineData("""{"oneOf":[{"type":"null"},{"type":"string"}]}""", """{"type":"string"}""", true)]
    [InlineData("""{"type":"string"}""", """{"oneOf":[{"type":"null"},{"type":"string"}]}""", false)]
    [InlineData("""{"type":["string","null"]}""", """{"type":"null"}""", true)]
    [InlineData("""{"type":"string","maxLength":5}""", """{"type":"string","maxLength":4}""", true)]
    [InlineData("""{"type":"string","maxLength":5}""", """{"type":"string"}""", false)]
    [InlineData("""{"type":"integer","minimum":3}""", """{"type":"integer","minimum":2}""", false)]
    [InlineData("""{"enum":["a","b"]}""", """{"enum":["a"]}""", true)]
    [InlineData("""{"enum":["a"]}""", """{"enum":["a","b"]}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}}}""",
        """{"type":"object","properties":{"a":{"type":"integer"}}}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}}}""",
        """{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}}}""",
        """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}}}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","required":["a"]}""", """{"type":"object"}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"default":1}},"required":["a"]}""", """{"type":"object"}""", true)]
    [InlineData("""{"type":"array","items":{"type":"number"}}""", """{"type":"array","items":{"type":"integer"}}""", true)]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", """{"type":"array"}""", false)]
    [InlineData("""{"allOf":[{"type":"string"},{"maxLength":9}]}""", """{"type":"string","maxLength":3}""", true)]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#"}}}""",
        """{"type":"object","properties":{"next":{"$ref":"#"}}}""", true)]
    public void A_reader_accepts_what_a_writer_may_write(string reader, string writer, bool accepts) =>
        s_format.FindIncompatibilities(new(SchemaType.Json, reader), new(SchemaType.Json, writer)).Any().ShouldBe(!accepts);

    [Fact]
    public void Equal_schemas_have_one_canonical_text()
    {
        var spaced = new ResolvedSchema(SchemaType.Json, """{ "type" : "object", "title":"é" }""");
        s_format.Canonicalize(spaced, normalize: false).ShouldBe("""{"type":"object","title":"é"}""");
        s_format.Canonicalize(spaced, normalize: true).ShouldBe("""{"title":"é","type":"object"}""");
    }

    [Fact]
    public void Records_are_framed_and_named_as_in_the_schema()
    {
        FormatField[] fields = [Field("ID", SqlType.Integer), Field("NAME", SqlType.Varchar)];
        var registry = new FixedRegistry(
            new RegisteredSchema(258, new(SchemaType.Json, """{"type":"object","properties":{"id":{},"NAME":{}}}"""), []));
        var options = new FormatOptions { Registry = registry, SchemaId = 258 };
        var columns = Columns(fields, [7, "x"], [null, null]);
        var target = new SliceList();
        target.Reset();
        FormatFactory.CreateEncoder("JSON_SR", fields, options).Encode(columns, RowSelection.All(2), target);

        target[0].ToArray().ShouldBe([0, 0, 0, 1, 2, .. """{"id":7,"NAME":"x"}"""u8]);
        target[1].ToArray().ShouldBe([0, 0, 0, 1, 2, .. """{"id":null,"NAME":null}"""u8]);
    }

    [Fact]
    public void Records_of_several_schemas_bad_ones_and_nulls_are_told_apart()
    {
        FormatField[] fields = [Field("ID", SqlType.Integer), Field("NAME", SqlType.Varchar)];
        var registry = new FixedRegistry(
            new RegisteredSchema(1, new(SchemaType.Json, "true"), []), new RegisteredSchema(2, new(SchemaType.Json, "true"), []),
            new RegisteredSchema(3, new(SchemaType.Avro, "\"int\""), []));
        var source = new SliceList();
        source.Reset();
        Append(source, 1, """{"ID":1,"NAME":"one"}""");
        Append(source, 1, """{"ID":2,"NAME":"two"}""");
        source.AddNull();
        Append(source, 2, """{"NAME":"three, with \"quotes\"","ID":3}""");
        Append(source, 9, """{"ID":4}""");
        Append(source, 3, """{"ID":5}""");
        source.Append("{}"u8);
        Append(source, 1, "{bad");
        Append(source, 1, """{"ID":8,"NAME":"eight"}""");

        var result = Run(FormatFactory.CreateDecoder("JSON_SR", fields, new FormatOptions { Registry = registry }), fields, source);

        result.Rows.ShouldBe(["1|one", "2|two", "NULL|NULL", "3|three, with \"quotes\"", "NULL|NULL", "NULL|NULL", "NULL|NULL", "NULL|NULL",
            "8|eight"]);
        result.Failed.ShouldBe([4, 5, 6, 7]);
        result.Reason.ShouldContain("no schema 9");
    }

    private static Column[] Columns(FormatField[] fields, params object?[][] rows)
    {
        var columns = fields.Select(static field => Column.Create(field.Type)).ToArray();
        foreach (var (c, column) in columns.Index())
        {
            column.Reset(rows.Length);
            for (var row = 0; row < rows.Length; row++)
                ColumnWriter.Write(column, row, rows[row][c]);
        }

        return columns;
    }

    private static SqlType ToSqlType(string schema) =>
        s_format.ToSqlType(new ResolvedSchema(SchemaType.Json, schema), FormatOptions.Default);

    private static void Append(SliceList target, int id, string text) =>
        target.Append([.. SchemaFrame.Of(id), .. System.Text.Encoding.UTF8.GetBytes(text)]);
}

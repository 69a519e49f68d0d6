using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Formats.Avro;

public sealed class AvroSchemaTests
{
    [Theory]
    [InlineData("\"null\"", "\"null\"", 7195948357588979594L)]
    [InlineData("{\"type\":\"null\"}", "\"null\"", 7195948357588979594L)]
    [InlineData("\"boolean\"", "\"boolean\"", -6970731678124411036L)]
    [InlineData("\"int\"", "\"int\"", 8247732601305521295L)]
    [InlineData("\"string\"", "\"string\"", -8142146995180207161L)]
    public void Fingerprints_are_those_of_the_specification(string text, string canonical, long fingerprint)
    {
        var schema = AvroSchema.Parse(text);
        AvroCanonicalForm.Of(schema).ShouldBe(canonical);
        ((long)AvroCanonicalForm.Fingerprint(schema)).ShouldBe(fingerprint);
    }

    [Fact]
    public void The_canonical_form_has_full_names_and_nothing_that_does_not_change_the_data()
    {
        var schema = AvroSchema.Parse("""
            { "type": "record", "namespace": "a.b", "name": "R", "doc": "x", "aliases": ["old"], "fields": [
                { "name": "e", "type": { "type": "enum", "name": "E", "symbols": ["X", "Y"], "default": "X" }, "default": "Y", "order": "ignore" },
                { "type": ["null", { "type": "fixed", "size": 4, "name": "c.F", "logicalType": "decimal", "precision": 5 }], "name": "f", "default": null },
                { "name": "again", "type": { "type": "array", "items": "E" } }, { "name": "m", "type": { "values": "c.F", "type": "map" } },
                { "name": "self", "type": ["null", "R"] } ] }
            """);
        AvroCanonicalForm.Of(schema).ShouldBe(
            "{\"name\":\"a.b.R\",\"type\":\"record\",\"fields\":[{\"name\":\"e\",\"type\":{\"name\":\"a.b.E\",\"type\":\"enum\",\"symbols\":[\"X\",\"Y\"]}}," +
            "{\"name\":\"f\",\"type\":[\"null\",{\"name\":\"c.F\",\"type\":\"fixed\",\"size\":4}]},{\"name\":\"again\",\"type\":{\"type\":\"array\",\"items\":\"a.b.E\"}}," +
            "{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"c.F\"}},{\"name\":\"self\",\"type\":[\"null\",\"a.b.R\"]}]}");
        schema.Aliases.ShouldBe(["a.b.old"]);
        schema.Fields[0].Default.ShouldBe([2]);
        schema.Fields[1].Default.ShouldBe([0]);
        schema.Fields[1].Schema.Branches[1].Logical.ShouldBe(AvroLogicalType.Decimal);
    }

    [Theory]
    [InlineData("nonsense", "not JSON")]
    [InlineData("\"lnog\"", "there is no type \"lnog\"")]
    [InlineData("7", "a type is a name, a list of types or an object, not 7")]
    [InlineData("[]", "a union must have branches")]
    [InlineData("[\"int\",[\"null\"]]", "a union may not directly hold a union")]
    [InlineData("[\"int\",{\"type\":\"int\",\"logicalType\":\"date\"}]", "twice")]
    [InlineData("{\"type\":\"array\"}", "\"items\" is missing")]
    [InlineData("{\"type\":\"record\",\"name\":\"1R\",\"fields\":[]}", "Illegal initial character: 1R")]
    [InlineData("{\"type\":\"record\",\"name\":\"a.b-c.R\",\"fields\":[]}", "Illegal character in: b-c")]
    [InlineData("{\"type\":\"record\",\"name\":\"int\",\"fields\":[]}", "the name of a primitive type")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\"}", "\"fields\" is missing")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"a\",\"type\":\"int\"}]}",
        "two fields \"a\"")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"fixed\",\"name\":\"R\",\"size\":1}}]}", "at a: the type \"R\" is defined twice")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"default\":\"x\"}]}",
        "at a: the default \"x\" is no value of int")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"order\":\"up\"}]}",
        "at a: \"order\" is ascending")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"A\"]}", "has the symbol \"A\" twice")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"],\"default\":\"B\"}", "the default \"B\" is no symbol")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":-1}", "\"size\" must be a number of bytes")]
    public void Faults_are_told_with_their_place(string text, string reason)
    {
        var error = Should.Throw<SqlException>(() => AvroSchema.Parse(text));
        error.SqlState.ShouldBe("22023");
        error.Message.ShouldContain(reason);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"type\":\"array\",\"items\":", depth)) + "\"int\""
            + new string('}', depth);
        AvroSchema.Parse(Nested(90)).Kind.ShouldBe(AvroKind.Array);
        Should.Throw<SqlException>(() => AvroSchema.Parse(Nested(101))).Message.ShouldContain("deep");
        Should.Throw<SqlException>(() => AvroSchema.Parse(Nested(100_000)));
    }

    [Fact]
    public void References_give_names_to_later_schemas()
    {
        var schema = AvroSchema.Parse("[\"null\",\"a.R\"]", "{\"type\":\"fixed\",\"name\":\"a.F\",\"size\":2}",
            "{\"type\":\"record\",\"name\":\"a.R\",\"fields\":[{\"name\":\"f\",\"type\":\"F\"}]}");
        schema.Branches[1].Fields[0].Schema.Size.ShouldBe(2);
    }

    [Theory]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"date\"}", AvroLogicalType.Date)]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"date\"}", AvroLogicalType.None)]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"time-millis\"}", AvroLogicalType.TimeMillis)]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"time-micros\"}", AvroLogicalType.TimeMicros)]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", AvroLogicalType.TimestampMillis)]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"local-timestamp-micros\"}", AvroLogicalType.LocalTimestampMicros)]
    [InlineData("{\"type\":\"string\",\"logicalType\":\"uuid\"}", AvroLogicalType.Uuid)]
    [InlineData("{\"type\":\"string\",\"logicalType\":\"made-up\"}", AvroLogicalType.None)]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}", AvroLogicalType.Decimal)]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"scale\":2}", AvroLogicalType.Decimal)]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":2,\"scale\":4}", AvroLogicalType.None)]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2,\"logicalType\":\"decimal\",\"precision\":4}", AvroLogicalType.Decimal)]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2,\"logicalType\":\"decimal\",\"precision\":5}", AvroLogicalType.None)]
    public void Logical_types_that_do_not_fit_are_ignored(string text, AvroLogicalType logical) =>
        AvroSchema.Parse(text).Logical.ShouldBe(logical);

    [Theory]
    [InlineData(" { \"type\" : \"string\" } ", "\"string\"")]
    [InlineData(
        "{\"fields\":[{\"type\":{\"type\":\"int\"},\"name\":\"a\",\"doc\":\"d\",\"zz\":1,\"order\":\"ascending\",\"default\":null}],\"name\":\"n.R\",\"type\":\"record\"}",
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"doc\":\"d\",\"default\":null,\"zz\":1}]}")]
    [InlineData(
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"n.R\"]},{\"name\":\"b\",\"type\":{\"type\":\"fixed\",\"size\":1,\"name\":\"n.F\"}}]}",
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"R\"]},{\"name\":\"b\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}}]}")]
    public void Texts_of_one_schema_are_one(string text, string expected)
    {
        if (!text.Contains("default", StringComparison.Ordinal))
            AvroSchema.Parse(text);
        AvroText.Of(text, normalize: false).ShouldBe(expected);
        AvroText.Of(expected, normalize: false).ShouldBe(expected);
    }

    [Fact]
    public void Normalized_texts_do_not_differ_in_what_has_no_order()
    {
        AvroText.Of("{\"type\":\"long\",\"b\":1,\"a\":2}", normalize: true)
            .ShouldBe(AvroText.Of("{\"a\":2,\"type\":\"long\",\"b\":1}", normalize: true));
        AvroText.Of("{\"type\":\"long\",\"b\":1,\"a\":2}", normalize: false).ShouldBe("{\"type\":\"long\",\"b\":1,\"a\":2}");
    }

    [Theory]
    [InlineData("\"int\"", "INTEGER")]
    [InlineData("[\"null\",\"float\"]", "DOUBLE")]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"date\"}", "DATE")]
    [InlineData("{\"type\":\"int\",\"logicalType\":\"time-millis\"}", "TIME")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", "TIMESTAMP")]
    [InlineData("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", "BIGINT")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}", "DECIMAL(4, 2)")]
    [InlineData("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"scale\":2}", "DECIMAL(38, 2)")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":16}", "BYTES")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "VARCHAR")]
    [InlineData("{\"type\":\"map\",\"values\":[\"null\",\"long\"]}", "MAP<VARCHAR, BIGINT>")]
    [InlineData("{\"type\":\"array\",\"items\":[\"null\",\"bytes\"]}", "ARRAY<BYTES>")]
    [InlineData("[\"null\",\"string\",{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}]",
        "STRUCT<`string` VARCHAR, `R` STRUCT<`a` INTEGER>>")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"n\",\"type\":\"null\"},{\"name\":\"r\",\"type\":[\"null\",\"R\"]}]}", "STRUCT<`a` INTEGER>")]
    public void Sql_types_are_those_that_ksqldb_infers(string text, string type) =>
        AvroColumns.RootOf(AvroSchema.Parse(text)).ToString().ShouldBe(type);

    [Fact]
    public void A_schema_without_sql_types_and_one_that_stands_for_too_many_are_refused()
    {
        Should.Throw<SqlException>(() => AvroColumns.RootOf(AvroSchema.Parse("\"null\""))).Message.ShouldContain(
            "Schema does not include any columns");
        var text = "\"int\"";
        for (var i = 0; i < 20; i++)
            text = $"{{\"type\":\"record\",\"name\":\"R{i}\",\"fields\":[{{\"name\":\"a\",\"type\":{text}}}" +
                $"{(i == 0 ? "" : $",{{\"name\":\"b\",\"type\":\"R{i - 1}\"}}")}]}}";
        Should.Throw<SqlException>(() => AvroColumns.RootOf(AvroSchema.Parse(text))).SqlState.ShouldBe("54000");
    }

    [Fact]
    public void Ksql_schemas_are_those_that_ksqldb_registers()
    {
        const string Prefix =
            "{\"type\":\"record\",\"name\":\"KsqlDataSourceSchema\",\"namespace\":\"io.confluent.ksql.avro_schemas\",\"fields\":[{\"name\":\"F\",\"type\":[\"null\",";
        const string Suffix = "],\"default\":null}],\"connect.name\":\"io.confluent.ksql.avro_schemas.KsqlDataSourceSchema\"}";
        string Write(SqlType type)
        {
            var text = KsqlSchemaText.Write(SqlType.StructOf([new("F", type)]), KsqlSchemaText.DefaultName);
            AvroColumns.RootOf(AvroSchema.Parse(text)).Fields[0].Type.ShouldBe(type);
            text.ShouldStartWith(Prefix);
            text.ShouldEndWith(Suffix);
            return text[Prefix.Length..^Suffix.Length];
        }

        Write(SqlType.Integer).ShouldBe("\"int\"");
        Write(SqlType.Timestamp)
            .ShouldBe(
                "{\"type\":\"long\",\"connect.version\":1,\"connect.name\":\"org.apache.kafka.connect.data.Timestamp\",\"logicalType\":\"timestamp-millis\"}");
        Write(SqlType.Decimal(6, 4)).ShouldBe(
            "{\"type\":\"bytes\",\"scale\":4,\"precision\":6,\"connect.version\":1,\"connect.parameters\":{\"scale\":\"4\",\"connect.decimal.precision\":\"6\"}," +
            "\"connect.name\":\"org.apache.kafka.connect.data.Decimal\",\"logicalType\":\"decimal\"}");
        Write(SqlType.ArrayOf(SqlType.Time)).ShouldBe(
            "{\"type\":\"array\",\"items\":[\"null\",{\"type\":\"int\",\"connect.version\":1,\"connect.name\":\"org.apache.kafka.connect.data.Time\",\"logicalType\":\"time-millis\"}]}");
        Write(SqlType.MapOf(SqlType.Varchar, SqlType.BigInt)).ShouldBe(
            "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"KsqlDataSourceSchema_F\",\"fields\":[{\"name\":\"key\",\"type\":[\"null\",\"string\"],\"default\":null}," +
            "{\"name\":\"value\",\"type\":[\"null\",\"long\"],\"default\":null}],\"connect.internal.type\":\"MapEntry\"}," +
            "\"connect.name\":\"io.confluent.ksql.avro_schemas.KsqlDataSourceSchema_F\"}");
        Write(SqlType.StructOf([new("G", SqlType.StructOf([new("a", SqlType.Double)]))])).ShouldBe(
            "{\"type\":\"record\",\"name\":\"KsqlDataSourceSchema_F\",\"fields\":[{\"name\":\"G\",\"type\":[\"null\",{\"type\":\"record\",\"name\":\"KsqlDataSourceSchema_F_G\"," +
            "\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"double\"],\"default\":null}],\"connect.name\":\"io.confluent.ksql.avro_schemas.KsqlDataSourceSchema_F_G\"}]," +
            "\"default\":null}],\"connect.name\":\"io.confluent.ksql.avro_schemas.KsqlDataSourceSchema_F\"}");
    }

    [Fact]
    public void Names_that_Avro_does_not_have_are_refused()
    {
        Should.Throw<SqlException>(() => KsqlSchemaText.Write(SqlType.StructOf([new("1A", SqlType.Integer)]), "x.Y"))
            .Message.ShouldBe("Schema is not compatible with Avro: Illegal initial character: 1A");
        Should.Throw<SqlException>(() => KsqlSchemaText.Write(SqlType.StructOf([new("A B", SqlType.Integer)]),
            "x.Y")).Message.ShouldContain("Illegal character in: A B");
        Should.Throw<SqlException>(() => KsqlSchemaText.Write(SqlType.Integer, "x.2Y")).Message.ShouldContain(
            "Illegal initial character: 2Y");
        KsqlSchemaText.KeyName("LEFT_TABLE").ShouldBe("io.confluent.ksql.avro_schemas.LeftTableKey");
        KsqlSchemaText.Write(SqlType.BigInt, "x.Y").ShouldBe("\"long\"");
    }
}

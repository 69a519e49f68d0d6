using StreamSQL.Data.Formats.Avro.Schemas;

namespace StreamSQL.UnitTests.Data.Formats.Avro;

public sealed class AvroCompatibilityTests
{
    private static string[] Check(string reader, string writer) =>
        [.. AvroCompatibility.Check(AvroSchema.Parse(reader), AvroSchema.Parse(writer))];

    private static string Record(string fields, string name = "R") => $"{{\"type\":\"record\",\"name\":\"{name}\",\"fields\":[{fields}]}}";

    [Fact]
    public void Primitive_types_read_what_is_promoted_to_them()
    {
        string[] types = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
        string[] promotions = ["int>long", "int>float", "int>double", "long>float", "long>double", "float>double", "string>bytes",
            "bytes>string"];
        foreach (var writer in types)
        {
            foreach (var reader in types)
                (Check($"\"{reader}\"", $"\"{writer}\"").Length == 0).ShouldBe(
                    reader == writer || promotions.Contains($"{writer}>{reader}"), $"{writer} as {reader}");
        }
    }

    [Fact]
    public void Records_may_gain_fields_with_defaults_and_lose_any()
    {
        var small = Record("{\"name\":\"a\",\"type\":\"int\"}");
        Check(Record("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"string\",\"default\":\"\"}"), small).ShouldBeEmpty();
        Check(Record(""), small).ShouldBeEmpty();
        Check(Record("{\"name\":\"z\",\"aliases\":[\"a\"],\"type\":\"long\"}"), small).ShouldBeEmpty();
        Check(Record("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"string\"}"), small)
            .ShouldBe(["At b the reader's field has no default, and the writer has no such field."]);
        Check(Record("{\"name\":\"a\",\"type\":\"int\"}", "Other"), small)
            .ShouldBe(["At the root the reader's record Other has another name than the writer's record R."]);
        Check("{\"type\":\"record\",\"name\":\"n.Other\",\"aliases\":[\"m.R\"],\"fields\":[]}", Record("", "m.R")).ShouldBeEmpty();
        Check(Record("", "x.R"), Record("", "y.R")).ShouldBeEmpty();
    }

    [Fact]
    public void Reasons_name_the_way_to_the_place()
    {
        string Deep(string type) => Record($"{{\"name\":\"a\",\"type\":{{\"type\":\"array\",\"items\":[\"null\"," +
            $"{Record($"{{\"name\":\"b\",\"type\":{{\"type\":\"map\",\"values\":{type}}}}}", "S")}]}}}}");
        Check(Deep("\"double\""), Deep("\"int\"")).ShouldBeEmpty();
        Check(Deep("\"int\""), Deep("\"string\"")).ShouldBe(["At a[].b{} the reader's type int cannot read the writer's type string."]);
    }

    [Fact]
    public void Unions_read_what_one_of_their_branches_reads()
    {
        Check("[\"null\",\"long\"]", "\"int\"").ShouldBeEmpty();
        Check("[\"null\",\"long\"]", "[\"int\",\"null\"]").ShouldBeEmpty();
        Check("\"int\"", "[\"null\",\"int\"]").ShouldBe(["At the root the reader's type int cannot read the writer's type null."]);
        Check("[\"null\",\"int\"]", "[\"null\",\"string\"]")
            .ShouldBe(["At the root the reader's union of null, int has no branch that reads the writer's type string."]);
    }

    [Fact]
    public void Enums_and_fixed_are_compared_by_what_they_hold()
    {
        string Enum(string symbols, string more = "") => $"{{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[{symbols}]{more}}}";
        Check(Enum("\"A\",\"B\""), Enum("\"A\"")).ShouldBeEmpty();
        Check(Enum("\"A\""), Enum("\"A\",\"B\""))
            .ShouldBe(["At the root the reader's enum E has no default and does not have the writer's symbols B."]);
        Check(Enum("\"A\"", ",\"default\":\"A\""), Enum("\"A\",\"B\"")).ShouldBeEmpty();
        Check("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}")
            .ShouldBe(["At the root fixed F has 2 bytes, the writer's has 3."]);
    }

    [Fact]
    public void Recursive_records_come_to_an_end()
    {
        string Node(string type) => $"{{\"type\":\"record\",\"name\":\"N\",\"fields\":[{{\"name\":\"v\",\"type\":\"" +
            $"{type}\"}},{{\"name\":\"next\",\"type\":[\"null\",\"N\"]}}]}}";
        Check(Node("long"), Node("int")).ShouldBeEmpty();
        Check(Node("int"), Node("long")).ShouldContain("At v the reader's type int cannot read the writer's type long.");
    }
}

using static StreamSQL.UnitTests.Data.Formats.Protobuf.Proto;

namespace StreamSQL.UnitTests.Data.Formats.Protobuf;

public sealed class ProtoComparisonTests
{
    [Theory]
    [InlineData("int32 a = 1; string b = 2;", "int32 a = 1;")]
    [InlineData("int32 a = 1;", "int32 a = 1; string b = 2;")]
    [InlineData("int64 renamed = 1;", "bool a = 1;")]
    [InlineData("E a = 1; enum E { X = 0; }", "uint32 a = 1;")]
    [InlineData("sint64 a = 1; fixed32 b = 2; sfixed64 c = 3; bytes d = 4;", "sint32 a = 1; sfixed32 b = 2; fixed64 c = 3; string d = 4;")]
    [InlineData("repeated string a = 1; repeated N n = 2; message N { }", "string a = 1; N n = 2; message N { }")]
    [InlineData("oneof o { int32 a = 1; int32 c = 3; } int32 b = 2;", "int32 a = 1; int32 b = 2;")]
    [InlineData("oneof o { int32 a = 1; int32 b = 2; int32 c = 3; }", "oneof o { int32 a = 1; int32 b = 2; }")]
    [InlineData("int32 a = 1;", "oneof o { int32 a = 1; int32 b = 2; }")]
    [InlineData("map<string, M.N> m = 1; message N { int32 x = 1; }", "map<string, N> m = 1; message N { int32 x = 1; }")]
    [InlineData("map<string, int64> m = 1;", "map<string, int32> m = 1;")]
    public void Readers_can_read(string reader, string writer) => Compare(reader, writer).ShouldBeEmpty();

    [Theory]
    [InlineData("int32 a = 1;", "string a = 1;", "#/M/1: the field's type is int32, the writer's string stands on the wire in another way")]
    [InlineData("sint32 a = 1;", "int32 a = 1;", "#/M/1: the field's type is sint32, the writer's int32 stands on the wire in another way")]
    [InlineData("float a = 1;", "double a = 1;", "#/M/1: the field's type is float, the writer's double stands on the wire in another way")]
    [InlineData("N a = 1; message N { }", "bytes a = 1; message N { }",
        "#/M/1: the field's type is M.N, the writer's bytes stands on the wire in another way")]
    [InlineData("repeated int32 a = 1;", "int32 a = 1;", "#/M/1: the field is a list to the reader, but not to the writer")]
    [InlineData("N a = 1; message N { } message O { }", "O a = 1; message N { } message O { }",
        "#/M/1: the field's type is M.N, the writer's is M.O")]
    [InlineData("N n = 1; message N { int32 x = 1; }", "N n = 1; message N { string x = 1; }",
        "#/M.N/1: the field's type is int32, the writer's string stands on the wire in another way")]
    [InlineData("int32 a = 1;", "int32 a = 1; message N { }", "#/M.N: the reader has no such message")]
    [InlineData("oneof o { int32 a = 1; int32 b = 2; }", "int32 a = 1; int32 b = 2;",
        "#/M/1: the field a is in the oneof o, to the writer it is in none")]
    [InlineData("oneof o { int32 a = 1; int32 b = 2; }", "int32 a = 1; oneof o { int32 b = 2; }",
        "#/M/1: the field a is in the oneof o, to the writer it is in none")]
    [InlineData("oneof o { int32 a = 1; }", "oneof o { int32 a = 1; int32 b = 2; }",
        "#/M/2: the field b of the oneof o is not in the reader's message")]
    [InlineData("map<string, int32> m = 1;", "map<string, string> m = 1;",
        "#/M.MEntry/2: the field's type is int32, the writer's string stands on the wire in another way")]
    [InlineData("map<string, int32> m = 1;", "repeated N m = 1; message N { }",
        "#/M/1: the field is a map to the reader, and none to the writer")]
    public void Reasons_name_the_place(string reader, string writer, string reason) => Compare(reader, writer).ShouldContain(reason);

    [Fact]
    public void Required_fields_stay_and_packages_and_messages_too()
    {
        const string Optional = "message M { optional int32 a = 1; }";
        const string Required = "message M { required int32 a = 1; }";
        Format.FindIncompatibilities(Schema(Required), Schema(Optional))
            .ShouldBe(["#/M/1: the field a is required, but the writer may leave it out"]);
        Format.FindIncompatibilities(Schema(Optional), Schema(Required)).ShouldBeEmpty();
        Format.FindIncompatibilities(Schema("message M { }"), Schema(Required))
            .ShouldBe(["#/M/1: the required field a is not in the reader's message"]);
        Format.FindIncompatibilities(Schema("package a; message M { }"), Schema("package b; message M { }"))
            .ShouldBe(["#/: the package is 'a', the writer's is 'b'"]);
        Format.FindIncompatibilities(Schema("message N { } message M { }"), Schema("message M { }")).ShouldBeEmpty();
        Format.FindIncompatibilities(Schema("message M { }"), Schema("message N { } message M { }"))
            .ShouldBe(["#/N: the reader has no such message"]);
    }

    [Fact]
    public void Recursive_messages_are_compared_once()
    {
        Compare("M m = 1; int32 a = 2;", "M m = 1; string a = 2;").ShouldHaveSingleItem();
    }

    private static IReadOnlyList<string> Compare(string reader, string writer) =>
        Format.FindIncompatibilities(Schema($"syntax = \"proto3\"; message M {{ {reader} }}"),
            Schema($"syntax = \"proto3\"; message M {{ {writer} }}"));
}

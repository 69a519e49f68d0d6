using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Protobuf.Proto;

namespace StreamSQL.UnitTests.Data.Formats.Protobuf;

public sealed class ProtoParserTests
{
    private const string Everything = """
        // a comment
        syntax = "proto2"; /* another
        one */
        package io.test;
        import "google/protobuf/timestamp.proto";
        option java_package = "io." 'test';
        message Outer {
          option deprecated = true;
          reserved 100 to 199, 1000 to max;
          reserved "gone", 'lost';
          required int32 id = 1;
          optional string name = 0x2 [default = "a\"b\x41", deprecated = false];
          repeated fixed64 numbers = 3 [packed = true];
          repeated sint32 others = 4;
          map<string, Inner.Deep> by_name = 5;
          oneof choice { Kind kind = 6; bytes raw = 7; }
          optional group Old = 8 { optional bool flag = 1; }
          optional .google.protobuf.Timestamp at = 9;
          optional double ratio = 10 [default = -inf];
          extensions 500 to 600;
          message Inner { message Deep { optional float f = 1; } optional Deep deep = 1; }
          enum Kind { option allow_alias = true; UNKNOWN = 0; A = 1 [(custom) = { a: 1, b: [2, 3] }]; B = -1; ALSO = 1; reserved 5, 6; }
        }
        extend Outer { optional int32 more = 500; }
        service Calls { rpc Get (Outer) returns (stream Outer) { option idempotent = true; } }
        """;

    [Fact]
    public void Everything_that_a_file_can_hold_is_parsed()
    {
        var file = Parse(Everything);
        file.Package.ShouldBe("io.test");
        file.Imports.ShouldHaveSingleItem().Path.ShouldBe("google/protobuf/timestamp.proto");
        var outer = file.Messages.ShouldHaveSingleItem();
        outer.FullName.ShouldBe("io.test.Outer");
        outer.Oneofs.ShouldBe(["choice"]);
        outer.Fields.Select(field => $"{field.Number} {field.Label} {field.Type} {field.Name}").ShouldBe([
            "1 Required Int32 id", "2 Optional String name", "3 Repeated Fixed64 numbers", "4 Repeated SInt32 others",
            "5 Repeated Message by_name",
            "6 Optional Enum kind", "7 Optional Bytes raw", "8 Optional Group old", "9 Optional Message at", "10 Optional Double ratio"]);
        outer.Find("name")!.Default.ShouldBe("a\"bA");
        outer.Find("numbers")!.IsPacked.ShouldBeTrue();
        outer.Find("others")!.IsPacked.ShouldBeFalse();
        outer.Find("by_name")!.Message!.Fields[1].Message!.FullName.ShouldBe("io.test.Outer.Inner.Deep");
        outer.Find("kind")!.Enum!.Values.Select(value => $"{value.Name}={value.Number}").ShouldBe(["UNKNOWN=0", "A=1", "B=-1", "ALSO=1"]);
        outer.Find("at")!.Message!.FullName.ShouldBe("google.protobuf.Timestamp");
        outer.IsReserved(150).ShouldBeTrue();
        outer.IsReserved(200).ShouldBeFalse();
    }

    [Fact]
    public void Its_text_is_parsed_to_the_same_again()
    {
        var text = Format.Canonicalize(Schema(Everything), normalize: false);
        Format.Canonicalize(Schema(text), normalize: false).ShouldBe(text);
        var normalized = Format.Canonicalize(Schema(Everything), normalize: true);
        Format.Canonicalize(Schema(normalized), normalize: true).ShouldBe(normalized);
        text.ShouldContain("optional string name = 2 [default = \"a\\\"bA\", deprecated = false];");
        text.ShouldContain("map<string, Inner.Deep> by_name = 5;");
        normalized.ShouldContain("map<string, .io.test.Outer.Inner.Deep> by_name = 5;");
    }

    [Fact]
    public void The_innermost_scope_that_has_a_name_counts()
    {
        var file = Parse("""
            syntax = "proto3"; package a.b;
            message T { int32 outer = 1; }
            message M { message T { int32 inner = 1; } T near = 1; b.T far = 2; .a.b.T full = 3; M self = 4; }
            """);
        file.Messages[1].Fields.Select(field => field.Message!.FullName).ShouldBe(["a.b.M.T", "a.b.T", "a.b.T", "a.b.M"]);
    }

    [Fact]
    public void Types_come_from_imports_and_their_public_imports()
    {
        var file = Parse(
            "syntax = \"proto3\"; import \"b.proto\"; message M { A a = 1; B b = 2; }",
            ("a.proto", "syntax = \"proto3\"; message A { int32 x = 1; }"),
            ("b.proto", "syntax = \"proto3\"; import public \"a.proto\"; message B { A a = 1; }"));
        file.Messages[0].Fields[0].Message.ShouldBeSameAs(file.Messages[0].Fields[1].Message!.Fields[0].Message);
    }

    [Theory]
    [InlineData("syntax = \"proto4\";", 1, 10, "the syntax \"proto4\" is not known; there are proto2 and proto3")]
    [InlineData("message M {", 1, 12, "a field expected, found the end of the text")]
    [InlineData("message M {\n  optional int32 a = 0;\n}", 2, 22, "a field's number is 1 to 536870911, but not 19000 to 19999")]
    [InlineData("message M { optional int32 a = 19500; }", 1, 32, "a field's number is 1 to 536870911, but not 19000 to 19999")]
    [InlineData("message M { optional int32 a = 1; optional int32 b = 1; }", 1, 54, "the field a of the message M has the number 1 too")]
    [InlineData("message M { optional int32 a = 1; optional int32 a = 2; }", 1, 50, "the message M has two fields a")]
    [InlineData("message M { reserved 1; optional int32 a = 1; }", 1, 44, "the number 1 of the message M is reserved")]
    [InlineData("message M { int32 a = 1; }", 1, 13, "a proto2 field needs a label: optional, required or repeated")]
    [InlineData("syntax = \"proto3\";\nmessage M { required int32 a = 1; }", 2, 13, "proto3 has no required fields")]
    [InlineData("message M { optional Missing a = 1; }", 1, 22, "there is no type Missing")]
    [InlineData("import \"a.proto\";", 1, 8, "the imported file \"a.proto\" is not among the schema's references")]
    [InlineData("syntax = \"proto3\"; enum E { A = 1; }", 1, 25, "the first value of the enum E must be 0 in proto3")]
    [InlineData("enum E { }", 1, 6, "the enum E has no values")]
    [InlineData("message M { map<double, int32> m = 1; }", 1, 17, "double cannot be the key of a map")]
    [InlineData("message M { } /* no end", 1, 15, "the comment does not end")]
    [InlineData("import \"no end\n\";", 1, 8, "the string does not end on its line")]
    [InlineData("message Mé { }", 1, 10, "the character U+00E9 does not belong here")]
    [InlineData("banana;", 1, 1, "a declaration expected, found banana")]
    [InlineData("service S {", 1, 12, "the text ends inside a declaration")]
    public void Errors_say_where_and_why(string text, int line, int column, string reason)
    {
        var error = Should.Throw<SqlException>(() => Parse(text));
        error.SqlState.ShouldBe("22023");
        error.Message.ShouldBe($"Invalid Protobuf schema, line {line}, column {column}: {reason}.");
    }

    [Fact]
    public void Depth_and_length_are_bounded()
    {
        Should.Throw<SqlException>(() => Parse(string.Concat(Enumerable.Repeat("message M { ", 10_000)))).Message.ShouldContain(
            "messages nested more than 64 deep");
        Should.Throw<SqlException>(() =>
            Parse($"option a = {new string('{', 1)} {string.Concat(Enumerable.Repeat("a { ", 10_000))}")).Message.ShouldContain(
                "nested more than 32 deep");
        Should.Throw<SqlException>(() => Parse(new string(' ', ProtoTokens.MaxLength + 1))).Message.ShouldContain(
            "may have 1048576 characters");
    }

    [Fact]
    public void Many_fields_are_parsed_at_once()
    {
        var fields = string.Concat(Enumerable.Range(1, 18_000).Select(i => $"int32 a{i} = {i}; "));
        Message(fields).Fields.Count.ShouldBe(18_000);
    }

    /// <summary>Whatever is done to a text, it is parsed or refused.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_texts_are_refused_or_parsed(int seed)
    {
        var random = new Random(seed);
        var words = Everything.Split(' ');
        for (var round = 0; round < 2_000; round++)
        {
            var text = Everything.ToCharArray().ToList();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Count);
                var length = random.Next(Math.Min(20, text.Count - at));
                text.RemoveRange(at, length);
                text.InsertRange(at, words[random.Next(words.Length)]);
            }

            try
            {
                Parse(new string([.. text]));
            }
            catch (SqlException error)
            {
                error.SqlState.ShouldBe("22023");
            }
        }
    }

    [Fact]
    public void Columns_make_the_text_that_ksqldb_registers()
    {
        var category = Struct(("ID", SqlType.BigInt), ("NAME", SqlType.Varchar));
        Format.ToSchema(
            Struct(
                ("ID", SqlType.BigInt), ("ITEM", Struct(("NAME", SqlType.Varchar), ("CATEGORY", category))),
                ("LIST", SqlType.ArrayOf(SqlType.Double)),
                ("MAP", SqlType.MapOf(SqlType.Varchar, SqlType.Timestamp)), ("DEC", SqlType.Decimal(6, 4))),
            new FormatOptions()).ShouldBe("""
                syntax = "proto3";

                import "confluent/type/decimal.proto";
                import "google/protobuf/timestamp.proto";

                message ConnectDefault1 {
                  int64 ID = 1;
                  ConnectDefault2 ITEM = 2;
                  repeated double LIST = 3;
                  repeated ConnectDefault4Entry MAP = 4;
                  confluent.type.Decimal DEC = 5 [(confluent.field_meta) = {
                    params: [
                      {
                        value: "6",
                        key: "precision"
                      },
                      {
                        value: "4",
                        key: "scale"
                      }
                    ]
                  }];

                  message ConnectDefault2 {
                    string NAME = 1;
                    ConnectDefault3 CATEGORY = 2;
                  
                    message ConnectDefault3 {
                      int64 ID = 1;
                      string NAME = 2;
                    }
                  }
                  message ConnectDefault4Entry {
                    string key = 1;
                    google.protobuf.Timestamp value = 2;
                  }
                }

                """);
    }

    [Fact]
    public void Nullable_columns_are_optional_or_wrapped_and_names_are_taken()
    {
        var root = Struct(("I", SqlType.Integer), ("S", SqlType.Varchar));
        Format.ToSchema(root, new FormatOptions { NullableRepresentation = NullableRepresentation.Optional, SchemaFullName = "Row" })
            .ShouldBe("syntax = \"proto3\";\n\nmessage Row {\n  optional int32 I = 1;\n  optional string S = 2;\n}\n");
        Format.ToSchema(root, new FormatOptions { NullableRepresentation = NullableRepresentation.Wrapper, SchemaFullName = "io.test.Row" })
            .ShouldBe(
                "syntax = \"proto3\";\npackage io.test;\n\nimport \"google/protobuf/wrappers.proto\";\n\n"
                + "message Row {\n  google.protobuf.Int32Value I = 1;\n  google.protobuf.StringValue S = 2;\n}\n");
        Format.ToSchema(Struct(("E", Struct(("T", SqlType.BigInt)))), new FormatOptions { SchemaFullName = "Row" })
            .ShouldBe("syntax = \"proto3\";\n\nmessage Row {\n  ConnectDefault1 E = 1;\n\n  message ConnectDefault1 {\n    int64 T = " +
                "1;\n  }\n}\n");
    }

    [Theory]
    [InlineData("bool a = 1; int32 b = 2; sint64 c = 3; uint32 d = 4; float e = 5; string f = 6; bytes g = 7;",
        "STRUCT<`a` BOOLEAN, `b` INTEGER, `c` BIGINT, `d` BIGINT, `e` DOUBLE, `f` VARCHAR, `g` BYTES>")]
    [InlineData("google.protobuf.Timestamp a = 1; google.type.Date b = 2; google.type.TimeOfDay c = 3; google.protobuf.UInt32Value d = 4;",
        "STRUCT<`a` TIMESTAMP, `b` DATE, `c` TIME, `d` BIGINT>")]
    [InlineData("confluent.type.Decimal a = 1 [(confluent.field_meta) = { params: [{ key: \"precision\", value: \"8\" }, { key: " +
        "\"scale\" value: \"3\" }] }];", "STRUCT<`a` DECIMAL(8, 3)>")]
    [InlineData("confluent.type.Decimal a = 1 [(confluent.field_meta).params = { key: \"scale\", value: \"3\" }];",
        "STRUCT<`a` DECIMAL(38, 3)>")]
    [InlineData("repeated E a = 1; map<string, int64> b = 2; enum E { X = 0; }", "STRUCT<`a` ARRAY<VARCHAR>, `b` MAP<VARCHAR, BIGINT>>")]
    [InlineData("int32 z = 1; oneof pick { string a = 2; int32 b = 3; }", "STRUCT<`pick_0` STRUCT<`a` VARCHAR, `b` INTEGER>, `z` INTEGER>")]
    [InlineData("int32 a = 1; M m = 2; map<int32, string> n = 3; E e = 4; message E { }", "STRUCT<`a` INTEGER>")]
    [InlineData("repeated RowEntry a = 1; message RowEntry { string key = 1; repeated int32 value = 2; }",
        "STRUCT<`a` MAP<VARCHAR, ARRAY<INTEGER>>>")]
    public void Messages_have_sql_types(string body, string type)
    {
        const string Imports =
            "import \"google/protobuf/timestamp.proto\"; import \"google/type/date.proto\"; import \"google/type/timeofday.proto\"; "
            + "import \"google/protobuf/wrappers.proto\"; import \"confluent/type/decimal.proto\"; import \"confluent/meta.proto\";";
        Format.ToSqlType(Schema($"syntax = \"proto3\"; {Imports} message M {{ {body} }}"), new FormatOptions()).ToString().ShouldBe(type);
    }

    [Fact]
    public void The_message_is_the_first_or_the_one_that_is_named()
    {
        var schema =
            Schema("syntax = \"proto3\"; package p; message A { int32 a = 1; message In { int32 b = 1; } } message C { int32 c = 1; }");
        Named(null).ShouldBe("STRUCT<`a` INTEGER>");
        Named("p.C").ShouldBe("STRUCT<`c` INTEGER>");
        Named("p.A.In").ShouldBe("STRUCT<`b` INTEGER>");
        Should.Throw<SqlException>(() => Named("C")).Message.ShouldBe("The Protobuf schema has no message C.");
        Should.Throw<SqlException>(() => Format.ToSqlType(Schema("syntax = \"proto3\"; message M { M m = 1; }"), new FormatOptions()))
            .Message.ShouldBe("No field of the Protobuf message M has a SQL type.");

        string Named(string? name) => Format.ToSqlType(schema, new FormatOptions { SchemaFullName = name }).ToString();
    }

    [Fact]
    public void Equal_schemas_have_one_text()
    {
        var one = Schema("syntax='proto3';message M{string b=2;int32 a=1;}");
        var other = Schema("// c\nsyntax = \"proto3\";\nmessage M {\n  int32 a = 1;\n  string b = 2;\n}");
        Format.Canonicalize(one, normalize: false).ShouldNotBe(Format.Canonicalize(other, normalize: false));
        Format.Canonicalize(one, normalize: true).ShouldBe(Format.Canonicalize(other, normalize: true));
        Format.Canonicalize(Schema("syntax='proto3';message M{string b=2;}"), normalize: false)
            .ShouldBe("syntax = \"proto3\";\n\nmessage M {\n  string b = 2;\n}\n");
        Format.Canonicalize(Schema("syntax='proto3';option java_package='a';message M{string b=2;}"), normalize: false)
            .ShouldNotBe(Format.Canonicalize(Schema("syntax='proto3';option java_package='b';message M{string b=2;}"), normalize: false));
    }
}

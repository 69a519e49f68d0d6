using System.Text;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Protobuf.Writing;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Decoding;
using static StreamSQL.UnitTests.Data.Formats.Protobuf.Proto;

namespace StreamSQL.UnitTests.Data.Formats.Protobuf;

public sealed class ProtobufEncoderTests
{
    private static readonly SqlType[] Scalars =
    [
        SqlType.Boolean, SqlType.Integer, SqlType.BigInt, SqlType.Double, SqlType.Varchar, SqlType.Bytes, SqlType.Timestamp, SqlType.Date,
        SqlType.Time,
        SqlType.Decimal(38, 10), SqlType.Decimal(5, 2),
    ];

    [Theory]
    [InlineData("int32 a = 1;", 150, "089601")]
    [InlineData("int32 a = 1;", -1, "08FFFFFFFFFFFFFFFFFF01")]
    [InlineData("int32 a = 1;", 0, "")]
    [InlineData("optional int32 a = 1;", 0, "0800")]
    [InlineData("uint32 a = 1;", 4294967295L, "08FFFFFFFF0F")]
    [InlineData("uint64 a = 1;", -1L, "08FFFFFFFFFFFFFFFFFF01")]
    [InlineData("sint32 a = 1;", -2, "0803")]
    [InlineData("sint64 a = 1;", long.MinValue, "08FFFFFFFFFFFFFFFFFF01")]
    [InlineData("fixed32 a = 1;", 1L, "0D01000000")]
    [InlineData("sfixed32 a = 1;", -1, "0DFFFFFFFF")]
    [InlineData("fixed64 a = 1;", 1L, "090100000000000000")]
    [InlineData("sfixed64 a = 1;", -1L, "09FFFFFFFFFFFFFFFF")]
    [InlineData("double a = 1;", 1.5, "09000000000000F83F")]
    [InlineData("double a = 1;", -0.0, "090000000000000080")]
    [InlineData("float a = 1;", 1.5, "0D0000C03F")]
    [InlineData("bool a = 1;", true, "0801")]
    [InlineData("string a = 100000;", "é", "82EA3002C3A9")]
    [InlineData("string a = 1;", "", "")]
    [InlineData("E a = 1; enum E { ZERO = 0; ONE = 1; }", "ONE", "0801")]
    [InlineData("E a = 1; enum E { ZERO = 0; ONE = 1; }", "7", "0807")]
    public void Values_are_written_as_specified(string body, object value, string hex)
    {
        var message = Message(body);
        Hex(Encode(message, Columns(message), [value])[0]).ShouldBe(hex);
        Encode(message, Columns(message), [[null]])[0].Length.ShouldBe(0);
    }

    [Fact]
    public void Lists_maps_and_messages_are_written_as_specified()
    {
        var message = Message("repeated int32 p = 1; repeated int32 u = 2 [packed = false]; map<string, int32> m = 3; N n = 4; repeated " +
            "string s = 5; message N { int32 x = 1; }");
        FormatField[] fields = Columns(message);
        object?[] full =
        [
            new object?[] { 3, null, 270 }, new object?[] { 1, 2 }, new KeyValuePair<object, object?>[] { new("a", 1), new("b", null) },
            new object?[] { 150 }, new object?[] { "x", null, "" },
        ];
        Hex(Encode(message, fields, full)[0])
            .ShouldBe("0A0403008E02" + "10011002" + "1A050A01611001" + "1A030A0162" + "2203089601" + "2A01782A002A00");
        Encode(message, fields, [[null, null, null, null, null]])[0].Length.ShouldBe(0);
        Hex(Encode(message, fields, [Array.Empty<object?>(), Array.Empty<object?>(), Array.Empty<KeyValuePair<object, object?>>(),
            new object?[] { null }, null])[0])
            .ShouldBe("2200");
    }

    [Fact]
    public void A_key_of_nulls_alone_is_null()
    {
        FormatField[] fields = [Field("A", SqlType.Integer), Field("B", SqlType.Varchar)];
        var keys = Encode(FormatFactory.CreateEncoder("PROTOBUF_NOSR", fields, new FormatOptions { IsKey = true }), fields,
            [null, null], [0, null]);
        keys.IsNull(0).ShouldBeTrue();
        keys.Lengths[1].ShouldBe(0);
        Encode(FormatFactory.CreateEncoder("PROTOBUF_NOSR", fields, FormatOptions.Default), fields, [[null, null]]).Lengths[0].ShouldBe(0);
    }

    [Fact]
    public void Of_a_oneof_one_member_is_written()
    {
        var message = Message("oneof pick { int32 a = 1; string b = 2; } int32 z = 3;");
        var encoded = Encode(message, Columns(message), [null, 1], [new object?[] { 0, null }, 1], [new object?[] { 1, "x" }, 1],
            [new object?[] { null, null }, 1]);
        Enumerable.Range(0, 4).Select(row => Hex(encoded[row])).ShouldBe(["1801", "08001801", "1201781801", "1801"]);
    }

    [Theory]
    [InlineData("int32 a = 1;", 2147483648L, "22003", "column a: the value 2147483648 does not fit the field's type int32")]
    [InlineData("uint32 a = 1;", -1L, "22003", "column a: the value -1 does not fit the field's type uint32")]
    [InlineData("E a = 1; enum E { ZERO = 0; }", "banana", "22P02", "column a: M.E has no value 'banana'")]
    public void Values_that_do_not_fit_are_errors(string body, object value, string state, string reason)
    {
        FormatField[] fields = [Field("a", value is long ? SqlType.BigInt : SqlType.Varchar)];
        var error = Should.Throw<SqlException>(() => Encode(Message(body), fields, [value]));
        (error.SqlState, error.Message).ShouldBe((state, reason));
    }

    [Fact]
    public void Columns_must_be_fields_of_fitting_types()
    {
        var message = Message("int32 a = 1; repeated int32 l = 2;");
        Refused(Field("b", SqlType.Integer)).ShouldBe("The column b is not a field of the message M.");
        Refused(Field("a", SqlType.Varchar)).ShouldBe("The column a of type VARCHAR cannot be written as int32.");
        Refused(Field("l", SqlType.Integer)).ShouldBe("The column l of type INTEGER cannot be written as repeated int32.");
        Hex(Encode(message, [Field("A", SqlType.Integer)], [1])[0]).ShouldBe("0801");

        string Refused(FormatField field) =>
            Should.Throw<SqlException>(() => new ProtobufEncoder(message, [field], [], isKey: false)).Message;
    }

    [Theory]
    [InlineData("ARRAY", "The 'PROTOBUF_NOSR' format does not support ARRAY inside ARRAY, column: `K`")]
    [InlineData("MAP", "PROTOBUF_NOSR format only supports MAP types with STRING keys")]
    [InlineData("DEEP", "The 'PROTOBUF_NOSR' format does not support types nested more than 64 deep, column: `K`")]
    public void What_protobuf_cannot_hold_is_refused(string kind, string message)
    {
        var deep = SqlType.Integer;
        for (var i = 0; i < 65; i++)
            deep = Struct(("X", deep));
        var type = kind switch
        {
            "ARRAY" => SqlType.ArrayOf(SqlType.ArrayOf(SqlType.Integer)),
            "MAP" => SqlType.MapOf(SqlType.Integer, SqlType.Integer),
            _ => deep,
        };
        var error = Should.Throw<SqlException>(
            () => FormatFactory.CreateEncoder("PROTOBUF_NOSR", [Field("K", type)], FormatOptions.Default));
        (error.SqlState, error.Message).ShouldBe(("0A000", message));
        Should.Throw<SqlException>(() => Format.CheckField(Field("a-b", SqlType.Integer))).Message
            .ShouldBe("The 'PROTOBUF' format does not support the column name `a-b`: letters, digits and underscores only");
    }

    [Theory]
    [InlineData(NullableRepresentation.None, 1)]
    [InlineData(NullableRepresentation.None, 2)]
    [InlineData(NullableRepresentation.Optional, 3)]
    [InlineData(NullableRepresentation.Optional, 4)]
    [InlineData(NullableRepresentation.Wrapper, 5)]
    [InlineData(NullableRepresentation.Wrapper, 6)]
    public void Rows_of_any_type_come_back(NullableRepresentation nullable, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var fields = RandomFields(random, 0);
            var text = Format.ToSchema(SqlType.StructOf(fields), new FormatOptions { NullableRepresentation = nullable });
            var schema = new RegisteredSchema(7, Schema(text), []);
            Format.ToSqlType(schema.Schema, new FormatOptions()).ShouldBe(SqlType.StructOf(fields), text);

            FormatField[] columns = [.. fields.Select(field => Field(field.Name, field.Type))];
            var rows = Enumerable.Range(0, 20).Select(_ => fields.Select(field => RandomValue(random, field.Type)).ToArray()).ToArray();
            var expected = Show(columns, rows.Select(row => row.Select((value, i) => Returned(value, fields[i].Type, nullable)).ToArray())
                .ToArray());
            var encoded = Encode(Format.CreateEncoder(columns, schema, new FormatOptions()), columns, rows);
            var decoded = Run(new PayloadAdapter(Format.CreateDecoder(columns, schema, new FormatOptions())), columns, encoded);
            decoded.Reason.ShouldBe("");
            decoded.Rows.ShouldBe(expected, text);
            if (nullable != NullableRepresentation.None)
                continue;
            var bare = Encode(FormatFactory.CreateEncoder("PROTOBUF_NOSR", columns, FormatOptions.Default), columns, rows);
            Run(FormatFactory.CreateDecoder("PROTOBUF_NOSR", columns, FormatOptions.Default), columns, bare).Rows.ShouldBe(expected, text);
        }
    }

    [Fact]
    public void Records_begin_with_the_frame_and_the_indexes_of_their_message()
    {
        var schema = new RegisteredSchema(0x01020304, Schema(
            "syntax = \"proto3\"; message A { int32 x = 1; message B { string x = 1; message C { int64 x = 1; } } map<string, B> m = 2; " +
                "} message D { int32 x = 1; }"), []);
        Written("A", SqlType.Integer).ShouldBe("0001020304" + "00" + "0801");
        Written("D", SqlType.Integer).ShouldBe("0001020304" + "0202" + "0801");
        Written("A.B", SqlType.Varchar).ShouldBe("0001020304" + "040000" + "0A0131");
        Written("A.B.C", SqlType.BigInt).ShouldBe("0001020304" + "06000000" + "0801");

        string Written(string message, SqlType type)
        {
            FormatField[] fields = [Field("X", type)];
            var encoder = Format.CreateEncoder(fields, schema, new FormatOptions { SchemaFullName = message });
            return Hex(Encode(encoder, fields,
                [type.Kind == SqlTypeKind.Varchar ? "1" : type.Kind == SqlTypeKind.Integer ? (object)1 : 1L])[0]);
        }
    }

    [Fact]
    public void Each_record_is_read_as_the_message_that_its_indexes_name()
    {
        var schema = new RegisteredSchema(1,
            Schema("syntax = \"proto3\"; message A { int32 x = 1; message B { sint32 x = 1; } } message D { int32 y = 1; optional int32 " +
                "x = 2; }"), []);
        FormatField[] fields = [Field("X", SqlType.Integer)];
        string?[] payloads = ["00 08 01", "00", "02 00 08 02", null, "04 00 00 08 03", "02 02 08 09", "02 02 10 04", "02 04 08 01", "01 00",
            "03 08", "", "80", "FE FF FF FF 0F 00", "00 08 05"];
        var decoded = Run(
            new PayloadAdapter(Format.CreateDecoder(fields, schema, new FormatOptions())), fields,
            Slices(payloads.Select(hex => hex is null ? null : Bytes("0000000001" + hex))));
        decoded.Rows.ShouldBe(["1", "0", "2", "NULL", "-2", "NULL", "4", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "5"]);
        decoded.Failed.ShouldBe([7, 8, 9, 10, 11, 12]);
        decoded.Reason.ShouldBe("the indexes before the message name none of the schema");
    }

    private static string[] Show(FormatField[] fields, object?[][] rows)
    {
        var columns = fields.Select(field => StreamSQL.Data.Columns.Column.Create(field.Type)).ToArray();
        for (var c = 0; c < columns.Length; c++)
        {
            columns[c].Reset(rows.Length);
            for (var r = 0; r < rows.Length; r++)
                StreamSQL.Data.Formats.Rows.ColumnWriter.Write(columns[c], r, rows[r][c]);
        }

        return [.. Enumerable.Range(0, rows.Length).Select(row => string.Join('|', columns.Select(column =>
            StreamSQL.Data.Formats.Rows.ColumnText.ToText(column, row, StreamSQL.Data.Formats.Rows.TextStyle.Ksql) ?? "NULL")))];
    }

    /// <summary>What a value is after it was written and read.</summary>
    private static object? Returned(object? value, SqlType type, NullableRepresentation nullable, bool isElement = false)
    {
        switch (type.Kind)
        {
            case SqlTypeKind.Array:
                return ((object?[]?)value ?? []).Select(element => Returned(element, type.Element!, nullable, isElement: true)).ToArray();
            case SqlTypeKind.Map:
                return ((KeyValuePair<object, object?>[]?)value ?? [])
                    .Select(entry => new KeyValuePair<object, object?>(entry.Key, Returned(entry.Value, type.Element!, nullable)))
                    .ToArray();
            case SqlTypeKind.Struct when value is not null || isElement:
                return type.Fields.Select((field, i) => Returned(((object?[]?)value)?[i], field.Type, nullable)).ToArray();
            case SqlTypeKind.Struct:
                return null;
        }

        var isNull = value is null && !isElement
            && (nullable != NullableRepresentation.None
                || type.Kind is SqlTypeKind.Timestamp or SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Decimal);
        return value ?? (isNull ? null : type.Physical switch
        {
            PhysicalKind.Boolean => false,
            PhysicalKind.Int32 => 0,
            PhysicalKind.Int64 => 0L,
            PhysicalKind.Double => 0.0,
            PhysicalKind.Int128 => Int128.Zero,
            _ => type.Kind == SqlTypeKind.Bytes ? Array.Empty<byte>() : "",
        });
    }

    private static StructField[] RandomFields(Random random, int depth) =>
        [.. Enumerable.Range(0, random.Next(1, 8)).Select(i => new StructField($"f{i}", RandomType(random, depth)))];

    private static SqlType RandomType(Random random, int depth, bool isElement = false) =>
        depth < 3 ? random.Next(isElement ? 10 : 6) switch
    {
        0 => SqlType.StructOf(RandomFields(random, depth + 1)),
        1 when !isElement => SqlType.ArrayOf(RandomType(random, depth + 1, isElement: true)),
        2 when !isElement => SqlType.MapOf(SqlType.Varchar, RandomType(random, depth + 1)),
        _ => Scalars[random.Next(Scalars.Length)],
    }
    : Scalars[random.Next(Scalars.Length)];

    private static object? RandomValue(Random random, SqlType type)
    {
        if (random.Next(6) == 0)
            return null;
        var isDefault = random.Next(6) == 0;
        return type.Kind switch
        {
            SqlTypeKind.Boolean => random.Next(2) == 1,
            SqlTypeKind.Integer => isDefault ? 0 : (int)random.NextInt64(int.MinValue, 1L << 31) >> random.Next(32),
            SqlTypeKind.BigInt => isDefault ? 0L : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
            SqlTypeKind.Double => isDefault ? 0.0 : BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
            SqlTypeKind.Varchar =>
                string.Concat(Enumerable.Range(0, random.Next(isDefault ? 1 : 200)).Select(_ => "aé😀z"[random.Next(2)])),
            SqlTypeKind.Bytes => Encoding.UTF8.GetBytes(new string('x', random.Next(isDefault ? 1 : 20))),
            SqlTypeKind.Timestamp => isDefault ? 0L : random.NextInt64(-62_135_596_800_000, 253_402_300_799_999),
            SqlTypeKind.Date => isDefault ? 0 : random.Next(-719_162, 2_932_896),
            SqlTypeKind.Time => isDefault ? 0 : random.Next(86_400_000),
            SqlTypeKind.Decimal => RandomDecimal(random, type.Precision),
            SqlTypeKind.Array => Enumerable.Range(0, random.Next(5)).Select(_ => RandomValue(random, type.Element!)).ToArray(),
            SqlTypeKind.Map => Enumerable.Range(0, random.Next(5))
                .Select(i => new KeyValuePair<object, object?>($"k{i}", RandomValue(random, type.Element!))).ToArray(),
            _ => type.Fields.Select(field => RandomValue(random, field.Type)).ToArray(),
        };
    }

    private static Int128 RandomDecimal(Random random, int precision)
    {
        var value = (Int128)0;
        for (var digits = random.Next(precision + 1); digits > 0; digits--)
            value = (value * 10) + random.Next(10);
        return random.Next(2) == 0 ? value : -value;
    }
}

/// <summary>Decodes framed records with the decoder of one writer, all in one run.</summary>
internal sealed class PayloadAdapter(PayloadDecoder decoder) : RecordDecoder
{
    public override void Decode(StreamSQL.Data.Batches.SliceList source, StreamSQL.Data.Columns.Column?[] columns, DecodeErrors errors)
    {
        var payloads = new StreamSQL.Data.Batches.SliceList();
        payloads.Reset(source.Buffer);
        for (var row = 0; row < source.Count; row++)
            payloads.Add(source.Starts[row] + SchemaFrame.Length, source.IsNull(row) ? -1 : source.Lengths[row] - SchemaFrame.Length);
        decoder.Attach(source.Buffer, columns);
        decoder.Decode(payloads, 0, payloads.Count, columns, errors);
    }
}

using System.Security.Cryptography;
using System.Text;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Avro.AvroData;

namespace StreamSQL.UnitTests.Data.Formats.Avro;

/// <summary>What another implementation (avsc 5.7, JavaScript) wrote.</summary>
public sealed class AvroPeerTests
{
    private const string Schema = """
        {"type":"record","name":"Peer","namespace":"x.y","fields":[{"name":"bo","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":["null","long"]},{"name":"f","type":"float"},
        {"name":"d","type":"double"},{"name":"s","type":["string","null"]},{"name":"by","type":"bytes"},
        {"name":"fx","type":{"type":"fixed","name":"Fx","size":3}},{"name":"e","type":{"type":"enum","name":"En","symbols":["RED","GREEN","BLUE"]}},
        {"name":"a","type":{"type":"array","items":["null","int"]}},{"name":"m","type":{"type":"map","values":{"type":"array","items":"string"}}},
        {"name":"r","type":["null",{"type":"record","name":"In","fields":[{"name":"x","type":"long"},{"name":"y","type":"string"}]}]},{"name":"last","type":"int"}]}
        """;

    private static readonly FormatField[] Fields =
    [
        new("BO", SqlType.Boolean), new("I", SqlType.Integer), new("L", SqlType.BigInt), new("F", SqlType.Double), new("D", SqlType.Double),
        new("S", SqlType.Varchar),
        new("BY", SqlType.Bytes), new("FX", SqlType.Bytes), new("E", SqlType.Varchar), new("A", SqlType.ArrayOf(SqlType.Integer)),
        new("M", SqlType.MapOf(SqlType.Varchar, SqlType.ArrayOf(SqlType.Varchar))),
        new("R", SqlType.StructOf([new("X", SqlType.BigInt), new("Y", SqlType.Varchar)])),
        new("LAST", SqlType.Integer),
    ];

    private static readonly byte[][] Records =
    [
        Convert.FromHexString(
            "01FF880F02FEFFFFFFFFFFFF0FCDCCCC3D9C7500883CE437FE00166E61C3AF766520F09F98800600FF10616263040602020002FFFFFFFF0F0004026B040278047979000A656D70747900000209000E"),
        Convert.FromHexString("0000000000C03F000000000000000002000000000000000001"),
    ];

    [Fact]
    public void Its_records_are_read()
    {
        Decode(Schema, Fields, Records).Rows.ShouldBe([
            "true|-123456|4503599627370495|0.10000000149011612|-1.0E300|naïve 😀|AP8Q|YWJj|BLUE|[1, null, -2147483648]|{k=[x, yy], " +
                "empty=[]}|Struct{X=-5,Y=}|7",
            "false|0|NULL|1.5|0.0|NULL||AAAA|RED|[]|{}|NULL|-1",
        ]);
    }

    [Fact]
    public void The_same_bytes_are_written()
    {
        Encode(Schema, Fields, true,
            [true, -123456, 4503599627370495L, 0.1, -1e300, "naïve 😀", new byte[] { 0, 255, 16 }, "abc"u8.ToArray(), "BLUE",
                new object?[] { 1, null, int.MinValue },
                new KeyValuePair<object, object?>[] { new("k", new object?[] { "x", "yy" }), new("empty", Array.Empty<object?>()) },
                new object?[] { -5L, "" }, 7],
            [false, 0, null, 1.5, 0.0, null, Array.Empty<byte>(), new byte[3], "RED", Array.Empty<object?>(),
                Array.Empty<KeyValuePair<object, object?>>(), null, -1])
            .ShouldBe(Records);
    }

    [Fact]
    public void The_canonical_form_has_the_same_fingerprint() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(AvroCanonicalForm.Of(AvroSchema.Parse(Schema)))))
            .ShouldBe("46a5a06bc6377438bac56abcc1657dc12f1ce2b5b12641358fe8dd9deaa6835f");
}

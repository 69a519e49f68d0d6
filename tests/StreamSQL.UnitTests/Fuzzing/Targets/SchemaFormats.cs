using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Avro.Reading;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;
using StreamSQL.UnitTests.Data.Formats.Avro;
using StreamSQL.UnitTests.Data.Formats.Protobuf;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>Records of the formats with schemas, and the texts of schemas, which anybody may register.</summary>
internal static class SchemaFormats
{
    private static readonly FormatField[] _fields =
    [
        new("I", SqlType.Integer), new("L", SqlType.BigInt), new("S", SqlType.Varchar), new("D", SqlType.Double),
        new("DE", SqlType.Decimal(20, 3)),
        new("BO", SqlType.Boolean), new("BY", SqlType.Bytes), new("TS", SqlType.Timestamp), new("A", SqlType.ArrayOf(SqlType.BigInt)),
        new("M", SqlType.MapOf(SqlType.Varchar, SqlType.StructOf([new("X", SqlType.Integer), new("Y", SqlType.ArrayOf(SqlType.Varchar))]))),
    ];

    private static readonly object?[][] _rows =
    [
        [
            -5, 1L << 40, "text", 1.5, (Int128)123_456, true, new byte[] { 1, 2 }, 1_500L, new object?[] { 1L, -1L, 300L },
            new KeyValuePair<object, object?>[] { new("a", new object?[] { 1, new object?[] { "x", "y" } }),
                new("b", new object?[] { 2, null }) },
        ],
        [null, null, null, null, null, null, null, null, null, null],
    ];

    private static readonly string _avro =
        KsqlSchemaText.Write(SqlType.StructOf([.. _fields.Select(static f => new StructField(f.Name, f.Type))]), "my.Row");

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("avro", static () => AvroData.Encode(_avro, _fields, true, _rows).Select(static r => r!), AvroDecoding())
            { Share = 24, AllocationFactor = NestedFactor },
        new("protobuf", ProtobufRecords, ProtobufDecoding()) { Share = 24, AllocationFactor = NestedFactor },
        Text("avro-schema", static text => AvroSchema.Parse(text), _avro,
            """{"type":"enum","name":"E","symbols":["A","B"],"doc":"\u00e9\ud83d\ude00"}""",
            """["null",{"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":5}]"""),
        Text("proto-text", static text => Proto.Parse(text), ProtoFile),
    ];

    // An element of one byte has its place in a column of eight or sixteen, which grows by doubling.
    private const int NestedFactor = 64;

    private const string ProtoFile = """
        syntax = "proto3"; package my.rows; option java_package = "x";
        // A row.
        message Row { int32 i = 1; repeated string s = 2 [deprecated = true]; map<string, Inner> m = 3; oneof o { bytes b = 4; double d = 5; } reserved 9 to 11;
          message Inner { optional int64 x = 1; } enum Kind { NONE = 0; ONE = 1; } Kind kind = 6; }
        """;

    private static FuzzTarget Text(string name, Action<string> parse, params string[] seeds) => new(
        name, () => seeds.Select(Encoding.UTF8.GetBytes), input => parse(Encoding.UTF8.GetString(input)), typeof(SqlException))
    {
        Share = 12, IsText = true, AllocationFactor = 256,
    };

    private static IEnumerable<byte[]> ProtobufRecords()
    {
        RecordEncoder encoder = FormatFactory.CreateEncoder("PROTOBUF_NOSR", _fields, FormatOptions.Default);
        SliceList records = Proto.Encode(encoder, _fields, _rows);
        return Enumerable.Range(0, records.Count).Select(i => records[i].ToArray());
    }

    private static Action<byte[]> AvroDecoding()
    {
        var decoder = new AvroDecoder(_fields, true, AvroSchema.Parse(_avro), null);
        return Decoding((slices, columns, errors) =>
        {
            decoder.Attach(slices.Buffer, columns);
            decoder.Decode(slices, 0, slices.Count, columns, errors);
        });
    }

    private static Action<byte[]> ProtobufDecoding() =>
        Decoding(FormatFactory.CreateDecoder("PROTOBUF_NOSR", _fields, FormatOptions.Default).Decode);

    /// <summary>Decodes one record into columns of its own, as a reader does that keeps them.</summary>
    private static Action<byte[]> Decoding(Action<SliceList, Column?[], DecodeErrors> decode)
    {
        Column?[] columns = [.. _fields.Select(static field => Column.Create(field.Type))];
        var slices = new SliceList();
        var errors = new DecodeErrors();
        return input =>
        {
            slices.Reset(input);
            slices.Add(0, input.Length);
            foreach (Column? column in columns)
                column!.Reset(1);
            errors.Clear();
            decode(slices, columns, errors);
        };
    }
}

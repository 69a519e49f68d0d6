using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Protobuf;
using StreamSQL.Data.Formats.Protobuf.Reading;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Formats.Protobuf.Writing;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Formats.Protobuf;

/// <summary>Schemas, messages and rows for tests.</summary>
internal static class Proto
{
    public static ProtobufFormat Format { get; } = new();

    public static ResolvedSchema Schema(string text, params (string Name, string Text)[] imports) =>
        new(SchemaType.Protobuf, text, [.. imports.Select(import => new SchemaImport(import.Name, import.Text))]);

    public static ProtoFile Parse(string text, params (string Name, string Text)[] imports) => ProtoLinker.Parse(Schema(text, imports));

    /// <summary>The first message of a proto3 file with this body.</summary>
    public static ProtoMessage Message(string body, string before = "") =>
        Parse($"syntax = \"proto3\"; {before} message M {{ {body} }}").Messages[0];

    /// <summary>The columns of a message, as they are inferred.</summary>
    public static FormatField[] Columns(ProtoMessage message) =>
        [.. ProtoColumns.TypeOf(message).Fields.Select(field => new FormatField(field.Name, field.Type))];

    public static Decoded Decode(ProtoMessage message, params string?[] hex) => Decode(message, Columns(message), hex);

    public static Decoded Decode(ProtoMessage message, FormatField[] fields, params string?[] hex) =>
        Decoding.Run(new ProtobufDecoder(message, fields), fields, Decoding.Slices(hex.Select(h => h is null ? null : Bytes(h))));

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static SliceList Encode(ProtoMessage message, FormatField[] fields, params object?[][] rows) =>
        Encode(new ProtobufEncoder(message, fields, [], isKey: false), fields, rows);

    public static SliceList Encode(RecordEncoder encoder, FormatField[] fields, params object?[][] rows)
    {
        var columns = fields.Select(field => Column.Create(field.Type)).ToArray();
        for (var c = 0; c < columns.Length; c++)
        {
            columns[c].Reset(rows.Length);
            for (var r = 0; r < rows.Length; r++)
                ColumnWriter.Write(columns[c], r, rows[r][c]);
        }

        var target = new SliceList();
        target.Reset();
        encoder.Encode(columns, RowSelection.All(rows.Length), target);
        return target;
    }

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);

    public static SqlType Struct(params (string Name, SqlType Type)[] fields) =>
        SqlType.StructOf([.. fields.Select(field => new StructField(field.Name, field.Type))]);
}

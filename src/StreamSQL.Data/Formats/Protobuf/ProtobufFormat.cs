using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Protobuf.Reading;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Formats.Protobuf.Writing;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf;

/// <summary>PROTOBUF: messages behind a frame and the indexes of their type in the schema.</summary>
internal sealed class ProtobufFormat : SchemaFormat
{
    /// <inheritdoc/>
    public override string Name => "PROTOBUF";

    /// <inheritdoc/>
    public override SchemaType SchemaType => SchemaType.Protobuf;

    /// <inheritdoc/>
    public override bool CanUnwrap => false;

    /// <inheritdoc/>
    public override void CheckField(FormatField field)
    {
        ProtobufTypes.Check(Name, field);
        CheckNames(field.Name, field.Type);
    }

    /// <inheritdoc/>
    public override string ToSchema(SqlType root, FormatOptions options) =>
        new ProtoText(normalize: false).Write(ProtoBuilder.Build(root.Fields, options.SchemaFullName, options.NullableRepresentation));

    /// <inheritdoc/>
    public override SqlType ToSqlType(ResolvedSchema schema, FormatOptions options) =>
        ProtoColumns.TypeOf(ProtoColumns.Select(ProtoLinker.Parse(schema), options.SchemaFullName));

    /// <inheritdoc/>
    public override PayloadDecoder CreateDecoder(IReadOnlyList<FormatField> fields, RegisteredSchema writer, FormatOptions options) =>
        new ProtobufPayloadDecoder(ProtoLinker.Parse(writer.Schema), fields);

    /// <inheritdoc/>
    public override RecordEncoder CreateEncoder(IReadOnlyList<FormatField> fields, RegisteredSchema schema, FormatOptions options)
    {
        var file = ProtoLinker.Parse(schema.Schema);
        var message = ProtoColumns.Select(file, options.SchemaFullName);
        return new ProtobufEncoder(message, fields, [.. SchemaFrame.Of(schema.Id), .. MessageIndexes.Of(file, message)], options.IsKey);
    }

    /// <inheritdoc/>
    public override string Canonicalize(ResolvedSchema schema, bool normalize) => new ProtoText(normalize).Write(ProtoLinker.Parse(schema));

    /// <inheritdoc/>
    public override IReadOnlyList<string> FindIncompatibilities(ResolvedSchema reader, ResolvedSchema writer) =>
        ProtoComparison.Compare(ProtoLinker.Parse(reader), ProtoLinker.Parse(writer));

    private void CheckNames(string name, SqlType type)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported,
                $"The '{Name}' format does not support the column name `{name}`: letters, digits and underscores only");
        }

        for (var inner = type; inner is not null; inner = inner.Element)
        {
            foreach (var field in inner.Fields)
                CheckNames(field.Name, field.Type);
        }
    }
}

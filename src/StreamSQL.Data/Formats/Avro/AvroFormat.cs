using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Avro.Reading;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Formats.Avro.Writing;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro;

/// <summary>AVRO: Avro's binary form with a frame, written with the schemas that ksqlDB makes.</summary>
internal sealed class AvroFormat : SchemaFormat
{
    /// <inheritdoc/>
    public override string Name => "AVRO";

    /// <inheritdoc/>
    public override SchemaType SchemaType => SchemaType.Avro;

    /// <inheritdoc/>
    public override void CheckField(FormatField field) => CheckType(field, field.Type);

    /// <inheritdoc/>
    public override string DefaultFullName(string source, bool isKey) =>
        isKey ? KsqlSchemaText.KeyName(source) : KsqlSchemaText.DefaultName;

    /// <inheritdoc/>
    public override string ToSchema(SqlType root, FormatOptions options)
    {
        var text = KsqlSchemaText.Write(root, options.SchemaFullName ?? KsqlSchemaText.DefaultName);
        // Two STRUCTs may have come to the same name.
        AvroSchema.Parse(text);
        return text;
    }

    /// <inheritdoc/>
    public override SqlType ToSqlType(ResolvedSchema schema, FormatOptions options)
    {
        var root = Parse(schema);
        var meant = root.Branches.FirstOrDefault(branch => branch.Kind == AvroKind.Record && branch.FullName == options.SchemaFullName);
        return AvroColumns.RootOf(meant ?? root);
    }

    /// <inheritdoc/>
    public override PayloadDecoder CreateDecoder(IReadOnlyList<FormatField> fields, RegisteredSchema writer, FormatOptions options)
    {
        var reader = options.SchemaId is { } id && id != writer.Id ? options.Registry?.Find(id) : null;
        return new AvroDecoder(
            fields, IsWrapped(fields, options), Parse(writer.Schema),
            reader is { Schema.Type: SchemaType.Avro } ? Parse(reader.Schema) : null);
    }

    /// <inheritdoc/>
    public override RecordEncoder CreateEncoder(IReadOnlyList<FormatField> fields, RegisteredSchema schema, FormatOptions options) =>
        new AvroEncoder(fields, IsWrapped(fields, options), Parse(schema.Schema), SchemaFrame.Of(schema.Id));

    /// <inheritdoc/>
    public override string Canonicalize(ResolvedSchema schema, bool normalize)
    {
        Parse(schema);
        return AvroText.Of(schema.Text, normalize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> FindIncompatibilities(ResolvedSchema reader, ResolvedSchema writer) =>
        AvroCompatibility.Check(Parse(reader), Parse(writer));

    private static AvroSchema Parse(ResolvedSchema schema) =>
        AvroSchema.Parse(schema.Text, [.. schema.Imports.Select(static import => import.Text)]);

    private static void CheckType(FormatField field, SqlType type)
    {
        if (type.Kind > SqlTypeKind.Struct || type.Key is { IsNested: true })
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported,
                $"The 'AVRO' format does not support type '{type.Kind.ToString().ToUpperInvariant()}', column: `{field.Name}`");
        }

        if (type.Element is { } element)
            CheckType(field, element);
        foreach (var inner in type.Fields)
            CheckType(field, inner.Type);
    }
}

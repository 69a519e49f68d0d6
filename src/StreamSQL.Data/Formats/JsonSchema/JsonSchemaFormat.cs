using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.JsonSchema;

/// <summary>JSON_SR: JSON as the format JSON has it, with a frame, and described by a JSON Schema.</summary>
internal sealed class JsonSchemaFormat : SchemaFormat
{
    /// <inheritdoc/>
    public override string Name => "JSON_SR";

    /// <inheritdoc/>
    public override SchemaType SchemaType => SchemaType.Json;

    /// <inheritdoc/>
    public override void CheckField(FormatField field) => CheckType(field, field.Type);

    /// <inheritdoc/>
    public override string ToSchema(SqlType root, FormatOptions options) =>
        JsonSchemaWriter.Write(root, isWrapped: options.WrapSingle is not false);

    /// <inheritdoc/>
    public override SqlType ToSqlType(ResolvedSchema schema, FormatOptions options)
    {
        using var document = JsonSchemaDocument.Parse(schema);
        return JsonSchemaTypes.Of(document, options.HasKsqlOrder);
    }

    /// <inheritdoc/>
    public override PayloadDecoder CreateDecoder(IReadOnlyList<FormatField> fields, RegisteredSchema writer, FormatOptions options) =>
        new JsonPayloadDecoder(fields, IsWrapped(fields, options));

    /// <inheritdoc/>
    public override RecordEncoder CreateEncoder(IReadOnlyList<FormatField> fields, RegisteredSchema schema, FormatOptions options) =>
        new JsonEncoder(NamedAsIn(schema.Schema, fields, options), IsWrapped(fields, options), SchemaFrame.Of(schema.Id));

    /// <inheritdoc/>
    public override string Canonicalize(ResolvedSchema schema, bool normalize)
    {
        using var document = JsonSchemaDocument.Parse(schema);
        return document.Canonical(normalize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> FindIncompatibilities(ResolvedSchema reader, ResolvedSchema writer)
    {
        using var readerDocument = JsonSchemaDocument.Parse(reader);
        using var writerDocument = JsonSchemaDocument.Parse(writer);
        return JsonSchemaComparison.Compare(readerDocument, writerDocument);
    }

    /// <summary>The fields under the names that the schema gives them.</summary>
    private FormatField[] NamedAsIn(ResolvedSchema schema, IReadOnlyList<FormatField> fields, FormatOptions options)
    {
        if (!IsWrapped(fields, options))
            return [.. fields];
        using var document = JsonSchemaDocument.Parse(schema);
        var names = document.PropertyNames();
        return [.. fields.Select(field => field with
        {
            Name = names.Contains(field.Name) ? field.Name
                : names.FirstOrDefault(name => name.Equals(field.Name, StringComparison.OrdinalIgnoreCase)) ?? field.Name,
        })];
    }

    private static void CheckType(FormatField field, SqlType type)
    {
        if (type.Kind > SqlTypeKind.Struct)
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported,
                $"The 'JSON_SR' format does not support type '{type.Kind.ToString().ToUpperInvariant()}', column: `{field.Name}`");
        }

        if (type.Kind == SqlTypeKind.Map && type.Key!.Kind != SqlTypeKind.Varchar)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "JSON only supports MAP types with STRING keys");
        if (type.Element is { } element)
            CheckType(field, element);
        foreach (var inner in type.Fields)
            CheckType(field, inner.Type);
    }
}

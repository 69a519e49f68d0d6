using System.Text;
using System.Text.Json;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Keys or values of formats with schemas, written with the schema that the topic has and read with the schema that they name. Bytes are
/// made and read by the engine's own codecs, under the schema's types and not under those of a stream;
/// what the codecs do is held by tests with bytes from elsewhere.
/// </summary>
/// <param name="formatName">The format.</param>
/// <param name="registry">Where schemas are found.</param>
/// <param name="writer">The schema that records are written with; null when none is known.</param>
internal sealed class SchemaCodec(string formatName, ISchemaRegistry registry, RegisteredSchema? writer) : RecordCodec
{
    private readonly SchemaFormat _format = SchemaFormats.Find(formatName) ?? throw new NotSupportedException($"{formatName} is not there");

    /// <inheritdoc/>
    public override byte[]? Encode(JsonElement? value)
    {
        if (value is not { } element)
            return null;
        if (writer is null)
            throw new NotSupportedException($"no schema is known to write {formatName} with");
        var (fields, isWrapped) = FieldsOf(writer, element);
        var source = new SliceList();
        source.Reset();
        source.Append(Encoding.UTF8.GetBytes(element.GetRawText()));
        var decoder = FormatFactory.CreateDecoder("JSON", fields, new FormatOptions { WrapSingle = fields.Length == 1 ? isWrapped : null });
        var options = OptionsFor(fields, isWrapped, writer);
        var target = new SliceList();
        target.Reset();
        FormatFactory.CreateEncoder(formatName, fields, options).Encode(Decode(decoder, source, fields), RowSelection.All(1), target);
        return target.IsNull(0) ? null : target[0].ToArray();
    }

    /// <inheritdoc/>
    public override string? Compare(JsonElement? expected, byte[]? actual, bool exactNumbers)
    {
        if (expected is not { } element)
            return actual is null ? null : $"expected nothing, got {ToJson(actual)}";
        if (actual is null)
            return $"expected {element.GetRawText()}, got nothing";
        var json = ToJson(actual);
        using var document = JsonDocument.Parse(json);
        return JsonComparison.Matches(element, document.RootElement, exactNumbers: false)
            ? null
            : $"expected {element.GetRawText()}, got {json}";
    }

    private string ToJson(byte[] bytes)
    {
        var schema = SchemaFrame.TryReadId(bytes, out var id) ? registry.Find(id) : throw new FormatException("a record has no schema id");
        var (fields, isWrapped) = FieldsOf(schema, null);
        var source = new SliceList();
        source.Reset();
        source.Append(bytes);
        var options = OptionsFor(fields, isWrapped, schema);
        var values = Decode(FormatFactory.CreateDecoder(formatName, fields, options), source, fields);
        var target = new SliceList();
        target.Reset();
        var json = new FormatOptions { WrapSingle = fields.Length == 1 ? isWrapped : null };
        FormatFactory.CreateEncoder("JSON", fields, json).Encode(values, RowSelection.All(1), target);
        return target.IsNull(0) ? "null" : Encoding.UTF8.GetString(target[0]);
    }

    private FormatOptions OptionsFor(FormatField[] fields, bool isWrapped, RegisteredSchema? schema) => new()
    {
        Registry = registry,
        SchemaId = schema?.Id,
        WrapSingle = fields.Length == 1 && !isWrapped ? false : null,
    };

    /// <summary>The fields of the schema's root; those of an object under the names that the JSON has for them.</summary>
    private (FormatField[] Fields, bool IsWrapped) FieldsOf(RegisteredSchema? schema, JsonElement? json)
    {
        var root = _format.ToSqlType((schema ?? throw new FormatException("a record names a schema that is not there")).Schema,
            new FormatOptions());
        if (json is { } element)
            root = NamedAsIn(element, root);
        return root.Kind == SqlTypeKind.Struct
            ? ([.. root.Fields.Select(static field => new FormatField(field.Name, field.Type))], true)
            : ([new FormatField("ROWVAL", root)], false);
    }

    private static SqlType NamedAsIn(JsonElement json, SqlType type) => (type.Kind, json.ValueKind) switch
    {
        (SqlTypeKind.Struct, JsonValueKind.Object) => SqlType.StructOf([.. type.Fields.Select(field =>
        {
            var member = json.EnumerateObject().FirstOrDefault(m => m.NameEquals(field.Name));
            if (member.Value.ValueKind == JsonValueKind.Undefined)
                member = json.EnumerateObject().FirstOrDefault(m => m.Name.Equals(field.Name, StringComparison.OrdinalIgnoreCase));
            return member.Value.ValueKind == JsonValueKind.Undefined
                ? field : new StructField(member.Name, NamedAsIn(member.Value, field.Type));
        })]),
        (SqlTypeKind.Array, JsonValueKind.Array) when json.GetArrayLength() > 0 => SqlType.ArrayOf(NamedAsIn(json[0], type.Element!)),
        (SqlTypeKind.Map, JsonValueKind.Object) when json.EnumerateObject().Any() =>
            SqlType.MapOf(type.Key!, NamedAsIn(json.EnumerateObject().First().Value, type.Element!)),
        _ => type,
    };

    private static Column[] Decode(RecordDecoder decoder, SliceList source, FormatField[] fields)
    {
        Column[] values = [.. fields.Select(static field => Column.Create(field.Type))];
        foreach (var column in values)
            column.Reset(1);
        var errors = new DecodeErrors();
        decoder.Decode(source, values, errors);
        return errors.Count == 0 ? values : throw new FormatException(errors.FirstReason);
    }
}

using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Delimited;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Formats.Kafka;
using StreamSQL.Data.Formats.Protobuf;
using StreamSQL.Data.Formats.Protobuf.Reading;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Formats.Protobuf.Writing;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats;

/// <summary>Makes the decoders and encoders of all formats.</summary>
public static class FormatFactory
{
    private const string BareProtobuf = "PROTOBUF_NOSR";

    /// <summary>The formats by name, upper case.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. SchemaFormats.All.Select(static format => format.Name).Concat(["DELIMITED", "JSON", "KAFKA", "NONE", BareProtobuf])
            .Order(StringComparer.Ordinal)];

    /// <summary>The format's name as it is listed, from any case.</summary>
    /// <exception cref="SqlException">22023: there is no such format.</exception>
    public static string Canonical(string formatName)
    {
        foreach (var name in Names)
        {
            if (name.Equals(formatName, StringComparison.OrdinalIgnoreCase))
                return name;
        }

        throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"Unknown format: {formatName}",
            $"The formats are {string.Join(", ", Names)}.");
    }

    /// <summary>Checks that a format can hold the fields with the options.</summary>
    /// <exception cref="SqlException">22023: unknown format or an option that it does not take; 0A000:
    /// a column that it cannot hold.</exception>
    public static void Validate(string formatName, IReadOnlyList<FormatField> fields, FormatOptions options)
    {
        var format = Canonical(formatName);
        CheckOptions(format, fields, options);
        switch (format)
        {
            case "NONE" when fields.Count > 0:
                throw Unsupported($"The 'NONE' format can only be used when no columns are defined. Got: [{Describe(fields, options)}]");
            case "KAFKA" when fields.Count != 1:
                throw Unsupported($"The 'KAFKA' format only supports a single field. Got: [{Describe(fields, options)}]");
        }

        foreach (var field in fields)
        {
            if (SchemaFormats.Find(format) is { } schemaFormat)
                schemaFormat.CheckField(field);
            else if (format == BareProtobuf)
                ProtobufTypes.Check(format, field);
            else
                CheckType(format, field, field.Type);
        }
    }

    /// <summary>Makes a decoder for fields in schema order.</summary>
    /// <exception cref="SqlException">As <see cref="Validate"/>.</exception>
    public static RecordDecoder CreateDecoder(string formatName, IReadOnlyList<FormatField> fields, FormatOptions options)
    {
        Validate(formatName, fields, options);
        if (SchemaFormats.Find(formatName) is { } schemaFormat)
            return new FramedDecoder(schemaFormat, fields, options);
        return Canonical(formatName) switch
        {
            // The shape decoder reads digits as little-endian words.
            "JSON" when options.IsWrapped(fields.Count) && BitConverter.IsLittleEndian => new JsonShapeDecoder(fields),
            "JSON" => new JsonDecoder(fields, options.IsWrapped(fields.Count)),
            "DELIMITED" => new DelimitedDecoder(fields, Delimiter(options)),
            "KAFKA" => new KafkaDecoder(fields[0]),
            BareProtobuf => new ProtobufDecoder(MessageOf(fields), fields),
            _ => new NoneDecoder(),
        };
    }

    /// <summary>Makes an encoder for fields in schema order.</summary>
    /// <exception cref="SqlException">As <see cref="Validate"/>; 22023: the schema cannot hold the fields.</exception>
    public static RecordEncoder CreateEncoder(string formatName, IReadOnlyList<FormatField> fields, FormatOptions options)
    {
        Validate(formatName, fields, options);
        if (SchemaFormats.Find(formatName) is { } schemaFormat)
            return schemaFormat.CreateEncoder(fields, SchemaOf(options), options);
        return Canonical(formatName) switch
        {
            "JSON" => new JsonEncoder(fields, options.IsWrapped(fields.Count)),
            "DELIMITED" => new DelimitedEncoder(Delimiter(options)),
            "KAFKA" => new KafkaEncoder(),
            BareProtobuf => new ProtobufEncoder(MessageOf(fields), fields, [], options.IsKey),
            _ => new NoneEncoder(),
        };
    }

    private static ProtoMessage MessageOf(IReadOnlyList<FormatField> fields) =>
        ProtoBuilder.Build([.. fields.Select(static field => new StructField(field.Name, field.Type))], null,
            NullableRepresentation.None).Messages[0];

    private static RegisteredSchema SchemaOf(FormatOptions options)
    {
        if (options is not { Registry: { } registry, SchemaId: { } id })
            throw new ArgumentException("a format with schemas needs a registry and the id of a schema", nameof(options));
        return registry.Find(id) ?? throw new SqlException(PostgresErrorCodes.UndefinedObject, $"the schema registry has no schema {id}");
    }

    private static byte Delimiter(FormatOptions options) => options.Delimiter?.ToUpperInvariant() switch
    {
        null => (byte)',',
        "SPACE" => (byte)' ',
        "TAB" => (byte)'\t',
        _ => (byte)options.Delimiter[0],
    };

    /// <summary>Checks that a format has a delimiter, and that it can be this one.</summary>
    /// <exception cref="SqlException">22023: it has none, or cannot.</exception>
    public static void CheckDelimiter(string format, string delimiter)
    {
        if (format != "DELIMITED")
            throw Invalid($"{format} does not support the following configs: [delimiter]");
        var isWord = delimiter.Equals("SPACE", StringComparison.OrdinalIgnoreCase)
            || delimiter.Equals("TAB", StringComparison.OrdinalIgnoreCase);
        if (!isWord && (delimiter.Length != 1 || !char.IsAscii(delimiter[0]) || delimiter[0] is '"' or '\r' or '\n' or '\0'))
        {
            throw Invalid(
                $"Invalid delimiter value: '{delimiter}'. Delimiter must be a single character or TAB,SPACE\nExample valid value: ';'. " +
                    "Quotes, line ends and characters beyond ASCII cannot be one.");
        }
    }

    private static void CheckOptions(string format, IReadOnlyList<FormatField> fields, FormatOptions options)
    {
        if (options.Delimiter is { } delimiter)
            CheckDelimiter(format, delimiter);
        if (options.SchemaFullName is { } fullName)
        {
            if (string.IsNullOrWhiteSpace(fullName))
                throw Invalid($"fullSchemaName cannot be empty. Format configuration: {{fullSchemaName={fullName.Trim()}}}");
            if (SchemaFormats.Find(format) is null)
                throw Invalid($"{format} does not support the following configs: [fullSchemaName]");
        }

        if (options.NullableRepresentation != NullableRepresentation.None && format is not ("PROTOBUF" or "PROTOBUF_NOSR"))
            throw Invalid($"{format} does not support the following configs: [nullableRepresentation]");
        if (options.WrapSingle is not { } wrap)
            return;
        var canUnwrap = SchemaFormats.Find(format)?.CanUnwrap ?? format is not ("DELIMITED" or BareProtobuf);
        if (format is "KAFKA" or "NONE" ? wrap : !wrap && !canUnwrap)
            throw Invalid($"Format '{format}' does not support 'WRAP_SINGLE_VALUE' set to '{(wrap ? "true" : "false")}'.");
        if (fields.Count != 1)
            throw Invalid("'WRAP_SINGLE_VALUE' is only valid for single-field value schemas");
    }

    private static void CheckType(string format, FormatField field, SqlType type)
    {
        var supported = format switch
        {
            "KAFKA" => type.Kind is SqlTypeKind.Integer or SqlTypeKind.BigInt or SqlTypeKind.Double or SqlTypeKind.Varchar
                or SqlTypeKind.Bytes,
            "DELIMITED" => type.Kind <= SqlTypeKind.Timestamp,
            _ => type.Kind <= SqlTypeKind.Struct,
        };
        if (!supported)
            throw Unsupported(
                $"The '{format}' format does not support type '{type.Kind.ToString().ToUpperInvariant()}', column: `{field.Name}`");
        if (type.Kind == SqlTypeKind.Map && type.Key!.Kind != SqlTypeKind.Varchar)
            throw Unsupported($"{format} only supports MAP types with STRING keys");
        if (type.Element is { } element)
            CheckType(format, field, element);
        foreach (var inner in type.Fields)
            CheckType(format, field, inner.Type);
    }

    private static string Describe(IReadOnlyList<FormatField> fields, FormatOptions options)
    {
        var text = new StringBuilder();
        foreach (var field in fields)
            text.Append(text.Length == 0 ? "" : ", ").Append('`').Append(field.Name).Append("` ").Append(field.Type)
                .Append(options.IsKey ? " KEY" : "");
        return text.ToString();
    }

    private static SqlException Unsupported(string message) => new(PostgresErrorCodes.FeatureNotSupported, message);

    private static SqlException Invalid(string message) => new(PostgresErrorCodes.InvalidParameterValue, message);
}

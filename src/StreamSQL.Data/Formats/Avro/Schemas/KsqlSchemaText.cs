using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// Writes the Avro schema that ksqlDB gives SQL columns: a record of nullable fields with null as
/// default, nested records named after the way to them (<c>NAME_FIELD_INNER</c>), maps as arrays of entries, and the attributes from which
/// Kafka Connect knows its own types.
/// </summary>
public static class KsqlSchemaText
{
    /// <summary>The full name of a value's record where the statement gives none.</summary>
    public const string DefaultName = "io.confluent.ksql.avro_schemas.KsqlDataSourceSchema";

    /// <summary>
    /// The full name of a key's record where the statement gives none, from the source's name: <c>MY_STREAM</c> has <c>MyStreamKey</c>.
    /// </summary>
    public static string KeyName(string sourceName)
    {
        var name = new StringBuilder("io.confluent.ksql.avro_schemas.");
        foreach (var word in sourceName.Split('_', StringSplitOptions.RemoveEmptyEntries))
            name.Append(char.ToUpperInvariant(word[0])).Append(word[1..].ToLowerInvariant());
        return name.Append("Key").ToString();
    }

    /// <summary>Writes the schema.</summary>
    /// <param name="root">The STRUCT of the columns, or the type of the only one when it is not wrapped.</param>
    /// <param name="fullName">The full name of the record.</param>
    /// <exception cref="SqlException">22023: a name that Avro does not permit; 0A000: a type that it does not have.</exception>
    public static string Write(SqlType root, string fullName)
    {
        Check(AvroNames.FullNameFault(fullName));
        var target = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            new SchemaWriter(json, AvroNames.NamespaceOf(fullName)).Type(root, fullName[(fullName.LastIndexOf('.') + 1)..],
                isNested: false);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    private static void Check(string? fault)
    {
        if (fault is not null)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"Schema is not compatible with Avro: {fault}");
    }

    private readonly struct SchemaWriter(Utf8JsonWriter json, string nameSpace)
    {
        /// <summary>Writes a type without the union that makes it nullable.</summary>
        public void Type(SqlType type, string name, bool isNested)
        {
            switch (type.Kind)
            {
                case SqlTypeKind.Decimal:
                    Decimal(type);
                    break;
                case SqlTypeKind.Time:
                    Connect("int", "Time", "time-millis");
                    break;
                case SqlTypeKind.Date:
                    Connect("int", "Date", "date");
                    break;
                case SqlTypeKind.Timestamp:
                    Connect("long", "Timestamp", "timestamp-millis");
                    break;
                case SqlTypeKind.Array:
                    json.WriteStartObject();
                    json.WriteString("type", "array");
                    json.WritePropertyName("items");
                    Nullable(type.Element!, name, isNested);
                    json.WriteEndObject();
                    break;
                case SqlTypeKind.Map:
                    Map(type, name, isNested);
                    break;
                case SqlTypeKind.Struct:
                    Record(type.Fields, name, isNested);
                    break;
                default:
                    json.WriteStringValue(Primitive(type));
                    break;
            }
        }

        /// <summary>Inside another record the namespace is that one's.</summary>
        private void Record(IReadOnlyList<StructField> fields, string name, bool isNested)
        {
            StartNamed(fields, name, isNested);
            json.WriteString("connect.name", Full(name));
            json.WriteEndObject();
        }

        private void Nullable(SqlType type, string name, bool isNested)
        {
            json.WriteStartArray();
            json.WriteStringValue("null");
            Type(type, name, isNested);
            json.WriteEndArray();
        }

        private void StartNamed(IReadOnlyList<StructField> fields, string name, bool isNested)
        {
            json.WriteStartObject();
            json.WriteString("type", "record");
            json.WriteString("name", name);
            if (!isNested && nameSpace.Length > 0)
                json.WriteString("namespace", nameSpace);
            json.WriteStartArray("fields");
            foreach (var field in fields)
                Field(field.Name, field.Type, $"{name}_{field.Name}");
            json.WriteEndArray();
        }

        private void Field(string name, SqlType type, string typeName)
        {
            Check(AvroNames.Fault(name));
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WritePropertyName("type");
            Nullable(type, typeName, isNested: true);
            json.WriteNull("default");
            json.WriteEndObject();
        }

        private void Map(SqlType type, string name, bool isNested)
        {
            json.WriteStartObject();
            json.WriteString("type", "array");
            json.WriteStartObject("items");
            json.WriteString("type", "record");
            json.WriteString("name", name);
            if (!isNested && nameSpace.Length > 0)
                json.WriteString("namespace", nameSpace);
            json.WriteStartArray("fields");
            Field("key", type.Key!, $"{name}_MapKey");
            Field("value", type.Element!, $"{name}_MapValue");
            json.WriteEndArray();
            json.WriteString("connect.internal.type", "MapEntry");
            json.WriteEndObject();
            json.WriteString("connect.name", Full(name));
            json.WriteEndObject();
        }

        private void Decimal(SqlType type)
        {
            json.WriteStartObject();
            json.WriteString("type", "bytes");
            json.WriteNumber("scale", type.Scale);
            json.WriteNumber("precision", type.Precision);
            json.WriteNumber("connect.version", 1);
            json.WriteStartObject("connect.parameters");
            json.WriteString("scale", type.Scale.ToString(CultureInfo.InvariantCulture));
            json.WriteString("connect.decimal.precision", type.Precision.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteString("connect.name", "org.apache.kafka.connect.data.Decimal");
            json.WriteString("logicalType", "decimal");
            json.WriteEndObject();
        }

        private void Connect(string primitive, string connectName, string logicalType)
        {
            json.WriteStartObject();
            json.WriteString("type", primitive);
            json.WriteNumber("connect.version", 1);
            json.WriteString("connect.name", $"org.apache.kafka.connect.data.{connectName}");
            json.WriteString("logicalType", logicalType);
            json.WriteEndObject();
        }

        private static string Primitive(SqlType type) => type.Kind switch
        {
            SqlTypeKind.Boolean => "boolean",
            SqlTypeKind.Integer => "int",
            SqlTypeKind.BigInt => "long",
            SqlTypeKind.Double => "double",
            SqlTypeKind.Varchar => "string",
            SqlTypeKind.Bytes => "bytes",
            _ => throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"The 'AVRO' format does not support type '{type}'"),
        };

        private string Full(string name) => nameSpace.Length == 0 ? name : $"{nameSpace}.{name}";
    }
}

using System.Buffers;
using System.Text.Json;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.Json;

/// <summary>Functions over JSON in text. Text that is not JSON gives NULL; where that is an error it is reported with 22P02.</summary>
internal static class JsonFunctions
{
    private const string Category = "JSON";

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 64 };

    public static IEnumerable<ScalarFunction> All() =>
    [
        new OverloadedFunction("EXTRACTJSONFIELD", Category,
            "The value at a path ($.field[0]) of JSON text, as text; NULL where there is none.",
            [("EXTRACTJSONFIELD('{\"a\":{\"b\":[1,2.50]}}', '$.a.b[1]')", "2.50"), ("EXTRACTJSONFIELD('{\"a\": \"x\"}', '$.b')", "null")],
            new Overload([SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, static () => new ExtractKernel())),
        new OverloadedFunction("IS_JSON_STRING", Category, "Whether a text is JSON.",
            [("IS_JSON_STRING('[1, 2]')", "true"), ("IS_JSON_STRING('abc')", "false")], Nullable<IsJson>(SqlType.Boolean, SqlType.Varchar)),
        new OverloadedFunction("JSON_ARRAY_LENGTH", Category, "How many elements a JSON array has; NULL for other JSON.",
            [("JSON_ARRAY_LENGTH('[1, 2]')", "2")], Strict<ArrayLength>(SqlType.Integer, SqlType.Varchar)),
        new OverloadedFunction("JSON_ARRAY_CONTAINS", Category, "Whether a JSON array has a value.",
            [("JSON_ARRAY_CONTAINS('[1, \"a\"]', 'a')", "true"), ("JSON_ARRAY_CONTAINS('[1, 2]', 3)", "false")],
            Nullable<ArrayContains>(SqlType.Boolean, SqlType.Varchar, SqlType.Varchar),
            Nullable<ArrayContains>(SqlType.Boolean, SqlType.Varchar, SqlType.BigInt),
            Nullable<ArrayContains>(SqlType.Boolean, SqlType.Varchar, SqlType.Double),
            Nullable<ArrayContains>(SqlType.Boolean, SqlType.Varchar, SqlType.Boolean)),
        new OverloadedFunction("JSON_KEYS", Category, "The names of a JSON object's fields.",
            [("JSON_KEYS('{\"a\":1,\"b\":2}')", "[a, b]")], Strict<Keys>(SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar)),
        new OverloadedFunction("JSON_RECORDS", Category, "The fields of a JSON object, the values as text.",
            [("JSON_RECORDS('{\"a\": \"x\", \"b\": {\"c\": 1}}')", "{a=x, b={\"c\":1}}")],
            Strict<Records>(SqlType.MapOf(SqlType.Varchar, SqlType.Varchar), SqlType.Varchar)),
        new OverloadedFunction("JSON_ITEMS", Category, "The elements of a JSON array as JSON text.",
            [("JSON_ITEMS('[{\"a\": 1}, 2]')", "[{\"a\":1}, 2]")], Strict<Items>(SqlType.ArrayOf(SqlType.Varchar), SqlType.Varchar)),
        new ComputedFunction("TO_JSON_STRING", Category, "Any value as JSON text; NULL is null.", ["TO_JSON_STRING(value) -> VARCHAR"],
            [("TO_JSON_STRING(ARRAY[1, NULL])", "[1,null]"), ("TO_JSON_STRING(STRUCT(A:=1.50))", "{\"A\":1.50}")],
            static (arguments, _) => arguments.Count == 1 ? new([arguments[0].Kind == SqlTypeKind.Unknown ? SqlType.Varchar : arguments[0]],
                SqlType.Varchar, new ToJsonKernel()) : null),
        new OverloadedFunction("JSON_CONCAT", Category,
            "JSON objects merged (of equal fields the last wins), or arrays, or values as arrays, one after the other.",
            [("JSON_CONCAT('{\"a\": 1}', '{\"b\": 2}')", "{\"a\":1,\"b\":2}"), ("JSON_CONCAT('[1]', '2')", "[1,2]")],
            Strict<Concat>(SqlType.Varchar, SqlType.Varchar) with { IsVariadic = true }),
    ];

    /// <summary>
    /// Writes the value at the reader as ksqlDB shows it: a string without quotes, other JSON without spaces. The reader ends after it.
    /// </summary>
    private static void WriteAsText(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, IBufferWriter<byte> target)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            var length = reader.CopyString(target.GetSpan(reader.ValueSpan.Length));
            target.Advance(length);
            return;
        }

        WriteCompact(ref reader, json, target);
    }

    /// <summary>Writes the value at the reader as JSON without spaces. The reader ends after it.</summary>
    private static void WriteCompact(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, IBufferWriter<byte> target)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        var value = json[start..(int)reader.BytesConsumed];
        var room = target.GetSpan(value.Length);
        var written = 0;
        var inString = false;
        for (var i = 0; i < value.Length; i++)
        {
            if (!inString && value[i] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;
            if (value[i] == '"')
                inString = !inString;
            room[written++] = value[i];
            if (inString && value[i] == '\\')
                room[written++] = value[++i];
        }

        target.Advance(written);
    }

    private static void Malformed(in KernelContext context, Column result, int row)
    {
        context.Errors.Report(row, PostgresErrorCodes.InvalidTextRepresentation, "invalid JSON text");
        result.SetNull(row);
    }

    private sealed class ExtractKernel : StrictKernel
    {
        private readonly CompiledCache<JsonPath> _paths = new();

        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var texts = (BytesColumn)arguments[0];
            var paths = (BytesColumn)arguments[1];
            var writer = new ArrayBufferWriter<byte>(256);
            foreach (var row in context.Rows)
            {
                if (_paths.Get(paths[row], JsonPath.TryCompile) is { } path)
                {
                    Extract(context, path, texts[row], writer, (BytesColumn)result, row);
                    continue;
                }

                context.Errors.Report(row, PostgresErrorCodes.InvalidParameterValue,
                    "a JSON path is $ and then .field, ['field'] or [index]");
                result.SetNull(row);
            }
        }

        private static void Extract(in KernelContext context, JsonPath path, ReadOnlySpan<byte> json, ArrayBufferWriter<byte> writer,
            BytesColumn result, int row)
        {
            try
            {
                var reader = new Utf8JsonReader(json, ReaderOptions);
                if (!path.TryFind(ref reader) || reader.TokenType == JsonTokenType.Null)
                {
                    result.SetNull(row);
                    return;
                }

                writer.ResetWrittenCount();
                WriteAsText(ref reader, json, writer);
                result.Set(row, writer.WrittenSpan);
            }
            catch (JsonException)
            {
                Malformed(context, result, row);
            }
        }
    }

    private readonly struct IsJson : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            call.Return(!call.IsNull(0) && IsValid(call.Text(0)));
        }

        private static bool IsValid(ReadOnlySpan<byte> text)
        {
            try
            {
                var reader = new Utf8JsonReader(text, ReaderOptions);
                while (reader.Read())
                {
                }

                return reader.BytesConsumed > 0;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    private readonly struct ArrayLength : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (TryParse(call.Text(0)) is not { } document)
            {
                call.Fail(PostgresErrorCodes.InvalidTextRepresentation, "invalid JSON text");
                return;
            }

            using (document)
            {
                if (document.RootElement.ValueKind == JsonValueKind.Array)
                    call.Return(document.RootElement.GetArrayLength());
                else
                    call.ReturnNull();
            }
        }
    }

    private readonly struct ArrayContains : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            using var document = call.IsNull(0) ? null : TryParse(call.Text(0));
            if (document?.RootElement.ValueKind != JsonValueKind.Array)
            {
                call.Return(false);
                return;
            }

            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (!Matches(element, call))
                    continue;
                call.Return(true);
                return;
            }

            call.Return(false);
        }

        private static bool Matches(JsonElement element, in RowCall call) => call.IsNull(1)
            ? element.ValueKind == JsonValueKind.Null
            : (element.ValueKind, call.Argument(1)) switch
            {
                (JsonValueKind.String, BytesColumn) => element.ValueEquals(call.Text(1)),
                (JsonValueKind.Number, FixedColumn<long>) => element.TryGetInt64(out var number) && number == call.Long(1),
                (JsonValueKind.Number, FixedColumn<double>) => element.TryGetDouble(out var number) && number.Equals(call.Double(1)),
                (JsonValueKind.True or JsonValueKind.False, FixedColumn<byte>) => element.GetBoolean() == call.Flag(1),
                _ => false,
            };
    }

    private readonly struct Keys : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            using var document = TryParse(call.Text(0));
            if (document?.RootElement.ValueKind != JsonValueKind.Object)
            {
                call.ReturnNull();
                return;
            }

            var array = (ArrayColumn)call.Result;
            var at = array.Allocate(call.Row, document.RootElement.GetPropertyCount());
            foreach (var field in document.RootElement.EnumerateObject())
                ((BytesColumn)array.Elements).Set(at++, System.Text.Encoding.UTF8.GetBytes(field.Name));
        }
    }

    private readonly struct Records : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            using var document = TryParse(call.Text(0));
            if (document?.RootElement.ValueKind != JsonValueKind.Object)
            {
                call.ReturnNull();
                return;
            }

            var map = (MapColumn)call.Result;
            var at = map.Allocate(call.Row, document.RootElement.GetPropertyCount());
            foreach (var field in document.RootElement.EnumerateObject())
            {
                ((BytesColumn)map.Keys).Set(at, System.Text.Encoding.UTF8.GetBytes(field.Name));
                SetText((BytesColumn)map.Values, at++, field.Value, quoted: false);
            }
        }
    }

    private readonly struct Items : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            using var document = TryParse(call.Text(0));
            if (document?.RootElement.ValueKind != JsonValueKind.Array)
            {
                call.ReturnNull();
                return;
            }

            var array = (ArrayColumn)call.Result;
            var at = array.Allocate(call.Row, document.RootElement.GetArrayLength());
            foreach (var element in document.RootElement.EnumerateArray())
                SetText((BytesColumn)array.Elements, at++, element, quoted: true);
        }
    }

    private readonly struct Concat : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var documents = new List<JsonDocument>();
            try
            {
                for (var i = 0; i < call.Count; i++)
                {
                    if (TryParse(call.Text(i)) is not { } document)
                    {
                        call.ReturnNull();
                        return;
                    }

                    documents.Add(document);
                }

                var target = new ArrayBufferWriter<byte>();
                using (var writer = new Utf8JsonWriter(target, WriterOptions))
                    Write(writer, documents);
                call.Return(target.WrittenSpan);
            }
            finally
            {
                documents.ForEach(static document => document.Dispose());
            }
        }

        private static void Write(Utf8JsonWriter writer, List<JsonDocument> documents)
        {
            if (documents.TrueForAll(static d => d.RootElement.ValueKind == JsonValueKind.Object))
            {
                writer.WriteStartObject();
                var fields = new Dictionary<string, JsonElement>();
                foreach (var field in documents.SelectMany(static d => d.RootElement.EnumerateObject()))
                    fields[field.Name] = field.Value;
                foreach (var (name, value) in fields)
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }

                writer.WriteEndObject();
                return;
            }

            writer.WriteStartArray();
            foreach (var root in documents.Select(static d => d.RootElement))
            {
                if (root.ValueKind != JsonValueKind.Array)
                    root.WriteTo(writer);
                else
                    foreach (var element in root.EnumerateArray())
                        element.WriteTo(writer);
            }

            writer.WriteEndArray();
        }
    }

    private static readonly JsonWriterOptions WriterOptions = new()
        { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonDocument? TryParse(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, ReaderOptions);
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void SetText(BytesColumn column, int row, JsonElement element, bool quoted)
    {
        if (element.ValueKind == JsonValueKind.String && !quoted)
        {
            column.Set(row, System.Text.Encoding.UTF8.GetBytes(element.GetString()!));
            return;
        }

        var target = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(target, WriterOptions))
            element.WriteTo(writer);
        column.Set(row, target.WrittenSpan);
    }
}

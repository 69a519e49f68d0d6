using System.Buffers;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json;

/// <summary>PostgreSQL's json_build_object and json_build_array, and their jsonb twins.</summary>
internal sealed class JsonBuildFunction(string name, bool isObject) : ScalarFunction
{
    public static IEnumerable<ScalarFunction> All() =>
    [
        new JsonBuildFunction("JSON_BUILD_OBJECT", isObject: true), new JsonBuildFunction("JSONB_BUILD_OBJECT", isObject: true),
        new JsonBuildFunction("JSON_BUILD_ARRAY", isObject: false), new JsonBuildFunction("JSONB_BUILD_ARRAY", isObject: false),
    ];

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => isObject
        ? new("JSON", "A JSON object of names and values in turn.", [$"{name}(name, value, ...) -> JSON"],
            [new($"{name}('a', 1, 'b', 'x')", "{\"a\" : 1, \"b\" : \"x\"}")])
        : new("JSON", "A JSON array of the arguments.", [$"{name}(value, ...) -> JSON"],
            [new($"{name}(1, 'x', TRUE)", "[1, \"x\", true]")]);

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (isObject && arguments.Count % 2 != 0)
            return null;
        var types = new SqlType[arguments.Count];
        for (var i = 0; i < types.Length; i++)
            types[i] = (isObject && i % 2 == 0) || arguments[i].Kind == SqlTypeKind.Unknown ? SqlType.Varchar : arguments[i];
        return new(types, SqlType.Json, isObject ? new ObjectKernel() : new ArrayKernel());
    }

    private sealed class ObjectKernel : ScalarKernel
    {
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var text = new ArrayBufferWriter<byte>();
            var forms = StatementClock.FormsOf(context.Time);
            foreach (var row in context.Rows)
            {
                text.ResetWrittenCount();
                text.Write("{"u8);
                var hasNames = true;
                for (var i = 0; i < arguments.Length; i += 2)
                {
                    hasNames &= !arguments[i].IsNull(row);
                    text.Write(i == 0 ? ""u8 : ", "u8);
                    JsonbText.Format(arguments[i], row, text, forms);
                    text.Write(" : "u8);
                    JsonbText.Format(arguments[i + 1], row, text, forms);
                }

                text.Write("}"u8);
                if (hasNames)
                {
                    ((BytesColumn)result).Set(row, text.WrittenSpan);
                    continue;
                }

                context.Errors.Report(row, PostgresErrorCodes.NullValueNotAllowed, "the name of a JSON field must not be null");
                result.SetNull(row);
            }
        }
    }

    private sealed class ArrayKernel : ScalarKernel
    {
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var text = new ArrayBufferWriter<byte>();
            var forms = StatementClock.FormsOf(context.Time);
            foreach (var row in context.Rows)
            {
                text.ResetWrittenCount();
                text.Write("["u8);
                for (var i = 0; i < arguments.Length; i++)
                {
                    text.Write(i == 0 ? ""u8 : ", "u8);
                    JsonbText.Format(arguments[i], row, text, forms);
                }

                text.Write("]"u8);
                ((BytesColumn)result).Set(row, text.WrittenSpan);
            }
        }
    }
}

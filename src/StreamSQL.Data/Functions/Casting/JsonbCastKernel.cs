using System.Text;
using System.Text.Json;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>jsonb to a number or BOOLEAN: only a JSON value of that kind is one. Its text, which another kernel reads.</summary>
internal sealed class JsonbScalarKernel(SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        foreach (var row in context.Rows)
        {
            using var document = JsonValue.TryParse(texts[row])!;
            var value = document.RootElement;
            var kind = value.ValueKind switch
            {
                JsonValueKind.Number => type.IsNumeric ? null : "numeric",
                JsonValueKind.True or JsonValueKind.False => type.Kind == SqlTypeKind.Boolean ? null : "boolean",
                JsonValueKind.String => "string",
                JsonValueKind.Null => "null",
                JsonValueKind.Array => "array",
                _ => "object",
            };
            if (kind is null)
            {
                ((BytesColumn)result).Set(row, Encoding.UTF8.GetBytes(value.GetRawText()));
                continue;
            }

            context.Errors.Report(row, PostgresErrorCodes.InvalidParameterValue, $"cannot cast jsonb {kind} to type {Name(type)}");
            result.SetNull(row);
        }
    }

    private static string Name(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Decimal or SqlTypeKind.Numeric => "numeric",
        SqlTypeKind.Double => "double precision",
        _ => type.Kind.ToString().ToLowerInvariant(),
    };
}

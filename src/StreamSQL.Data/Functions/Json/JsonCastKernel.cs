using Npgsql;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Json;

/// <summary>Text as json, which keeps it as it is, or as jsonb; 22P02 where it is no JSON.</summary>
internal sealed class JsonCastKernel(bool binary) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        foreach (var row in context.Rows)
        {
            using var document = JsonValue.TryParse(texts[row]);
            if (document is null)
            {
                context.Errors.Report(row, PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax for type json");
                result.SetNull(row);
            }
            else
            {
                ((BytesColumn)result).Set(row, binary ? JsonValue.ToJsonb(document.RootElement) : texts[row]);
            }
        }
    }
}

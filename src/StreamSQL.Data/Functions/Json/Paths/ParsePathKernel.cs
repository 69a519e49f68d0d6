using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Json.Paths;

/// <summary>Text to jsonpath: a path that can be read, as it was written.</summary>
internal sealed class ParsePathKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        foreach (var row in context.Rows)
        {
            if (PathParser.TryParse(Encoding.UTF8.GetString(texts[row]), out var error) is not null)
            {
                ((BytesColumn)result).Set(row, texts[row].Trim(" \t\r\n"u8));
                continue;
            }

            result.SetNull(row);
            if (texts[row].IsEmpty)
                context.Errors.Report(row, PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax for type jsonpath: \"\"");
            else
                context.Errors.Report(row, PostgresErrorCodes.SyntaxError, error);
        }
    }
}

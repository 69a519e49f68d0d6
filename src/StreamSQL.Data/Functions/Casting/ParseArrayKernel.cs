using System.Text;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>Text such as <c>{1,2}</c> to an array; the elements of all rows are cast at once.</summary>
internal sealed class ParseArrayKernel(ScalarKernel element) : StrictKernel
{
    private const int MaxShown = 200;

    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var target = (ArrayColumn)result;
        var elements = new List<string?>();
        foreach (var row in context.Rows)
        {
            var text = Encoding.UTF8.GetString(texts[row]);
            if (ArrayText.Parse(text) is not { } parts)
            {
                var shown = text.Length > MaxShown ? text[..MaxShown] : text;
                context.Errors.Report(row, PostgresErrorCodes.InvalidTextRepresentation, $"malformed array literal: \"{shown}\"");
                result.SetNull(row);
                continue;
            }

            target.Allocate(row, parts.Count);
            elements.AddRange(parts);
        }

        var errors = new EvaluationErrors();
        element.Evaluate(new(RowSelection.All(elements.Count), elements.Count, errors, context.Time), [ColumnOf(elements)],
            target.Elements);
        ElementErrors.Report(errors, context, target);
    }

    private static BytesColumn ColumnOf(List<string?> texts)
    {
        var column = new BytesColumn(SqlType.Varchar);
        column.Reset(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i] is { } text)
                column.Set(i, Encoding.UTF8.GetBytes(text));
            else
                column.SetNull(i);
        }

        return column;
    }
}

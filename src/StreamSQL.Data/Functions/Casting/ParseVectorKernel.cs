using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>Text such as <c>1 2</c> to int2vector or oidvector.</summary>
internal sealed class ParseVectorKernel(SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var texts = (BytesColumn)arguments[0];
        var vectors = (ArrayColumn)result;
        foreach (var row in context.Rows)
        {
            try
            {
                VectorText.Read(texts[texts.Physical(row)], type, vectors, row);
            }
            catch (SqlException error)
            {
                context.Errors.Report(row, error.SqlState, error.Message);
                result.SetNull(row);
            }
        }
    }
}

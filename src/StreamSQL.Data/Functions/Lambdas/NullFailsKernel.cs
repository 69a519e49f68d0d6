using Npgsql;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Lambdas;

/// <summary>ksqlDB's arithmetic in lambdas: NULL as an operand fails, and with it the whole value that the lambda is for.</summary>
public sealed class NullFailsKernel(ScalarKernel kernel) : ScalarKernel
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        foreach (var argument in arguments)
        {
            if (!argument.MayHaveNulls)
                continue;
            foreach (var row in context.Rows)
            {
                if (argument.IsNull(row))
                    context.Errors.Report(row, PostgresErrorCodes.NullValueNotAllowed, "arithmetic with NULL in a lambda");
            }
        }

        kernel.Evaluate(context, arguments, result);
    }
}

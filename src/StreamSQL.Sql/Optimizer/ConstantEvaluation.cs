using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Optimizer;

/// <summary>Evaluates a call over constants, by the kernel that would evaluate it over rows.</summary>
internal static class ConstantEvaluation
{
    /// <summary>
    /// The value of a call whose arguments are literals; null when it fails, with the reason in <paramref name="errors"/>.
    /// </summary>
    public static BoundLiteral? Evaluate(BoundCall call, EvaluationErrors errors)
    {
        var arguments = new Column[call.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Column.Create(call.Binding.ParameterTypes[i]);
            arguments[i].Reset(1, constant: true);
            ColumnWriter.Write(arguments[i], 0, ((BoundLiteral)call.Arguments[i]).Value);
        }

        var result = Column.Create(call.Type);
        result.Reset(1);
        call.Binding.Kernel.Evaluate(new KernelContext(RowSelection.All(1), 1, errors, StatementClock.Utc), arguments, result);
        return errors.Count > 0 ? null : new BoundLiteral(ColumnReader.Read(result, 0), call.Type);
    }
}

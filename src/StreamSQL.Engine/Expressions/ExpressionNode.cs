using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.Expressions;

/// <summary>A node of an evaluator tree. It owns its result column, which is overwritten by its next evaluation.</summary>
internal abstract class ExpressionNode
{
    /// <summary>Whether the value is the same for every row of every batch.</summary>
    public virtual bool IsConstant => false;

    /// <summary>Evaluates the given rows; the result is aligned with the batch by row number.</summary>
    public abstract Column Evaluate(EvaluationScope scope, RowSelection rows);
}

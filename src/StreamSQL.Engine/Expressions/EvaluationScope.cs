using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;

namespace StreamSQL.Engine.Expressions;

/// <summary>What the nodes of one expression read: one side (new or old) of a batch. Reused for every batch.</summary>
/// <param name="context">The query's context. Where an error does not end it, an argument that fails is NULL to its function.</param>
internal sealed class EvaluationScope(OperatorContext context)
{
    /// <summary>Failures of this evaluation.</summary>
    public EvaluationErrors Errors { get; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time => context.Time;

    /// <summary>Which run of the query this is: constants hold for one.</summary>
    public long Run => context.Run;

    /// <summary>The batch.</summary>
    public ChangeBatch Batch { get; private set; } = new(Array.Empty<Column>());

    /// <summary>The batch's new or old columns.</summary>
    public Column[] Columns { get; private set; } = [];

    /// <summary>Rows in the batch, selected or not.</summary>
    public int RowCount => Batch.RowCount;

    /// <summary>Evaluates an argument of a function: rows that fail are NULL.</summary>
    public Column EvaluateSettled(ExpressionNode node, RowSelection rows)
    {
        var failures = Errors.Count;
        var values = node.Evaluate(this, rows);
        if (!context.FailOnError && Errors.Count > failures)
            Errors.Settle(failures, values);
        return values;
    }

    /// <summary>Begins an evaluation.</summary>
    public void Begin(ChangeBatch batch, Column[] columns)
    {
        Batch = batch;
        Columns = columns;
        Errors.Clear();
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.Expressions;

/// <summary>What the nodes of one expression read: one side (new or old) of a batch. Reused for every batch.</summary>
internal sealed class EvaluationScope(TimeProvider time)
{
    /// <summary>Failures of this evaluation.</summary>
    public EvaluationErrors Errors { get; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The batch.</summary>
    public ChangeBatch Batch { get; private set; } = new(Array.Empty<Column>());

    /// <summary>The batch's new or old columns.</summary>
    public Column[] Columns { get; private set; } = [];

    /// <summary>Rows in the batch, selected or not.</summary>
    public int RowCount => Batch.RowCount;

    /// <summary>Begins an evaluation.</summary>
    public void Begin(ChangeBatch batch, Column[] columns)
    {
        Batch = batch;
        Columns = columns;
        Errors.Clear();
    }
}

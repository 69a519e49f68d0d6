using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>Collects the results of a push query until its client takes them.</summary>
internal sealed class PushSink : TaskSink
{
    private readonly ChangeBatch _rows;
    private int _count;

    /// <summary>Creates a sink for rows of a schema.</summary>
    public PushSink(PlanSchema schema) => _rows = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray());

    /// <inheritdoc/>
    public override void Write(ChangeBatch batch)
    {
        var rows = RowNumbers.Of(batch.Selection);
        if (rows.Length == 0)
            return;
        if (_count == 0)
            _rows.Reset(0);
        for (var i = 0; i < _rows.Columns.Length; i++)
            _rows.Columns[i].Gather(batch.Columns[i], rows, _count);
        _rows.RowTime.Gather(batch.RowTime, rows, _count);
        _count += rows.Length;
    }

    /// <summary>What was collected since the last call, lent until the next write; null when there is nothing.</summary>
    public ChangeBatch? Take()
    {
        if (_count == 0)
            return null;
        _rows.RowCount = _count;
        _rows.Selection = RowSelection.All(_count);
        _count = 0;
        return _rows;
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Folds the changes of a table by key, and gives none of them, until it is told that they are complete; the table has the rows then, and
/// is emptied by
/// <see cref="Open"/>. From then on it passes changes on as they come.
/// </summary>
internal sealed class SnapshotOperator : BatchOperator
{
    private readonly RowTable _table;
    private readonly MaterializeOperator _materialize;
    private bool _isOpen;

    /// <summary>Creates the operator.</summary>
    /// <param name="table">Where the rows are kept. Its keys stand in front.</param>
    public SnapshotOperator(RowTable table)
    {
        _table = table;
        _materialize = new MaterializeOperator(table, withOld: false);
    }

    /// <summary>The rows have been given out: changes pass from now on.</summary>
    public void Open()
    {
        _isOpen = true;
        _table.Reset();
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">53200: the rows are over the query's budget.</exception>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        if (_isOpen)
            return input;
        _materialize.Push(input);
        while (_materialize.Pull() is not null)
        {
            // Only the newest row of each key is of interest.
        }

        return null;
    }
}

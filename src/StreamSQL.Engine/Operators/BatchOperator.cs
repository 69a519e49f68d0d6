using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.Operators;

/// <summary>An operator that gives at most one output batch for each input batch and holds nothing back.</summary>
internal abstract class BatchOperator : Operator
{
    private ChangeBatch? _input;

    /// <inheritdoc/>
    public sealed override void Push(ChangeBatch input, int port = 0) => _input = input;

    /// <inheritdoc/>
    public sealed override ChangeBatch? Pull()
    {
        var input = _input;
        _input = null;
        return input is null ? null : Process(input);
    }

    /// <summary>The output for an input; null for none.</summary>
    protected abstract ChangeBatch? Process(ChangeBatch input);

    /// <summary>A batch that shows all of another one, but can have a selection and flags of its own. Reuses <paramref name="view"/>.</summary>
    protected static ChangeBatch View(ChangeBatch source, ref ChangeBatch? view)
    {
        view ??= new ChangeBatch(new Column[source.Columns.Length]);
        source.Columns.CopyTo(view.Columns, 0);
        if (source.OldColumns is null)
        {
            view.OldColumns = null;
        }
        else
        {
            view.OldColumns ??= new Column[source.OldColumns.Length];
            source.OldColumns.CopyTo(view.OldColumns, 0);
        }

        view.TakeRowsFrom(source);
        return view;
    }

    /// <summary>Whether a batch has something to tell: rows, or how far stream time has come.</summary>
    protected static bool IsWorthGiving(ChangeBatch batch) => batch.Selection.Count > 0 || batch.StreamTime is not null;
}

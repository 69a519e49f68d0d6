using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.Operators;

/// <summary>Batches that share the columns of others.</summary>
internal static class BatchViews
{
    /// <summary>
    /// A batch that shows all of another one, but can have a selection and flags of its own. Reuses <paramref name="view"/>.
    /// </summary>
    public static ChangeBatch View(ChangeBatch source, ref ChangeBatch? view)
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
}

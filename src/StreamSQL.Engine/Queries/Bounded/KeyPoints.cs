using StreamSQL.Data.Batches;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>The keys that a look-up asks for, from expressions without columns; they are computed anew in each run of the query.</summary>
internal sealed class KeyPoints
{
    private readonly ExpressionEvaluator[][] _values;
    private readonly ChangeBatch _row = new(Array.Empty<Data.Columns.Column>());

    /// <summary>Computes the keys.</summary>
    /// <param name="points">One expression per key column for each key.</param>
    /// <param name="table">The table's schema.</param>
    /// <param name="context">The query's context, for parameters.</param>
    /// <exception cref="Data.Errors.SqlException">One of them could not be computed.</exception>
    public KeyPoints(IReadOnlyList<IReadOnlyList<BoundExpression>> points, PlanSchema table, OperatorContext context)
    {
        _values = new ExpressionEvaluator[points.Count][];
        for (var i = 0; i < _values.Length; i++)
            _values[i] = ExpressionEvaluator.CreateAll(points[i], context);
        var keys = table.Columns.Where(static column => column.Role == ColumnRole.Key);
        Keys = new ChangeBatch(keys.Select(static column => column.Type).ToArray());
        Compute();
    }

    /// <summary>The keys: a batch with the key columns, one row per key.</summary>
    public ChangeBatch Keys { get; }

    /// <summary>Computes the keys with the parameters that the query has now. A constant that no key equals is left out.</summary>
    /// <exception cref="Data.Errors.SqlException">One of them could not be computed.</exception>
    public void Compute()
    {
        Keys.Reset(_values.Length);
        var count = 0;
        foreach (var point in _values)
            count += TryCompute(point, count) ? 1 : 0;
        Keys.Selection = count > 1 ? Distinct(count) : RowSelection.All(count);
    }

    private bool TryCompute(ExpressionEvaluator[] point, int row)
    {
        for (var c = 0; c < Keys.Columns.Length; c++)
        {
            _row.Reset(1);
            var value = point[c].Evaluate(_row, _row.Selection);
            var key = Keys.Columns[c];
            if (value.IsNull(0))
                return false;
            if (value.Type.Equals(key.Type))
                key.CopyRow(value, 0, row);
            else if (KeyConstant.TryConvert(ColumnReader.Read(value, 0)!, value.Type, key.Type) is { } converted)
                ColumnWriter.Write(key, row, converted);
            else
                return false;
        }

        return true;
    }

    /// <summary>Each key once: constants that are written differently, and parameters, may be the same key.</summary>
    private RowSelection Distinct(int count)
    {
        var index = KeyIndex.Create(Keys.Columns.Select(static column => column.Type).ToArray(), nullable: false, count);
        var (slots, rows) = (new int[count], new int[count]);
        index.FindOrAdd(Keys.Columns, RowSelection.All(count), slots);
        var found = 0;
        for (var row = 0; row < count; row++)
        {
            if (slots[row] == found)
                rows[found++] = row;
        }

        return RowSelection.Of(rows, found);
    }
}

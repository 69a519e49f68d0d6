using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>
/// Runs the sub-queries of one statement as values of expressions. It keeps the results of those that do not read the enclosing row.
/// </summary>
public abstract class SubqueryRunner
{
    /// <summary>
    /// Fills <paramref name="result"/> (already reset to the batch's row count) for the given rows, or makes it constant.
    /// </summary>
    /// <param name="subquery">The sub-query.</param>
    /// <param name="operand">Values of <see cref="BoundSubquery.Operand"/>, or null.</param>
    /// <param name="outer">The enclosing rows.</param>
    /// <param name="rows">The rows to evaluate.</param>
    /// <param name="result">Receives the values.</param>
    /// <exception cref="Data.Errors.SqlException">The sub-query failed, or gave several rows where one is allowed (21000).</exception>
    public abstract void Evaluate(BoundSubquery subquery, Column? operand, ChangeBatch outer, RowSelection rows, Column result);
}

/// <summary>
/// The row of an enclosing query that a correlated sub-query is being run for. Moved on by the <see cref="SubqueryRunner"/>.
/// </summary>
public sealed class OuterRow
{
    /// <summary>The batch that holds it.</summary>
    public ChangeBatch? Batch { get; set; }

    /// <summary>Its row number.</summary>
    public int Row { get; set; }
}

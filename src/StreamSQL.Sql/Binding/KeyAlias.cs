using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Binding;

/// <summary>An expression over a plan's columns that stands for a key column of it: a side of a join's condition.</summary>
/// <param name="Expression">The expression.</param>
/// <param name="Key">The index of the key column.</param>
/// <param name="IsExact">Whether it always has the key's value; the unmatched rows of an outer join have none on the other side.</param>
/// <param name="Text">How it is written, with its source's name.</param>
internal sealed record KeyAlias(BoundExpression Expression, int Key, bool IsExact, string Text)
{
    /// <summary>The same over a plan in which all columns stand further back.</summary>
    public KeyAlias Shift(int by) => this with { Expression = Optimizer.ColumnSubstitution.Renumber(Expression, index => index + by) };
}

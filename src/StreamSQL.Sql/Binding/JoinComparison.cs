using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>An equality of a continuous join's condition: an expression over the left input and one over the right input.</summary>
/// <param name="Left">Over the left input's columns.</param>
/// <param name="Right">Over the right input's columns.</param>
/// <param name="LeftText">The left one as written.</param>
/// <param name="RightText">The right one as written.</param>
/// <param name="LeftRelation">The source that the left one speaks of.</param>
/// <param name="IsFlipped">Whether the right input's expression was written first.</param>
internal sealed record JoinComparison(
    BoundExpression Left, BoundExpression Right, string LeftText, string RightText, string LeftRelation, bool IsFlipped)
{
    /// <summary>The comparison as written.</summary>
    public string Text => IsFlipped ? $"{RightText} = {LeftText}" : $"{LeftText} = {RightText}";
}

/// <summary>Takes the condition of a continuous join apart.</summary>
internal sealed class JoinComparisons(BindingContext context, Scope scope, int leftCount, string rightRelation)
{
    /// <summary>The equalities of a condition.</summary>
    /// <exception cref="Data.Errors.SqlException">It is not made of equalities between one source of
    /// the left and the right source.</exception>
    public IReadOnlyList<JoinComparison> Bind(Expression on)
    {
        var parts = on is LogicalExpression { IsAnd: true } and ? and.Operands : [on];
        if (parts.Count > 1 && (context.IsCompatible || parts.Distinct().Count() < parts.Count))
        {
            throw BindingErrors.NotSupported(
                $"Invalid join condition: joins on multiple conditions are not yet supported. Got {JoinText.Of(on, scope)}.", on.Position);
        }

        return [.. parts.Select(Bind1)];
    }

    private JoinComparison Bind1(Expression part)
    {
        var binder = new ExpressionBinder(context, scope, null) { Clause = "JOIN ON" };
        if (part is not BinaryExpression { Operator: "=" } comparison)
        {
            binder.BindCondition(part);
            throw BindingErrors.NotSupported(
                $"Invalid join condition: only equality of two expressions is supported. Got {JoinText.Of(part, scope)}.", part.Position,
                "Move other conditions to WHERE.");
        }

        var (first, second) = (binder.Bind(comparison.Left), binder.Bind(comparison.Right));
        var (firstSource, secondSource) = (SourceOf(first, comparison.Left, comparison), SourceOf(second, comparison.Right, comparison));
        if ((firstSource == rightRelation) == (secondSource == rightRelation))
        {
            throw BindingErrors.NotSupported(
                $"A join criteria is expected to reference the source (`{rightRelation}`) in the FROM clause, instead the right source " +
                $"references `{secondSource}` "
                + $"and the left source references `{firstSource}`", part.Position);
        }

        var (firstText, secondText) = (JoinText.Of(comparison.Left, first, scope), JoinText.Of(comparison.Right, second, scope));
        if (!first.Type.Equals(second.Type))
        {
            throw BindingErrors.Mismatch(
                $"Invalid join condition: types don't match. Got {firstText}{{{BindingErrors.Name(first.Type)}}} = {secondText}{{" +
                    $"{BindingErrors.Name(second.Type)}}}.",
                part.Position, "CAST one of them.");
        }

        return firstSource == rightRelation
            ? new JoinComparison(second, OverRight(first), secondText, firstText, secondSource, IsFlipped: true)
            : new JoinComparison(first, OverRight(second), firstText, secondText, firstSource, IsFlipped: false);
    }

    private BoundExpression OverRight(BoundExpression expression) => ColumnSubstitution.Renumber(expression, index => index - leftCount);

    private string SourceOf(BoundExpression bound, Expression syntax, BinaryExpression comparison)
    {
        var relations = ColumnUse.Of(bound).Columns.Select(index => scope.Columns.First(column => column.Index == index).Relation)
            .Distinct().ToList();
        return relations is [{ } only]
            ? only
            : throw BindingErrors.NotSupported(
                $"Invalid comparison expression '{JoinText.Of(syntax, scope)}' in join '{JoinText.Of(comparison, scope)}'. "
                + "Each side of the join comparision must contain references from exactly one source.", syntax.Position);
    }
}

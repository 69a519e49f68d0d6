using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>Aggregates, with DISTINCT, ORDER BY and FILTER where they can have them.</summary>
internal sealed class AggregateGenerator(Random random, ExpressionGenerator expressions, Capabilities capabilities)
{
    private const double RowsAtMost = 1e5;

    private static readonly TermType[] WithMinAndMax =
        [TermType.Int, TermType.BigInt, TermType.Double, TermType.Decimal, TermType.Text, TermType.Date, TermType.Time, TermType.Timestamp,
            TermType.Interval, TermType.Plain];

    /// <summary>An aggregate with a result of the type; null where there is none.</summary>
    public Term? Of(TermType type, ExpressionScope scope)
    {
        var choices = Choices(type).ToList();
        return choices.Count == 0 ? null : choices[random.Next(choices.Count)](scope with { AllowsQueries = false });
    }

    private IEnumerable<Func<ExpressionScope, Term>> Choices(TermType type)
    {
        if (WithMinAndMax.Contains(type))
        {
            yield return scope => Extreme("min", type, scope);
            yield return scope => Extreme("max", type, scope);
        }

        switch (type)
        {
            case TermType.BigInt:
                yield return scope => Filtered(type, RowsAtMost, 0, false, scope, "count(*)");
                yield return scope => Filtered(type, RowsAtMost, 0, false, scope, "count(", Distinct(),
                    expressions.Any(scope, 1).Node, ")");
                yield return scope => Sum(type, TermType.Int, 0, scope);
                break;
            case TermType.Decimal:
                yield return scope => Sum(type, TermType.Decimal, 6, scope);
                yield return scope => Sum(type, TermType.BigInt, 0, scope);
                yield return scope => Average(type, TermType.Int, scope);
                yield return scope => Average(type, TermType.Decimal, scope);
                yield return scope => Deviation(type, TermType.Int, scope);
                break;
            case TermType.Double:
                yield return scope => Sum(type, TermType.Double, 0, scope);
                yield return scope => Average(type, TermType.Double, scope);
                yield return scope => Deviation(type, TermType.Double, scope);
                break;
            case TermType.Bool when capabilities.Has(Feature.BooleanAggregates):
                yield return scope => Filtered(type, 0, 0, false, scope, Pick("bool_and(", "bool_or(", "every("),
                    expressions.Of(TermType.Bool, scope, 1).Node, ")");
                break;
            case TermType.Text:
                yield return scope => Joined(scope);
                break;
            case TermType.Ints when capabilities.Has(Feature.OrderInAggregates):
                yield return scope => Collected(type, TermType.Int, scope);
                break;
            case TermType.Texts when capabilities.Has(Feature.OrderInAggregates):
                yield return scope => Collected(type, TermType.Text, scope);
                break;
        }
    }

    private Term Extreme(string name, TermType type, ExpressionScope scope)
    {
        var argument = expressions.Of(type, scope, 1);
        return Filtered(type, argument.Max, argument.Scale, false, scope, $"{name}(", argument.Node, ")");
    }

    private Term Sum(TermType type, TermType of, int scale, ExpressionScope scope)
    {
        var argument = expressions.Bounded(of, scope, of == TermType.Double ? 0 : 1, 1e6);
        return Filtered(type, argument.Max * RowsAtMost, Math.Max(scale, argument.Scale), type == TermType.Double, scope, "sum(",
            Distinct(), argument.Node, ")");
    }

    private Term Average(TermType type, TermType of, ExpressionScope scope)
    {
        var argument = expressions.Bounded(of, scope, of == TermType.Double ? 0 : 1, 1e6);
        return Quotient(type, scope, "avg(", Distinct(), argument.Node, ")");
    }

    private Term Deviation(TermType type, TermType of, ExpressionScope scope)
    {
        var name = capabilities.Has(Feature.DeviationAggregates)
            ? Pick("stddev_samp(", "stddev(", "var_samp(", "variance(", "stddev_pop(", "var_pop(")
            : "stddev_samp(";
        return Quotient(type, scope, name, expressions.Bounded(of, scope, 0, 1e3).Node, ")");
    }

    // Of exact numbers it is exact, with many digits.
    private Term Quotient(TermType type, ExpressionScope scope, params SqlNode[] parts) =>
        Filtered(type, 1e6, 20, type == TermType.Double, scope, parts);

    private Term Joined(ExpressionScope scope)
    {
        var text = expressions.Of(TermType.Text, scope, 1).Node;
        var distinct = random.Next(2) == 0 || !capabilities.Has(Feature.OrderInAggregates);
        return distinct
            ? Filtered(TermType.Text, 0, 0, false, scope, "string_agg(DISTINCT ", text, ", ',')")
            : Filtered(TermType.Text, 0, 0, false, scope, "string_agg(", text, ", ',' ORDER BY ", text, ")");
    }

    private Term Collected(TermType type, TermType of, ExpressionScope scope)
    {
        var element = expressions.Of(of, scope, 1).Node;
        return Filtered(type, 0, 0, false, scope, "array_agg(", element, " ORDER BY ", element,
            Pick("", " DESC", " NULLS FIRST", " DESC NULLS LAST"), ")");
    }

    private Term Filtered(TermType type, double max, int scale, bool inexact, ExpressionScope scope, params SqlNode[] parts)
    {
        if (random.Next(5) == 0)
            parts = [.. parts, SqlNode.Optional(" FILTER (WHERE ", expressions.Of(TermType.Bool, scope, 1).Node, ")")];
        return new(Nodes.Of(type, parts), type, max, scale, inexact);
    }

    private string Distinct() => random.Next(4) == 0 ? "DISTINCT " : "";

    private string Pick(params ReadOnlySpan<string> items) => items[random.Next(items.Length)];
}

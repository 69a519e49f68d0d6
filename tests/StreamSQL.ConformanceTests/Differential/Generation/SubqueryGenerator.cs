using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>Queries inside expressions: scalar ones, EXISTS, IN, ANY and ALL, most of them correlated.</summary>
internal sealed class SubqueryGenerator(Random random, ExpressionGenerator expressions, FromGenerator sources,
    AggregateGenerator aggregates, Capabilities capabilities)
{
    /// <summary>An expression of the type with a query in it.</summary>
    public Term Expression(TermType type, ExpressionScope outer) => type == TermType.Bool
        && random.Next(3) > 0 ? Test(outer) : Scalar(type, outer);

    private Term Test(ExpressionScope outer)
    {
        var (from, inner) = Source(outer);
        if (random.Next(3) == 0)
            return Bool(random.Next(2) == 0 ? "EXISTS (" : "NOT EXISTS (", "SELECT 1 FROM ", from, Where(inner, outer), ")");
        var type = random.Next(2) == 0 ? TermType.Int : TermType.Text;
        var left = expressions.Of(type, outer with { AllowsQueries = false }, 1).Node;
        var column = expressions.Of(type, inner, 1).Node;
        string[] operators = capabilities.Has(Feature.QuantifiedQueries)
            ? [" IN (", " NOT IN (", " = ANY (", " < ALL (", " > SOME (", " <> ALL ("] : [" IN (", " NOT IN ("];
        return Bool("(", left, operators[random.Next(operators.Length)], "SELECT ", column, " FROM ", from, Where(inner, outer), "))");
    }

    private Term Scalar(TermType type, ExpressionScope outer)
    {
        var (from, inner) = Source(outer);
        if (aggregates.Of(type, inner) is { Inexact: false } aggregate && random.Next(3) > 0)
            return aggregate with { Node = Nodes.Of(type, "(SELECT ", aggregate.Node, " FROM ", from, Where(inner, outer), ")") };
        // Documents have an order of their own here.
        if (type == TermType.Json)
            return new(Nodes.Of(type, "(SELECT jsonb_build_array(count(*)) FROM ", from, Where(inner, outer), ")"), type);
        var value = expressions.Of(type, inner, 1);
        return value with { Node = Nodes.Of(type, "(SELECT ", value.Node, " FROM ", from, Where(inner, outer), " ORDER BY 1 LIMIT 1)") };
    }

    private (SqlNode From, ExpressionScope Inner) Source(ExpressionScope outer)
    {
        var source = sources.Table();
        return (source.Node, new(source.Columns, outer.Depth + 1) { AllowsQueries = random.Next(3) == 0 });
    }

    /// <summary>A condition on the inner rows and, mostly, one that ties them to the outer row.</summary>
    private SqlNode Where(ExpressionScope inner, ExpressionScope outer)
    {
        var both = inner with { Leaves = [.. inner.Leaves, .. outer.Leaves] };
        var conditions = new List<SqlNode>();
        var pairs = inner.Leaves.SelectMany(left => outer.Leaves.Where(right => right.Type == left.Type && left.Type < TermType.Interval)
            .Select(right => (left, right))).ToList();
        if (pairs.Count > 0 && random.Next(3) > 0)
        {
            var (left, right) = pairs[random.Next(pairs.Count)];
            conditions.Add(new SqlNode(null, [left.Node, random.Next(4) == 0 ? " < " : " = ", right.Node]));
        }

        if (random.Next(2) == 0)
            conditions.Add(expressions.Of(TermType.Bool, both with { AllowsQueries = false }, 1).Node);
        return SqlNode.ListOf(" WHERE ", " AND ", 0, conditions);
    }

    private static Term Bool(params SqlNode[] parts) => new(Nodes.Of(TermType.Bool, parts), TermType.Bool);
}

using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>The query that an aggregate belongs to: the innermost whose columns its arguments name (SQL:2016, 10.9).</summary>
internal static class AggregateLevel
{
    /// <summary>
    /// How many levels out that query is (0 for the aggregate's own, also where no column is named),
    /// and whether the arguments aggregate there too.
    /// </summary>
    public static (int Levels, bool IsNested) Of(AggregateCall call)
    {
        var finder = new Finder();
        foreach (var part in PartsOf(call))
            finder.Rewrite(part);
        var levels = finder.Level ?? 0;
        return (levels, finder.Aggregates.Contains(levels));
    }

    /// <summary>The call over the columns of the query that many levels out.</summary>
    public static AggregateCall MovedOut(AggregateCall call, int levels)
    {
        var mover = new Mover(levels);
        return call with
        {
            Arguments = [.. call.Arguments.Select(mover.Rewrite)],
            Filter = call.Filter is null ? null : mover.Rewrite(call.Filter),
            OrderBy = [.. call.OrderBy.Select(key => key with { Expression = mover.Rewrite(key.Expression) })],
        };
    }

    private static IEnumerable<BoundExpression> PartsOf(AggregateCall call)
    {
        var parts = call.Arguments.Concat(call.OrderBy.Select(static key => key.Expression));
        return call.Filter is null ? parts : parts.Append(call.Filter);
    }

    private sealed class Finder : ExpressionRewriter
    {
        public int? Level { get; private set; }

        /// <summary>The levels of the aggregates among the arguments.</summary>
        public HashSet<int> Aggregates { get; } = [];

        protected override BoundExpression RewriteColumn(BoundColumn column)
        {
            Level = 0;
            return column;
        }

        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
        {
            // What belongs to the sub-queries in the arguments says nothing.
            if (column.Depth >= Depth)
                Level = Math.Min(Level ?? int.MaxValue, column.Depth - Depth);
            if (column is OuterAggregateReference)
                Aggregates.Add(column.Depth - Depth);
            return column;
        }
    }

    private sealed class Mover(int levels) : ExpressionRewriter
    {
        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column) => column.Depth < Depth + levels ? column
            : Depth == 0 && column.Depth == levels ? new BoundColumn(column.Index, column.Name, column.Type)
            : column with { Depth = column.Depth - levels };
    }
}

/// <summary>The result of an aggregate of an enclosing query, by its number; replaced once that query's grouping is planned.</summary>
internal sealed record OuterAggregateReference(int Depth, int Number, SqlType Type)
    : BoundOuterColumn(Depth, -1, $"AGGREGATE_{Number}", Type);

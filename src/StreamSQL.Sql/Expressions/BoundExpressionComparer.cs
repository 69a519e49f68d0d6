namespace StreamSQL.Sql.Expressions;

/// <summary>
/// Whether two expressions are the same computation over the same input. Records alone would compare their lists by reference.
/// </summary>
public static class BoundExpressionComparer
{
    /// <summary>True when both always give the same value. Sub-queries and calls that are not deterministic are never the same.</summary>
    public static bool AreSame(BoundExpression? left, BoundExpression? right) => (left, right) switch
    {
        (null, null) => true,
        (BoundLiteral a, BoundLiteral b) => a.Type.Equals(b.Type) && AreSameValues(a.Value, b.Value),
        (BoundColumn a, BoundColumn b) => a.Index == b.Index,
        (BoundOuterColumn a, BoundOuterColumn b) => a.Index == b.Index && a.Depth == b.Depth,
        (BoundPseudoColumn a, BoundPseudoColumn b) => a.Kind == b.Kind,
        (BoundParameter a, BoundParameter b) => a.Index == b.Index && a.Type.Equals(b.Type),
        (BoundCall a, BoundCall b) => a.Name == b.Name && a.Type.Equals(b.Type) && a.Binding.IsDeterministic
            && AreSame(a.Arguments, b.Arguments),
        (BoundLambdaVariable a, BoundLambdaVariable b) => a.Level == b.Level && a.Index == b.Index && a.Type.Equals(b.Type),
        (BoundLambdaCall a, BoundLambdaCall b) => a.Name == b.Name && a.Type.Equals(b.Type) && AreSame(a.Arguments, b.Arguments)
            && AreSame([.. a.Lambdas.Select(static lambda => lambda.Body)], [.. b.Lambdas.Select(static lambda => lambda.Body)]),
        (BoundLogical a, BoundLogical b) => a.IsAnd == b.IsAnd && AreSame(a.Operands, b.Operands),
        (BoundNot a, BoundNot b) => AreSame(a.Operand, b.Operand),
        (BoundIsNull a, BoundIsNull b) => a.Negated == b.Negated && AreSame(a.Operand, b.Operand),
        (BoundCoalesce a, BoundCoalesce b) => AreSame(a.Arguments, b.Arguments),
        (BoundCase a, BoundCase b) => a.Branches.Count == b.Branches.Count && AreSame(a.Else, b.Else)
            && a.Branches.Zip(b.Branches).All(static pair => AreSame(pair.First.Condition, pair.Second.Condition)
                && AreSame(pair.First.Result, pair.Second.Result)),
        _ => ReferenceEquals(left, right),
    };

    /// <summary>Whether two lists hold the same expressions in the same order.</summary>
    public static bool AreSame(IReadOnlyList<BoundExpression> left, IReadOnlyList<BoundExpression> right) =>
        left.Count == right.Count && left.Zip(right).All(static pair => AreSame(pair.First, pair.Second));

    private static bool AreSameValues(object? left, object? right) => (left, right) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(static pair => AreSameValues(pair.First, pair.Second)),
        _ => Equals(left, right),
    };
}

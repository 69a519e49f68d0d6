using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// The operators of a query between two of its runs: a look-up of keys costs less than making what it is done with. Only queries that hold
/// little memory, and nothing of one run in the next, are kept.
/// </summary>
/// <param name="rows">Its rows.</param>
/// <param name="context">Its context.</param>
/// <param name="properties">The properties that it was made with.</param>
/// <param name="queries">The queries whose state it reads.</param>
internal sealed class ReadyQuery(
    RowSource rows, OperatorContext context, IReadOnlyDictionary<string, string> properties, IReadOnlyList<PersistentQuery> queries)
{
    private const int MaxKeys = 256;

    /// <summary>Its rows.</summary>
    public RowSource Rows => rows;

    /// <summary>Its context.</summary>
    public OperatorContext Context => context;

    /// <summary>
    /// Whether a plan's operators can be run again: it computes a row, or looks keys up in tables. It calls nothing that may wait, as locks
    /// and sleeps do, and those are never deterministic.
    /// </summary>
    public static bool IsFor(LogicalPlan plan) => Has(plan, CanRepeat);

    /// <summary>
    /// Whether besides, it calls nothing whose time depends on more than the length of its values, as that of repeat and of regular
    /// expressions does.
    /// </summary>
    public static bool IsBrief(LogicalPlan plan) => Has(plan, static expression => HasCalls(expression, IsBrief));

    /// <summary>The queries whose state a plan reads, as they are now.</summary>
    public static PersistentQuery[] QueriesOf(LogicalPlan plan, QueryRegistry registry)
    {
        PersistentQuery[] here = plan is LogicalScan { Source.QueryId: { } id } && registry.Find(id) is { } query ? [query] : [];
        return [.. here, .. plan.Inputs.SelectMany(input => QueriesOf(input, registry))];
    }

    /// <summary>Whether it can be run as it was made: the session's properties are the same, and no query has been started anew.</summary>
    public bool Fits(IReadOnlyDictionary<string, string> now, QueryRegistry registry)
    {
        if (!ReferenceEquals(now, properties))
            return false;
        foreach (var query in queries)
        {
            if (registry.Find(query.Definition.Id) != query)
                return false;
        }

        return true;
    }

    /// <summary>Begins another run.</summary>
    /// <exception cref="Data.Errors.SqlException">A key could not be computed.</exception>
    public void Restart(IReadOnlyList<object?> values, TimeProvider time)
    {
        context.Restart(values, time);
        rows.Restart();
    }

    /// <summary>Whether an expression gives the same each time, and keeps nothing that a parameter was when it was made.</summary>
    public static bool CanRepeat(BoundExpression expression) => HasCalls(expression, static call => call.Binding.IsDeterministic);

    private static bool IsBrief(BoundCall call) => call.Binding.IsDeterministic
        && call.Name is "+" or "-" or "*" or "/" or "%" or "=" or "<>" or "<" or "<=" or ">" or ">=" or "CAST";

    private static bool Has(LogicalPlan plan, Predicate<BoundExpression> allows) => plan switch
    {
        LogicalValues values => values.Rows.Count == 1 && values.Rows[0].All(value => allows(value)),
        LogicalScan { Source: { Kind: RelationKind.Table, Window: null }, Access: { Points: { Count: <= MaxKeys } points } access }
            when access is { Lower: null, Upper: null } => points.All(point => point.All(value => allows(value))),
        LogicalFilter filter => allows(filter.Predicate) && Has(filter.Input, allows),
        LogicalProject project => project.Expressions.All(value => allows(value)) && Has(project.Input, allows),
        LogicalLimit limit => (limit.Count is null || allows(limit.Count)) && (limit.Offset is null || allows(limit.Offset))
            && Has(limit.Input, allows),
        _ => false,
    };

    private static bool HasCalls(BoundExpression expression, Predicate<BoundCall> allows)
    {
        return expression switch
        {
            BoundLiteral or BoundParameter or BoundColumn or BoundPseudoColumn => true,
            BoundCall call => allows(call) && call.Arguments.All(All),
            BoundLogical logical => logical.Operands.All(All),
            BoundNot not => All(not.Operand),
            BoundIsNull isNull => All(isNull.Operand),
            BoundCase choice => choice.Branches.All(branch => All(branch.Condition) && All(branch.Result))
                && (choice.Else is null || All(choice.Else)),
            BoundCoalesce coalesce => coalesce.Arguments.All(All),
            _ => false,
        };

        bool All(BoundExpression part) => HasCalls(part, allows);
    }
}

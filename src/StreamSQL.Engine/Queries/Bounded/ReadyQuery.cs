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
    /// Whether a plan's operators can be run again: it computes a row, or looks keys up in tables. It calls nothing that may wait, as locks and
    /// sleeps do, and those are never deterministic.
    /// </summary>
    public static bool IsFor(LogicalPlan plan) => plan switch
    {
        LogicalValues values => values.Rows.Count == 1 && values.Rows[0].All(CanRepeat),
        LogicalScan { Source: { Kind: RelationKind.Table, Window: null }, Access: { Points: { Count: <= MaxKeys } points } access }
            when access is { Lower: null, Upper: null } => points.All(static point => point.All(CanRepeat)),
        LogicalFilter filter => CanRepeat(filter.Predicate) && IsFor(filter.Input),
        LogicalProject project => project.Expressions.All(CanRepeat) && IsFor(project.Input),
        LogicalLimit limit => (limit.Count is null || CanRepeat(limit.Count)) && (limit.Offset is null || CanRepeat(limit.Offset)) && IsFor(limit.Input),
        _ => false,
    };

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
    public static bool CanRepeat(BoundExpression expression) => expression switch
    {
        BoundLiteral or BoundParameter or BoundColumn or BoundPseudoColumn => true,
        BoundCall call => call.Binding.IsDeterministic && call.Arguments.All(CanRepeat),
        BoundLogical logical => logical.Operands.All(CanRepeat),
        BoundNot not => CanRepeat(not.Operand),
        BoundIsNull isNull => CanRepeat(isNull.Operand),
        BoundCase choice => choice.Branches.All(static branch => CanRepeat(branch.Condition) && CanRepeat(branch.Result))
            && (choice.Else is null || CanRepeat(choice.Else)),
        BoundCoalesce coalesce => coalesce.Arguments.All(CanRepeat),
        _ => false,
    };
}

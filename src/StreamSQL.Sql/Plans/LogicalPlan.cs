using StreamSQL.Data.Functions;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Plans;

/// <summary>A relational operation with its inputs. Immutable; indexes in expressions refer to the input's schema.</summary>
public abstract record LogicalPlan(PlanSchema Schema)
{
    /// <summary>The inputs, left to right.</summary>
    public abstract IReadOnlyList<LogicalPlan> Inputs { get; }
}

/// <summary>A plan node without inputs.</summary>
public abstract record LogicalLeaf(PlanSchema Schema) : LogicalPlan(Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}

/// <summary>A plan node with one input.</summary>
public abstract record LogicalUnary(LogicalPlan Input, PlanSchema Schema) : LogicalPlan(Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

/// <summary>Reads a stream or table of the catalog.</summary>
/// <param name="Source">The relation.</param>
/// <param name="Mode">Continuously, or up to the present end.</param>
/// <param name="Columns">Indexes into <see cref="SourceDefinition.Columns"/> that are wanted, in schema
/// order; window bounds not counted.</param>
/// <param name="Access">How a bounded read of a table finds its rows; null is a full scan.</param>
/// <param name="Schema">The schema of the wanted columns.</param>
public sealed record LogicalScan(SourceDefinition Source, ScanMode Mode, IReadOnlyList<int> Columns, KeyAccess? Access, PlanSchema Schema)
    : LogicalLeaf(Schema);

/// <summary>How a relation is read.</summary>
public enum ScanMode : byte
{
    /// <summary>Events or changes, for ever.</summary>
    Continuous,

    /// <summary>The rows that are there now.</summary>
    Bounded,
}

/// <summary>
/// Which keys and windows of a table a bounded read needs; a filter above it still checks every row. Expressions have one value while the
/// statement runs; their types may be wider than the key's: a value that no key can have finds no row.
/// </summary>
/// <param name="Points">Whole keys to look up (one expression per key column), or null.</param>
/// <param name="Lower">Lower bound of the first key column, or null.</param>
/// <param name="Upper">Upper bound of the first key column, or null.</param>
/// <param name="WindowStart">Bounds of WINDOWSTART.</param>
/// <param name="WindowEnd">Bounds of WINDOWEND.</param>
public sealed record KeyAccess(
    IReadOnlyList<IReadOnlyList<BoundExpression>>? Points, KeyBound? Lower, KeyBound? Upper, BoundRange WindowStart, BoundRange WindowEnd)
{
    /// <summary>The pattern of LIKE that the first key column, a text, matches, or null.</summary>
    public BoundExpression? Pattern { get; init; }
}

/// <summary>One end of a range.</summary>
public sealed record KeyBound(BoundExpression Value, bool Inclusive);

/// <summary>A range with open ends where null.</summary>
public sealed record BoundRange(KeyBound? Lower, KeyBound? Upper);

/// <summary>Rows written out in the statement; one row without columns is SELECT without FROM.</summary>
public sealed record LogicalValues(IReadOnlyList<IReadOnlyList<BoundExpression>> Rows, PlanSchema Schema) : LogicalLeaf(Schema);

/// <summary>Reads a system relation (pg_catalog, information_schema, streamsql).</summary>
/// <param name="Relation">Schema-qualified lower-case name.</param>
/// <param name="Schema">All its columns.</param>
public sealed record LogicalSystemScan(string Relation, PlanSchema Schema) : LogicalLeaf(Schema);

/// <summary>The rows that the last step of a <see cref="LogicalRecursion"/> gave, where its step reads them.</summary>
/// <param name="Recursion">The number of the recursion.</param>
/// <param name="Schema">Its columns.</param>
public sealed record LogicalWorkingTable(int Recursion, PlanSchema Schema) : LogicalLeaf(Schema)
{
    /// <summary>How many of the last columns no star shows in the recursion itself: those of SEARCH and CYCLE.</summary>
    public int HiddenColumns { get; init; }
}

/// <summary>
/// Reads a common table of WITH. Rewrites of the plan around it leave its own plan alone; the optimizer puts the plan in place of what is
/// read once, and the rows of the others are computed once and kept while the statement runs.
/// </summary>
/// <param name="Table">The common table.</param>
public sealed record LogicalCommonTable(CommonTableDefinition Table) : LogicalPlan(Table.Plan.Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [Table.Plan];
}

/// <summary>A common table of WITH, the same object wherever it is read.</summary>
/// <param name="number">Tells it from other common tables of the statement.</param>
/// <param name="plan">Its plan; it reads no enclosing row.</param>
/// <param name="isMaterialized">What the statement says: AS [NOT] MATERIALIZED; null for nothing.</param>
public sealed class CommonTableDefinition(int number, LogicalPlan plan, bool? isMaterialized)
{
    /// <summary>Tells it from other common tables of the statement.</summary>
    public int Number => number;

    /// <summary>Its plan.</summary>
    public LogicalPlan Plan => plan;

    /// <summary>What the statement says; null for nothing.</summary>
    public bool? IsMaterialized => isMaterialized;
}

/// <summary>Keeps the rows for which the predicate is true. Over a table's changes: a row that stops passing becomes a tombstone.</summary>
public sealed record LogicalFilter(LogicalPlan Input, BoundExpression Predicate) : LogicalUnary(Input, Input.Schema);

/// <summary>
/// Computes the columns of its schema, one expression each. Key columns stay key columns unless a <see cref="LogicalRekey"/> is below.
/// </summary>
public sealed record LogicalProject(LogicalPlan Input, IReadOnlyList<BoundExpression> Expressions, PlanSchema Schema)
    : LogicalUnary(Input, Schema);

/// <summary>
/// Gives each event a new key (PARTITION BY); the keys become the first columns of the schema, the input's columns follow.
/// </summary>
public sealed record LogicalRekey(LogicalPlan Input, IReadOnlyList<BoundExpression> Keys, PlanSchema Schema) : LogicalUnary(Input, Schema);

/// <summary>
/// Gives a row for each of the rows that table functions give, side by side: where one gives fewer than
/// another, it is NULL. No row where none gives any.
/// </summary>
/// <param name="Input">The rows.</param>
/// <param name="Kept">The input's columns that are repeated, in order; they are the first of the schema.</param>
/// <param name="Calls">The table functions over the input; a column of the schema each.</param>
/// <param name="Schema">The output.</param>
public sealed record LogicalExpand(LogicalPlan Input, IReadOnlyList<int> Kept, IReadOnlyList<TableCall> Calls, PlanSchema Schema)
    : LogicalUnary(Input, Schema)
{
    /// <summary>Whether a row for which no function gives any is kept once, padded with NULL (LEFT JOIN, bounded only).</summary>
    public bool IsOuter { get; init; }

    /// <summary>Whether a last column of the schema numbers the rows of each row from 1 (WITH ORDINALITY, bounded only).</summary>
    public bool HasOrdinality { get; init; }
}

/// <summary>
/// Joins each row with the rows that a query reading that row gives (LATERAL, bounded only). Schema: the input's columns, then the query's.
/// </summary>
/// <param name="Input">The rows.</param>
/// <param name="Rows">The query; columns of the input are its outer columns.</param>
/// <param name="IsOuter">Whether a row without any is kept, padded with NULL.</param>
/// <param name="Schema">The output.</param>
public sealed record LogicalApply(LogicalPlan Input, BoundExpression Rows, bool IsOuter, PlanSchema Schema) : LogicalUnary(Input, Schema)
{
    /// <summary>The query's plan.</summary>
    public LogicalPlan Plan => ((BoundSubquery)Rows).Plan;
}

/// <summary>
/// WITH RECURSIVE: the rows of <paramref name="Start"/>, then those that <paramref name="Step"/> makes
/// of them, and of these again, until a step gives none.
/// </summary>
/// <param name="Number">Tells it from other recursions of the statement.</param>
/// <param name="Start">The first rows.</param>
/// <param name="Step">Reads the rows of the last step by a <see cref="LogicalWorkingTable"/> of that number.</param>
/// <param name="All">UNION ALL; otherwise a row that was there before is dropped.</param>
/// <param name="Schema">The output.</param>
public sealed record LogicalRecursion(int Number, LogicalPlan Start, LogicalPlan Step, bool All, PlanSchema Schema) : LogicalPlan(Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [Start, Step];
}

/// <summary>A table function's call; arguments are already cast to the binding's parameter types.</summary>
public sealed record TableCall(string Name, TableFunctionBinding Binding, IReadOnlyList<BoundExpression> Arguments);

/// <summary>
/// Groups and aggregates. Schema: group keys, then WINDOWSTART and WINDOWEND when windowed, then the
/// aggregates. Continuously it gives a table.
/// </summary>
/// <param name="Input">Events, table changes, or finished rows.</param>
/// <param name="Keys">Group keys over the input; none is one group of all.</param>
/// <param name="Aggregates">The aggregates.</param>
/// <param name="Window">The window, or null.</param>
/// <param name="EmitFinal">EMIT FINAL: one row per closed window.</param>
/// <param name="Schema">The output.</param>
public sealed record LogicalAggregate(
    LogicalPlan Input, IReadOnlyList<BoundExpression> Keys, IReadOnlyList<AggregateCall> Aggregates, WindowSpec? Window, bool EmitFinal,
    PlanSchema Schema)
    : LogicalUnary(Input, Schema)
{
    /// <summary>
    /// The sets of GROUPING SETS, ROLLUP and CUBE: each groups by some of the keys, by index; the other keys are NULL in its rows. Null is
    /// one set of all keys. Bounded only.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>>? GroupingSets { get; init; }

    /// <summary>
    /// GROUPING(...): the keys of each call, by index. Their results are the last columns of the
    /// schema, a bit set for each key that is not in the set.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Groupings { get; init; } = [];
}

/// <summary>One aggregate of a <see cref="LogicalAggregate"/>.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Binding">The function bound to the argument types.</param>
/// <param name="Arguments">Over the input.</param>
/// <param name="Distinct">Whether equal arguments count once (bounded only).</param>
/// <param name="Filter">FILTER (WHERE ...), or null (bounded only).</param>
public sealed record AggregateCall(
    string Name, AggregateBinding Binding, IReadOnlyList<BoundExpression> Arguments, bool Distinct = false, BoundExpression? Filter = null)
{
    /// <summary>
    /// The order in which rows are added, ORDER BY in the call or WITHIN GROUP; empty for the order in which they come (bounded only).
    /// </summary>
    public IReadOnlyList<SortKey> OrderBy { get; init; } = [];
}

/// <summary>
/// Joins two inputs. Schema: the left input's columns, then the right input's (semi and anti: the left's alone; mark: the left's and the
/// mark). A continuous join has a key of its own in front of them: the value that both sides agree on, whichever of them there is (a
/// foreign-key join: the left input's key), with window bounds when both sides are windowed; the
/// inputs' keys are ordinary columns behind it.
/// </summary>
/// <param name="Left">Left input.</param>
/// <param name="Right">Right input.</param>
/// <param name="Kind">Which unmatched rows are kept.</param>
/// <param name="LeftKeys">Equality keys over the left schema; may be empty for a bounded join.</param>
/// <param name="RightKeys">Equality keys over the right schema.</param>
/// <param name="Residual">Further condition over left columns followed by right columns, or null (bounded joins).</param>
/// <param name="Within">Stream-stream only.</param>
/// <param name="Schema">The output.</param>
public sealed record LogicalJoin(
    LogicalPlan Left, LogicalPlan Right, JoinKind Kind, IReadOnlyList<BoundExpression> LeftKeys, IReadOnlyList<BoundExpression> RightKeys,
    BoundExpression? Residual, JoinWindow? Within, PlanSchema Schema) : LogicalPlan(Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [Left, Right];

    /// <summary>
    /// How many columns stand in front of the left input's: the key and window bounds of a continuous join, none of a bounded one.
    /// </summary>
    public int KeyColumns { get; init; }

    /// <summary>
    /// Whether a column of the left table refers to the key of the right one, so that the result is keyed as the left table is.
    /// </summary>
    public bool IsForeignKey { get; init; }
}

/// <summary>Which unmatched rows a join keeps.</summary>
public enum JoinKind : byte
{
    /// <summary>None.</summary>
    Inner,

    /// <summary>Left rows.</summary>
    Left,

    /// <summary>Right rows.</summary>
    Right,

    /// <summary>Both.</summary>
    Full,

    /// <summary>Left rows that have a match, each once (EXISTS, IN).</summary>
    Semi,

    /// <summary>Left rows that have no match (NOT EXISTS).</summary>
    Anti,

    /// <summary>All left rows, each once, with a BOOLEAN column behind theirs that says whether there is a match (bounded only).</summary>
    Mark,

    /// <summary>
    /// As <see cref="Left"/>; a second match of a row is an error (21000): a sub-query that is to give one value (bounded only).
    /// </summary>
    Single,
}

/// <summary>The time window of a stream-stream join, milliseconds; grace null is ksqlDB's default with eager outer results.</summary>
public sealed record JoinWindow(long BeforeMs, long AfterMs, long? GraceMs);

/// <summary>Sorts finished rows.</summary>
public sealed record LogicalSort(LogicalPlan Input, IReadOnlyList<SortKey> Keys) : LogicalUnary(Input, Input.Schema);

/// <summary>A sort key.</summary>
public sealed record SortKey(BoundExpression Expression, bool Descending, bool NullsFirst);

/// <summary>
/// Passes on at most <paramref name="Count"/> rows after skipping <paramref name="Offset"/>;
/// expressions are constants or parameters, null is none.
/// </summary>
public sealed record LogicalLimit(LogicalPlan Input, BoundExpression? Count, BoundExpression? Offset) : LogicalUnary(Input, Input.Schema);

/// <summary>Removes duplicate finished rows; with keys, keeps the first row of each key (DISTINCT ON).</summary>
public sealed record LogicalDistinct(LogicalPlan Input, IReadOnlyList<BoundExpression>? On) : LogicalUnary(Input, Input.Schema);

/// <summary>UNION, INTERSECT or EXCEPT of finished rows with equal column types.</summary>
public sealed record LogicalSetOperation(LogicalPlan Left, LogicalPlan Right, SetOperationKind Kind, bool All, PlanSchema Schema)
    : LogicalPlan(Schema)
{
    /// <inheritdoc/>
    public override IReadOnlyList<LogicalPlan> Inputs => [Left, Right];
}

/// <summary>The set operations.</summary>
public enum SetOperationKind : byte
{
    /// <summary>UNION.</summary>
    Union,

    /// <summary>INTERSECT.</summary>
    Intersect,

    /// <summary>EXCEPT.</summary>
    Except,
}

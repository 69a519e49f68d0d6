using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>What a statement is planned against.</summary>
/// <param name="Catalog">The image that names are resolved in.</param>
/// <param name="Functions">The functions that SQL can name.</param>
/// <param name="Topics">Partitions of the topics that exist, by name: a source over an existing topic takes them from there.</param>
/// <param name="SystemRelations">Schemas of the system relations, by schema-qualified lower-case name.</param>
/// <param name="Properties">The session's properties (<c>auto.offset.reset</c>, <c>ksql.compat</c>, ...).</param>
/// <param name="ParameterTypes">Types that the client declared for $1, $2, ...; null where it leaves them to the binder.</param>
public sealed record PlanningContext(
    CatalogImage Catalog,
    FunctionRegistry Functions,
    IReadOnlyDictionary<string, int> Topics,
    IReadOnlyDictionary<string, PlanSchema> SystemRelations,
    IReadOnlyDictionary<string, string> Properties,
    IReadOnlyList<SqlType?> ParameterTypes)
{
    /// <summary>What was found for the statement's <see cref="SchemaLookup"/>s.</summary>
    public FetchedSchemas Schemas { get; init; } = FetchedSchemas.None;
}

/// <summary>
/// A statement that the binder has resolved. Statements that need no binding (SET, SHOW, BEGIN, ...) are run from their syntax.
/// </summary>
public abstract record PlannedStatement
{
    /// <summary>The INSERTs, UPDATEs and DELETEs in its WITH, in their order.</summary>
    public IReadOnlyList<PlannedCommonWrite> Writes { get; init; } = [];

    /// <summary>What the rows that it writes may not violate.</summary>
    public IReadOnlyList<BoundCheck> Checks { get; init; } = [];
}

/// <summary>A statement that writes, in WITH.</summary>
/// <param name="Number">The number of the <see cref="LogicalWorkingTable"/> by which the rest of the
/// statement reads what it gives back.</param>
/// <param name="Statement">A <see cref="PlannedInsertValues"/>, <see cref="PlannedInsertSelect"/> or
/// <see cref="PlannedRowChange"/>.</param>
public sealed record PlannedCommonWrite(int Number, PlannedStatement Statement);

/// <summary>CREATE STREAM or CREATE TABLE over a topic.</summary>
/// <param name="Source">What it makes.</param>
/// <param name="CreatesTopic">Whether the topic does not exist yet and is to be created with the source's partition count.</param>
/// <param name="TopicConfigs">Topic configs for a new topic (<c>cleanup.policy</c>, <c>retention.ms</c>).</param>
/// <param name="Exists">IF NOT EXISTS and it is there: nothing to do.</param>
public sealed record PlannedCreateSource(
    SourceDefinition Source, bool CreatesTopic, IReadOnlyDictionary<string, string> TopicConfigs, bool Exists) : PlannedStatement
{
    /// <summary>The sequences of its columns that are new.</summary>
    public IReadOnlyList<SequenceDefinition> Sequences { get; init; } = [];
}

/// <summary>CREATE ... AS SELECT or INSERT INTO ... SELECT.</summary>
/// <param name="QueryId">The id that the query gets.</param>
/// <param name="Plan">The continuous plan; its schema is the sink's, keys first.</param>
/// <param name="Target">The stream or table that it writes.</param>
/// <param name="CreatesTarget">Whether the target is new (CREATE ... AS).</param>
/// <param name="CreatesTopic">Whether the target's topic is to be created.</param>
/// <param name="TopicConfigs">Topic configs for a new topic.</param>
/// <param name="Sources">Names of the streams and tables that it reads.</param>
/// <param name="Exists">IF NOT EXISTS and it is there: nothing to do.</param>
public sealed record PlannedPersistentQuery(
    string QueryId, LogicalPlan Plan, SourceDefinition Target, bool CreatesTarget, bool CreatesTopic,
    IReadOnlyDictionary<string, string> TopicConfigs, IReadOnlyList<string> Sources, bool Exists) : PlannedStatement
{
    /// <summary>OR REPLACE: the query that this one continues.</summary>
    public QueryDefinition? Replaced { get; init; }
}

/// <summary>A SELECT: a push query (EMIT CHANGES) or a bounded one. Its plan's columns are the result's columns.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="IsContinuous">Whether it runs until it is cancelled or its LIMIT is reached (a <see cref="LogicalLimit"/> on top).</param>
/// <param name="Columns">Names of the result's columns as clients see them (see <see cref="Text.DisplayName"/>).</param>
/// <param name="ParameterTypes">Types of $1, $2, ... after inference.</param>
public sealed record PlannedSelect(
    LogicalPlan Plan, bool IsContinuous, IReadOnlyList<string> Columns, IReadOnlyList<SqlType> ParameterTypes) : PlannedStatement
{
    /// <summary>What a push query says behind EMIT CHANGES.</summary>
    public PushOptions Push { get; init; } = PushOptions.None;
}

/// <summary>EMIT CHANGES WITH (SNAPSHOT = ..., PROGRESS = ...) AS OF ...</summary>
/// <param name="Snapshot">Whether the rows that the table holds come first.</param>
/// <param name="ProgressMs">At most so many milliseconds between rows that tell how far it has read; null for no such rows.</param>
/// <param name="AsOf">The position to go on from, as text; null for none.</param>
/// <param name="Position">Where EMIT stands.</param>
public sealed record PushOptions(bool Snapshot, long? ProgressMs, BoundExpression? AsOf, TextPosition Position)
{
    /// <summary>Nothing is said.</summary>
    public static PushOptions None { get; } = new(false, null, null, default);
}

/// <summary>ASSERT VALUES and ASSERT NULL VALUES: what the next record of a stream or table must be.</summary>
/// <param name="Expected">The record as INSERT would write it.</param>
/// <param name="IsTombstone">Whether it must have a key and no value.</param>
public sealed record PlannedAssertRecord(PlannedInsertValues Expected, bool IsTombstone) : PlannedStatement;

/// <summary>INSERT INTO ... VALUES.</summary>
/// <param name="Target">The stream or table.</param>
/// <param name="Rows">One expression per column of the target in order (NULL where not given); types already match.</param>
/// <param name="RowTime">Per row the value for ROWTIME, or null where not given.</param>
/// <param name="ParameterTypes">Types of $1, $2, ... after inference.</param>
public sealed record PlannedInsertValues(
    SourceDefinition Target, IReadOnlyList<IReadOnlyList<BoundExpression>> Rows, IReadOnlyList<BoundExpression?> RowTime,
    IReadOnlyList<SqlType> ParameterTypes) : PlannedStatement
{
    /// <summary>ON CONFLICT; null where a row simply takes the place of the one with its key.</summary>
    public ConflictAction? Conflict { get; init; }

    /// <summary>RETURNING, over the target's columns.</summary>
    public ReturningList? Returning { get; init; }
}

/// <summary>INSERT INTO ... SELECT as a copy: the rows that the query gives now.</summary>
/// <param name="Target">The stream or table.</param>
/// <param name="Rows">The query: a column per column of the target, and the ROWTIME behind them where it is given.</param>
/// <param name="HasRowTime">Whether it is given.</param>
public sealed record PlannedInsertSelect(SourceDefinition Target, PlannedSelect Rows, bool HasRowTime) : PlannedStatement
{
    /// <summary>ON CONFLICT; null where a row simply takes the place of the one with its key.</summary>
    public ConflictAction? Conflict { get; init; }

    /// <summary>RETURNING, over the target's columns.</summary>
    public ReturningList? Returning { get; init; }

    /// <summary>Whether it reads a stream and nothing but its text says that the copy is all: ksqlDB would go on.</summary>
    public bool ReadsStream { get; init; }
}

/// <summary>What is done with a row whose key the table has.</summary>
/// <param name="Values">The new values of all columns, over the table's row and then the row that was
/// to be inserted; null is DO NOTHING.</param>
/// <param name="Condition">Which rows are updated; null is all. Over the same columns.</param>
public sealed record ConflictAction(IReadOnlyList<BoundExpression>? Values, BoundExpression? Condition);

/// <summary>RETURNING.</summary>
/// <param name="Expressions">What is given back of each row written, or, of a DELETE, of each row that was.</param>
/// <param name="Schema">Its columns.</param>
/// <param name="Columns">Their names as clients see them.</param>
public sealed record ReturningList(IReadOnlyList<BoundExpression> Expressions, PlanSchema Schema, IReadOnlyList<string> Columns);

/// <summary>COPY ... FROM STDIN: rows that will come.</summary>
/// <param name="Target">The stream or table.</param>
/// <param name="Places">For each value of a row, the index of the target's column that it goes to, or <see cref="RowTime"/>.</param>
public sealed record PlannedInsertRows(SourceDefinition Target, IReadOnlyList<int> Places) : PlannedStatement
{
    /// <summary>For each of the target's columns what stands where no value goes, and null for NULL.</summary>
    public required IReadOnlyList<BoundExpression?> Defaults { get; init; }

    /// <summary>The place of ROWTIME.</summary>
    public const int RowTime = -1;
}

/// <summary>UPDATE or DELETE by a client.</summary>
/// <param name="Target">The table.</param>
/// <param name="Rows">The rows that are meant: as they are, for UPDATE as they will be, and the columns
/// of the other tables that RETURNING can name.</param>
/// <param name="IsDelete">Whether they are deleted.</param>
public sealed record PlannedRowChange(SourceDefinition Target, PlannedSelect Rows, bool IsDelete) : PlannedStatement
{
    /// <summary>RETURNING, over the new row (of DELETE: the old one) and the columns of the other tables.</summary>
    public ReturningList? Returning { get; init; }
}

/// <summary>A CHECK of a table.</summary>
/// <param name="Name">Its name, as clients see it.</param>
/// <param name="Violation">Which rows violate it: over the target's columns.</param>
public sealed record BoundCheck(string Name, BoundExpression Violation);

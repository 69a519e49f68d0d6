using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Syntax;

/// <summary>A query with what stands before and after its body.</summary>
public sealed record Query(QueryBody Body, TextPosition Position) : SyntaxNode(Position)
{
    /// <summary>WITH.</summary>
    public WithClause With { get; init; } = WithClause.None;

    /// <summary>The tables of WITH.</summary>
    public IReadOnlyList<CommonTable> CommonTables => With.Tables;

    /// <summary>ORDER BY.</summary>
    public IReadOnlyList<SortItem> OrderBy { get; init; } = [];

    /// <summary>LIMIT or FETCH FIRST.</summary>
    public Expression? Limit { get; init; }

    /// <summary>FETCH ... WITH TIES.</summary>
    public bool IsWithTies { get; init; }

    /// <summary>OFFSET.</summary>
    public Expression? Offset { get; init; }

    /// <summary>EMIT CHANGES or EMIT FINAL.</summary>
    public EmitKind Emit { get; init; }

    /// <summary>Where EMIT stands, for errors.</summary>
    public TextPosition EmitPosition { get; init; }

    /// <summary>EMIT CHANGES WITH (...).</summary>
    public IReadOnlyList<PropertySyntax> EmitOptions { get; init; } = [];

    /// <summary>EMIT CHANGES AS OF ...; null where it is not written.</summary>
    public Expression? AsOf { get; init; }
}

/// <summary>WITH [RECURSIVE] name AS (...), in front of a query or of a statement that writes.</summary>
/// <param name="Tables">The common tables.</param>
/// <param name="IsRecursive">RECURSIVE.</param>
public sealed record WithClause(IReadOnlyList<CommonTable> Tables, bool IsRecursive)
{
    /// <summary>Nothing written.</summary>
    public static WithClause None { get; } = new([], false);
}

/// <summary>EMIT.</summary>
public enum EmitKind
{
    /// <summary>Not written.</summary>
    None,

    /// <summary>EMIT CHANGES.</summary>
    Changes,

    /// <summary>EMIT FINAL.</summary>
    Final,
}

/// <summary>name [(columns)] AS (query), or AS (INSERT, UPDATE or DELETE), whose rows are those of RETURNING.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">The names of its first columns, where they are written.</param>
/// <param name="Query">The query; null where a statement that writes stands in its place.</param>
/// <param name="Position">Where it begins.</param>
public sealed record CommonTable(Identifier Name, IReadOnlyList<Identifier> Columns, Query? Query, TextPosition Position)
    : SyntaxNode(Position)
{
    /// <summary>The statement that writes; null for a query.</summary>
    public Statement? Write { get; init; }

    /// <summary>AS MATERIALIZED or AS NOT MATERIALIZED; null where neither is written.</summary>
    public bool? IsMaterialized { get; init; }

    /// <summary>SEARCH; null where it is not written.</summary>
    public SearchClause? Search { get; init; }

    /// <summary>CYCLE; null where it is not written.</summary>
    public CycleClause? Cycle { get; init; }
}

/// <summary>SEARCH BREADTH | DEPTH FIRST BY columns SET order.</summary>
public sealed record SearchClause(bool IsBreadthFirst, IReadOnlyList<Identifier> Columns, Identifier Order, TextPosition Position)
    : SyntaxNode(Position);

/// <summary>CYCLE columns SET mark TO value DEFAULT otherwise USING path.</summary>
public sealed record CycleClause(
    IReadOnlyList<Identifier> Columns, Identifier Mark, Expression Value, Expression Otherwise, Identifier Path, TextPosition Position)
    : SyntaxNode(Position);

/// <summary>An ORDER BY item.</summary>
/// <param name="Expression">What to sort by.</param>
/// <param name="Descending">DESC.</param>
/// <param name="NullsFirst">NULLS FIRST or LAST, or null where not written.</param>
/// <param name="Position">Where it begins.</param>
public sealed record SortItem(Expression Expression, bool Descending, bool? NullsFirst, TextPosition Position) : SyntaxNode(Position);

/// <summary>The body of a query.</summary>
public abstract record QueryBody(TextPosition Position) : SyntaxNode(Position);

/// <summary>A query in parentheses, with clauses of its own.</summary>
public sealed record NestedQuery(Query Query) : QueryBody(Query.Position);

/// <summary>VALUES (...), (...). An item is null for DEFAULT.</summary>
public sealed record ValuesBody(IReadOnlyList<IReadOnlyList<Expression?>> Rows, TextPosition Position) : QueryBody(Position);

/// <summary>UNION, INTERSECT or EXCEPT.</summary>
public sealed record SetOperation(QueryBody Left, QueryBody Right, SetOperationKind Kind, bool All, TextPosition Position)
    : QueryBody(Position);

/// <summary>SELECT.</summary>
public sealed record SelectBody(IReadOnlyList<SelectItem> Items, TextPosition Position) : QueryBody(Position)
{
    /// <summary>DISTINCT, without ON.</summary>
    public bool IsDistinct { get; init; }

    /// <summary>DISTINCT ON (...).</summary>
    public IReadOnlyList<Expression> DistinctOn { get; init; } = [];

    /// <summary>FROM: comma-separated items, none for SELECT without FROM.</summary>
    public IReadOnlyList<FromItem> From { get; init; } = [];

    /// <summary>WINDOW TUMBLING | HOPPING | SESSION.</summary>
    public WindowSyntax? Window { get; init; }

    /// <summary>WHERE.</summary>
    public Expression? Where { get; init; }

    /// <summary>GROUP BY; empty when there is none.</summary>
    public IReadOnlyList<GroupingElement> GroupBy { get; init; } = [];

    /// <summary>GROUP BY DISTINCT: a grouping set that comes several times counts once.</summary>
    public bool IsGroupByDistinct { get; init; }

    /// <summary>PARTITION BY.</summary>
    public IReadOnlyList<Expression> PartitionBy { get; init; } = [];

    /// <summary>HAVING.</summary>
    public Expression? Having { get; init; }

    /// <summary>WINDOW name AS (...).</summary>
    public IReadOnlyList<NamedWindow> NamedWindows { get; init; } = [];
}

/// <summary>An item of a select list.</summary>
public abstract record SelectItem(TextPosition Position) : SyntaxNode(Position);

/// <summary>An expression with its alias, or null.</summary>
public sealed record ExpressionItem(Expression Expression, Identifier? Alias, TextPosition Position) : SelectItem(Position);

/// <summary><c>*</c> or <c>relation.*</c>.</summary>
public sealed record StarItem(QualifiedName? Qualifier, TextPosition Position) : SelectItem(Position);

/// <summary><c>s->*</c> or <c>(row).*</c>: every field.</summary>
public sealed record FieldsItem(Expression Operand, TextPosition Position) : SelectItem(Position);

/// <summary>An element of GROUP BY.</summary>
public abstract record GroupingElement(TextPosition Position) : SyntaxNode(Position);

/// <summary>An expression, or several in parentheses, or none: <c>()</c>.</summary>
public sealed record GroupingSet(IReadOnlyList<Expression> Expressions, TextPosition Position) : GroupingElement(Position);

/// <summary>GROUPING SETS (...).</summary>
public sealed record GroupingSets(IReadOnlyList<GroupingElement> Sets, TextPosition Position) : GroupingElement(Position);

/// <summary>ROLLUP (...) or CUBE (...).</summary>
public sealed record GroupingShorthand(bool IsCube, IReadOnlyList<GroupingSet> Sets, TextPosition Position) : GroupingElement(Position);

/// <summary>WINDOW TUMBLING, HOPPING or SESSION of a continuous aggregate.</summary>
public sealed record WindowSyntax(WindowSpec Spec, TextPosition Position) : SyntaxNode(Position);

/// <summary>WINDOW name AS (definition).</summary>
public sealed record NamedWindow(Identifier Name, WindowDefinition Definition, TextPosition Position) : SyntaxNode(Position);

/// <summary>The window of a window function.</summary>
/// <param name="Reference">The named window that it is or extends, or null.</param>
/// <param name="PartitionBy">PARTITION BY.</param>
/// <param name="OrderBy">ORDER BY.</param>
/// <param name="Frame">The frame, or null for the default.</param>
/// <param name="Position">Where it begins.</param>
public sealed record WindowDefinition(
    Identifier? Reference, IReadOnlyList<Expression> PartitionBy, IReadOnlyList<SortItem> OrderBy, WindowFrame? Frame,
    TextPosition Position)
    : SyntaxNode(Position)
{
    /// <summary>OVER name, without parentheses: the named window as it is, with its frame.</summary>
    public bool IsName { get; init; }
}

/// <summary>ROWS, RANGE or GROUPS BETWEEN two bounds; the end is null where only a start was written.</summary>
public sealed record WindowFrame(FrameUnit Unit, FrameBound Start, FrameBound? End, FrameExclusion Exclusion, TextPosition Position)
    : SyntaxNode(Position);

/// <summary>A bound of a frame: CURRENT ROW when neither flag is set; unbounded when the offset is null.</summary>
public sealed record FrameBound(bool IsPreceding, bool IsFollowing, Expression? Offset, TextPosition Position) : SyntaxNode(Position);

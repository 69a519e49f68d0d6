using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>An expression as it was written.</summary>
public abstract record Expression(TextPosition Position) : SyntaxNode(Position);

/// <summary>NULL.</summary>
public sealed record NullLiteral(TextPosition Position) : Expression(Position);

/// <summary>TRUE or FALSE.</summary>
public sealed record BooleanLiteral(bool Value, TextPosition Position) : Expression(Position);

/// <summary>A number; its text is kept because the scale of a decimal matters.</summary>
/// <param name="Text">Digits with a sign where one was folded in, a point, an exponent.</param>
/// <param name="Kind">What it looks like.</param>
/// <param name="Position">Where it begins.</param>
public sealed record NumberLiteral(string Text, NumberKind Kind, TextPosition Position) : Expression(Position);

/// <summary>What a number looks like.</summary>
public enum NumberKind
{
    /// <summary>Digits.</summary>
    Integer,

    /// <summary>Digits with a point.</summary>
    Decimal,

    /// <summary>With an exponent.</summary>
    Float,
}

/// <summary>A string, with quotes and escapes resolved.</summary>
public sealed record StringLiteral(string Value, TextPosition Position) : Expression(Position);

/// <summary>X'..': bytes, or bits of a PostgreSQL bit string.</summary>
public sealed record HexLiteral(string Digits, TextPosition Position) : Expression(Position);

/// <summary>A type before a string: <c>DATE '2001-02-14'</c>, <c>INTERVAL '1 day'</c>.</summary>
/// <param name="Type">The type.</param>
/// <param name="Value">The string; the fields of INTERVAL '1' DAY are appended to it.</param>
/// <param name="Position">Where it begins.</param>
public sealed record TypedLiteral(DataTypeSyntax Type, string Value, TextPosition Position) : Expression(Position);

/// <summary>$1, $2, ...: numbered from 0 here.</summary>
public sealed record ParameterExpression(int Index, TextPosition Position) : Expression(Position);

/// <summary>A name, perhaps qualified: a column, a relation's column, a field of a column, or a word such as CURRENT_DATE.</summary>
public sealed record ColumnReference(QualifiedName Name) : Expression(Name.Position);

/// <summary>A field of a STRUCT or composite value: <c>s->f</c>, <c>(f(x)).n</c>.</summary>
/// <param name="Operand">The value.</param>
/// <param name="Field">The field.</param>
/// <param name="IsArrow">Whether it was written with an arrow, which on JSON means something else.</param>
/// <param name="Position">Where it begins.</param>
public sealed record FieldAccess(Expression Operand, Identifier Field, bool IsArrow, TextPosition Position) : Expression(Position);

/// <summary><c>a[i]</c>: an element of an array or map.</summary>
public sealed record SubscriptExpression(Expression Operand, Expression Index, TextPosition Position) : Expression(Position);

/// <summary><c>a[i:j]</c>, ends null where left out.</summary>
public sealed record SliceExpression(Expression Operand, Expression? Lower, Expression? Upper, TextPosition Position)
    : Expression(Position);

/// <summary>A sign or another operator before its operand.</summary>
public sealed record UnaryExpression(string Operator, Expression Operand, TextPosition Position) : Expression(Position);

/// <summary>An operator between two operands, comparisons included (<c>!=</c> is <c>&lt;&gt;</c>).</summary>
/// <param name="Operator">The operator's symbol.</param>
/// <param name="Left">Left operand.</param>
/// <param name="Right">Right operand.</param>
/// <param name="Position">Where the operator stands.</param>
public sealed record BinaryExpression(string Operator, Expression Left, Expression Right, TextPosition Position) : Expression(Position);

/// <summary>AND or OR of two or more operands.</summary>
public sealed record LogicalExpression(bool IsAnd, IReadOnlyList<Expression> Operands, TextPosition Position) : Expression(Position);

/// <summary>NOT.</summary>
public sealed record NotExpression(Expression Operand, TextPosition Position) : Expression(Position);

/// <summary>IS [NOT] NULL.</summary>
public sealed record IsNullExpression(Expression Operand, bool Negated, TextPosition Position) : Expression(Position);

/// <summary>IS [NOT] TRUE, FALSE or UNKNOWN (value null).</summary>
public sealed record IsBooleanExpression(Expression Operand, bool? Value, bool Negated, TextPosition Position) : Expression(Position);

/// <summary>IS [NOT] DISTINCT FROM.</summary>
public sealed record IsDistinctExpression(Expression Left, Expression Right, bool Negated, TextPosition Position) : Expression(Position);

/// <summary>[NOT] BETWEEN [SYMMETRIC].</summary>
public sealed record BetweenExpression(Expression Operand, Expression Lower, Expression Upper, bool Negated, bool Symmetric,
    TextPosition Position)
    : Expression(Position);

/// <summary>[NOT] LIKE, ILIKE or SIMILAR TO.</summary>
public sealed record LikeExpression(Expression Operand, Expression Pattern, LikeKind Kind, string? Escape, bool Negated,
    TextPosition Position)
    : Expression(Position);

/// <summary>The kinds of pattern.</summary>
public enum LikeKind
{
    /// <summary>LIKE.</summary>
    Like,

    /// <summary>ILIKE: without regard to case.</summary>
    ILike,

    /// <summary>SIMILAR TO: SQL's regular expressions.</summary>
    SimilarTo,
}

/// <summary>[NOT] IN (a, b, ...).</summary>
public sealed record InListExpression(Expression Operand, IReadOnlyList<Expression> Items, bool Negated, TextPosition Position)
    : Expression(Position);

/// <summary>[NOT] IN (SELECT ...).</summary>
public sealed record InQueryExpression(Expression Operand, Query Query, bool Negated, TextPosition Position) : Expression(Position);

/// <summary>An operator with ANY, SOME or ALL over an array.</summary>
public sealed record QuantifiedExpression(Expression Operand, string Operator, bool IsAll, Expression Array, TextPosition Position)
    : Expression(Position);

/// <summary>An operator with ANY, SOME or ALL over a sub-query.</summary>
public sealed record QuantifiedQueryExpression(Expression Operand, string Operator, bool IsAll, Query Query, TextPosition Position)
    : Expression(Position);

/// <summary>EXISTS (SELECT ...).</summary>
public sealed record ExistsExpression(Query Query, TextPosition Position) : Expression(Position);

/// <summary>(SELECT ...) as a value.</summary>
public sealed record ScalarQueryExpression(Query Query, TextPosition Position) : Expression(Position);

/// <summary>ARRAY(SELECT ...).</summary>
public sealed record ArrayQueryExpression(Query Query, TextPosition Position) : Expression(Position);

/// <summary>CASE, with an operand or searched.</summary>
public sealed record CaseExpression(Expression? Operand, IReadOnlyList<WhenClause> Branches, Expression? Else, TextPosition Position)
    : Expression(Position);

/// <summary>WHEN ... THEN ...</summary>
public sealed record WhenClause(Expression Condition, Expression Result, TextPosition Position) : SyntaxNode(Position);

/// <summary>CAST(x AS type) or x::type.</summary>
public sealed record CastExpression(Expression Operand, DataTypeSyntax Type, TextPosition Position) : Expression(Position);

/// <summary>x COLLATE name.</summary>
public sealed record CollateExpression(Expression Operand, QualifiedName Collation, TextPosition Position) : Expression(Position);

/// <summary>x AT TIME ZONE zone.</summary>
public sealed record AtTimeZoneExpression(Expression Operand, Expression Zone, TextPosition Position) : Expression(Position);

/// <summary>ARRAY[...].</summary>
public sealed record ArrayExpression(IReadOnlyList<Expression> Elements, TextPosition Position) : Expression(Position);

/// <summary>MAP(k := v, ...).</summary>
public sealed record MapExpression(IReadOnlyList<MapEntry> Entries, TextPosition Position) : Expression(Position);

/// <summary>k := v.</summary>
public sealed record MapEntry(Expression Key, Expression Value, TextPosition Position) : SyntaxNode(Position);

/// <summary>STRUCT(f := v, ...).</summary>
public sealed record StructExpression(IReadOnlyList<StructFieldSyntax> Fields, TextPosition Position) : Expression(Position);

/// <summary>f := v.</summary>
public sealed record StructFieldSyntax(Identifier Name, Expression Value, TextPosition Position) : SyntaxNode(Position);

/// <summary><c>relation.*</c> as an argument: its row as one value. In ROW(...) it stands for all columns.</summary>
public sealed record WholeRowReference(QualifiedName Relation, TextPosition Position) : Expression(Position);

/// <summary>ROW(...) or (a, b, ...).</summary>
public sealed record RowExpression(IReadOnlyList<Expression> Elements, TextPosition Position) : Expression(Position);

/// <summary>x => body; only as a function's argument.</summary>
public sealed record LambdaExpression(IReadOnlyList<Identifier> Parameters, Expression Body, TextPosition Position) : Expression(Position);

/// <summary>A call of a function: scalar, aggregate, window or table function.</summary>
public sealed record FunctionCall(QualifiedName Name, IReadOnlyList<Expression> Arguments, TextPosition Position) : Expression(Position)
{
    /// <summary>f(*).</summary>
    public bool IsStar { get; init; }

    /// <summary>f(DISTINCT ...).</summary>
    public bool IsDistinct { get; init; }

    /// <summary>f(..., VARIADIC array): the elements of the last argument are arguments.</summary>
    public bool IsVariadic { get; init; }

    /// <summary>f(... ORDER BY ...), or WITHIN GROUP (ORDER BY ...).</summary>
    public IReadOnlyList<SortItem> OrderBy { get; init; } = [];

    /// <summary>Whether <see cref="OrderBy"/> came from WITHIN GROUP.</summary>
    public bool IsWithinGroup { get; init; }

    /// <summary>FILTER (WHERE ...).</summary>
    public Expression? Filter { get; init; }

    /// <summary>OVER (...): the call is a window function.</summary>
    public WindowDefinition? Over { get; init; }
}

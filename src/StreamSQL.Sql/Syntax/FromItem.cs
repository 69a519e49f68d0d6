using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Syntax;

/// <summary>Something in FROM.</summary>
public abstract record FromItem(TextPosition Position) : SyntaxNode(Position);

/// <summary>A relation's name.</summary>
public sealed record TableReference(QualifiedName Name, TableAlias? Alias, TextPosition Position) : FromItem(Position)
{
    /// <summary>TABLESAMPLE.</summary>
    public TableSample? Sample { get; init; }
}

/// <summary>TABLESAMPLE method (arguments) [REPEATABLE (seed)].</summary>
public sealed record TableSample(QualifiedName Method, IReadOnlyList<Expression> Arguments, Expression? Seed, TextPosition Position)
    : SyntaxNode(Position);

/// <summary>[LATERAL] (query).</summary>
public sealed record QueryReference(Query Query, bool IsLateral, TableAlias? Alias, TextPosition Position) : FromItem(Position);

/// <summary>[LATERAL] f(...) [WITH ORDINALITY], or ROWS FROM (f(...), ...).</summary>
/// <param name="Call">The call.</param>
/// <param name="IsLateral">LATERAL.</param>
/// <param name="WithOrdinality">WITH ORDINALITY.</param>
/// <param name="Alias">The alias.</param>
/// <param name="Columns">AS (name type, ...).</param>
/// <param name="Position">Where it begins.</param>
public sealed record FunctionReference(
    FunctionCall Call, bool IsLateral, bool WithOrdinality, TableAlias? Alias, IReadOnlyList<ColumnDefinition> Columns,
    TextPosition Position)
    : FromItem(Position)
{
    /// <summary>ROWS FROM: the calls after the first, whose rows stand beside its rows.</summary>
    public IReadOnlyList<FunctionCall> More { get; init; } = [];
}

/// <summary>A join in parentheses with an alias of its own.</summary>
public sealed record AliasedJoin(FromItem Join, TableAlias Alias, TextPosition Position) : FromItem(Position);

/// <summary>A join.</summary>
public sealed record JoinReference(FromItem Left, FromItem Right, JoinKind Kind, TextPosition Position) : FromItem(Position)
{
    /// <summary>ON.</summary>
    public Expression? On { get; init; }

    /// <summary>USING (...).</summary>
    public IReadOnlyList<Identifier> Using { get; init; } = [];

    /// <summary>USING (...) AS alias.</summary>
    public Identifier? UsingAlias { get; init; }

    /// <summary>NATURAL.</summary>
    public bool IsNatural { get; init; }

    /// <summary>CROSS.</summary>
    public bool IsCross { get; init; }

    /// <summary>WITHIN.</summary>
    public JoinWindow? Within { get; init; }
}

/// <summary>[AS] name [(columns)].</summary>
public sealed record TableAlias(Identifier Name, IReadOnlyList<Identifier> Columns, TextPosition Position) : SyntaxNode(Position);

/// <summary>name type.</summary>
public sealed record ColumnDefinition(Identifier Name, DataTypeSyntax Type, TextPosition Position) : SyntaxNode(Position);

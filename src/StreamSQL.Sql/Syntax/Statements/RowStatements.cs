using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>INSERT INTO: of VALUES or of a query.</summary>
/// <param name="Target">The stream or table.</param>
/// <param name="Columns">The columns that are given; empty means all in order.</param>
/// <param name="Query">VALUES or SELECT; null for DEFAULT VALUES.</param>
/// <param name="Properties">WITH (QUERY_ID = ...).</param>
/// <param name="Position">Where it begins.</param>
public sealed record InsertStatement(
    QualifiedName Target, IReadOnlyList<Identifier> Columns, Query? Query, IReadOnlyList<PropertySyntax> Properties, TextPosition Position)
    : Statement(Position)
{
    /// <summary>ON CONFLICT.</summary>
    public OnConflict? OnConflict { get; init; }

    /// <summary>RETURNING.</summary>
    public IReadOnlyList<SelectItem> Returning { get; init; } = [];
}

/// <summary>ON CONFLICT (columns) DO NOTHING | UPDATE SET ...; no assignments is DO NOTHING.</summary>
public sealed record OnConflict(IReadOnlyList<Identifier> Columns, IReadOnlyList<Assignment> Assignments, Expression? Where,
    TextPosition Position)
    : SyntaxNode(Position)
{
    /// <summary>ON CONSTRAINT name, in place of columns.</summary>
    public Identifier? Constraint { get; init; }
}

/// <summary>column = value; the value is null for DEFAULT.</summary>
public sealed record Assignment(Identifier Column, Expression? Value, TextPosition Position) : SyntaxNode(Position);

/// <summary>A column of the one row of a query: (column, ...) = (SELECT ...). The assignments of one query have the same object.</summary>
/// <param name="Query">The query.</param>
/// <param name="Index">The column, from zero.</param>
/// <param name="Count">How many columns are assigned.</param>
/// <param name="Position">Where it begins.</param>
public sealed record QueryColumnExpression(ScalarQueryExpression Query, int Index, int Count, TextPosition Position) : Expression(Position);

/// <summary>UPDATE.</summary>
public sealed record UpdateStatement(
    QualifiedName Target, Identifier? Alias, IReadOnlyList<Assignment> Assignments, IReadOnlyList<FromItem> From, Expression? Where,
    IReadOnlyList<SelectItem> Returning, TextPosition Position) : Statement(Position)
{
    /// <summary>WITH.</summary>
    public WithClause With { get; init; } = WithClause.None;
}

/// <summary>DELETE FROM.</summary>
public sealed record DeleteStatement(
    QualifiedName Target, Identifier? Alias, IReadOnlyList<FromItem> Using, Expression? Where, IReadOnlyList<SelectItem> Returning,
    TextPosition Position)
    : Statement(Position)
{
    /// <summary>WITH.</summary>
    public WithClause With { get; init; } = WithClause.None;
}

/// <summary>COPY of a query or a table to the client, or of the client's rows into a table.</summary>
/// <param name="Query">The query, or null for a table.</param>
/// <param name="Table">The table, or null for a query.</param>
/// <param name="Columns">The table's columns that are meant; empty means all.</param>
/// <param name="IsFrom">FROM: rows come in.</param>
/// <param name="File">A file on the server, or null for STDIN and STDOUT.</param>
/// <param name="Options">FORMAT, DELIMITER, NULL, HEADER, QUOTE, ESCAPE, ..., the old spelling brought to the new one.</param>
/// <param name="Position">Where it begins.</param>
public sealed record CopyStatement(
    Query? Query, QualifiedName? Table, IReadOnlyList<Identifier> Columns, bool IsFrom, string? File, IReadOnlyList<PropertySyntax> Options,
    TextPosition Position)
    : Statement(Position);

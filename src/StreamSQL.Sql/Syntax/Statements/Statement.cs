using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>A statement as it was written.</summary>
public abstract record Statement(TextPosition Position) : SyntaxNode(Position)
{
    /// <summary>Its own text, without the semicolon and what stands around it.</summary>
    public string Text { get; init; } = "";
}

/// <summary>A query.</summary>
public sealed record QueryStatement(Query Query) : Statement(Query.Position);

/// <summary>EXPLAIN of a statement.</summary>
/// <param name="Target">The statement, or null for a running query.</param>
/// <param name="QueryId">A running query's id.</param>
/// <param name="Options">ANALYZE, VERBOSE, ...</param>
/// <param name="Position">Where it begins.</param>
public sealed record ExplainStatement(Statement? Target, Identifier? QueryId, IReadOnlyList<PropertySyntax> Options, TextPosition Position)
    : Statement(Position);

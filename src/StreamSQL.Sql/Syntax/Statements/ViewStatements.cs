using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>CREATE [OR REPLACE] VIEW name [(columns)] AS query.</summary>
/// <param name="Name">The view's name.</param>
/// <param name="Columns">The names of its first columns; the others keep those of the query.</param>
/// <param name="Query">The query.</param>
/// <param name="QueryText">The query as it was written.</param>
/// <param name="OrReplace">OR REPLACE.</param>
/// <param name="Position">Where it begins.</param>
public sealed record CreateViewStatement(
    QualifiedName Name, IReadOnlyList<Identifier> Columns, Query Query, string QueryText, bool OrReplace, TextPosition Position)
    : Statement(Position);

/// <summary>DROP VIEW, of one or several.</summary>
public sealed record DropViewStatement(IReadOnlyList<QualifiedName> Names, bool IfExists, bool IsCascade, TextPosition Position)
    : Statement(Position);

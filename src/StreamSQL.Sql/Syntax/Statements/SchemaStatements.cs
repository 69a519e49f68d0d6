using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>REFRESH MATERIALIZED VIEW.</summary>
public sealed record RefreshViewStatement(QualifiedName Name, TextPosition Position) : Statement(Position);

/// <summary>COMMENT ON; no text takes the comment back.</summary>
public sealed record CommentStatement(CommentedKind Kind, QualifiedName Name, string? Comment, TextPosition Position) : Statement(Position);

/// <summary>What a comment is on.</summary>
public enum CommentedKind
{
    /// <summary>A stream or table.</summary>
    Table,

    /// <summary>A stream.</summary>
    Stream,

    /// <summary>A view.</summary>
    View,

    /// <summary>A table that a query keeps.</summary>
    MaterializedView,

    /// <summary>A column: its name stands last.</summary>
    Column,

    /// <summary>The database.</summary>
    Database,

    /// <summary>A schema.</summary>
    Schema,
}

/// <summary>CREATE INDEX.</summary>
/// <param name="Index">Its name, or null.</param>
/// <param name="Table">The table.</param>
/// <param name="Items">What is indexed.</param>
/// <param name="IsUnique">UNIQUE.</param>
/// <param name="Position">Where it begins.</param>
public sealed record CreateIndexStatement(
    Identifier? Index, QualifiedName Table, IReadOnlyList<Expression> Items, bool IsUnique, TextPosition Position) : Statement(Position)
{
    /// <summary>IF NOT EXISTS.</summary>
    public bool IfNotExists { get; init; }
}

/// <summary>DROP INDEX.</summary>
public sealed record DropIndexStatement(IReadOnlyList<QualifiedName> Names, bool IfExists, TextPosition Position) : Statement(Position);

/// <summary>GRANT privileges ON objects TO roles.</summary>
/// <param name="Tables">The tables that are named; none where it is of other objects.</param>
/// <param name="Roles">To whom.</param>
/// <param name="Position">Where it begins.</param>
public sealed record GrantStatement(IReadOnlyList<QualifiedName> Tables, IReadOnlyList<Identifier> Roles, TextPosition Position)
    : Statement(Position);

using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Syntax;

/// <summary>CREATE STREAM or CREATE TABLE, over a topic or AS SELECT.</summary>
/// <param name="Kind">Stream or table.</param>
/// <param name="Name">The name.</param>
/// <param name="Elements">The columns that were written.</param>
/// <param name="Properties">WITH (...).</param>
/// <param name="Query">AS SELECT ..., or null.</param>
/// <param name="Position">Where it begins.</param>
public sealed record CreateSourceStatement(
    RelationKind Kind, QualifiedName Name, IReadOnlyList<ColumnElement> Elements, IReadOnlyList<PropertySyntax> Properties, Query? Query,
    TextPosition Position)
    : Statement(Position)
{
    /// <summary>OR REPLACE.</summary>
    public bool OrReplace { get; init; }

    /// <summary>IF NOT EXISTS.</summary>
    public bool IfNotExists { get; init; }

    /// <summary>SOURCE: read-only.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>CREATE MATERIALIZED VIEW: its kind is that of its query's result; null for CREATE STREAM and CREATE TABLE.</summary>
    public MaterializedViewNames? MaterializedView { get; init; }

    /// <summary>PRIMARY KEY (a, b) as an element of its own.</summary>
    public IReadOnlyList<Identifier> PrimaryKey { get; init; } = [];
}

/// <summary>The names of a materialized view's columns, as far as they are given.</summary>
public sealed record MaterializedViewNames(IReadOnlyList<Identifier> Columns);

/// <summary>A column with its constraint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Constraint">What is said about it.</param>
/// <param name="HeaderKey">The key of HEADER('key').</param>
/// <param name="Position">Where it begins.</param>
public sealed record ColumnElement(Identifier Name, DataTypeSyntax Type, ColumnConstraint Constraint, string? HeaderKey,
    TextPosition Position)
    : SyntaxNode(Position)
{
    /// <summary>NOT NULL.</summary>
    public bool IsNotNull { get; init; }

    /// <summary>DEFAULT.</summary>
    public ColumnDefault? Default { get; init; }

    /// <summary>GENERATED ... AS IDENTITY.</summary>
    public IdentityClause? Identity { get; init; }
}

/// <summary>DEFAULT expression.</summary>
/// <param name="Value">The expression.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Position">Where it begins.</param>
public sealed record ColumnDefault(Expression Value, string Text, TextPosition Position) : SyntaxNode(Position);

/// <summary>What is said about a column.</summary>
public enum ColumnConstraint
{
    /// <summary>Nothing: a value column.</summary>
    None,

    /// <summary>KEY.</summary>
    Key,

    /// <summary>PRIMARY KEY.</summary>
    PrimaryKey,

    /// <summary>HEADERS: all record headers.</summary>
    Headers,

    /// <summary>HEADER('key'): one record header.</summary>
    Header,
}

/// <summary>DROP STREAM or DROP TABLE, of one or several.</summary>
public sealed record DropSourceStatement(RelationKind Kind, IReadOnlyList<QualifiedName> Names, bool IfExists, bool DeleteTopic,
    TextPosition Position)
    : Statement(Position)
{
    /// <summary>CASCADE: the views that read it are dropped, too.</summary>
    public bool IsCascade { get; init; }

    /// <summary>DROP MATERIALIZED VIEW.</summary>
    public bool IsMaterializedView { get; init; }
}

/// <summary>TRUNCATE of a table: all its rows are deleted.</summary>
public sealed record TruncateStatement(QualifiedName Name, TextPosition Position) : Statement(Position);

/// <summary>ALTER STREAM or ALTER TABLE.</summary>
public sealed record AlterSourceStatement(RelationKind Kind, QualifiedName Name, IReadOnlyList<Alteration> Alterations,
    TextPosition Position)
    : Statement(Position)
{
    /// <summary>IF EXISTS.</summary>
    public bool IfExists { get; init; }
}

/// <summary>One change of an ALTER STREAM or ALTER TABLE.</summary>
public abstract record Alteration(TextPosition Position) : SyntaxNode(Position);

/// <summary>ADD [COLUMN] [IF NOT EXISTS] name type.</summary>
public sealed record AddedColumn(ColumnDefinition Column, bool IfNotExists, TextPosition Position) : Alteration(Position);

/// <summary>ALTER [COLUMN] name SET DEFAULT expression, or, without one, DROP DEFAULT.</summary>
public sealed record DefaultChange(Identifier Column, ColumnDefault? Default, TextPosition Position) : Alteration(Position);

/// <summary>ALTER [COLUMN] name SET or DROP NOT NULL.</summary>
public sealed record NotNullChange(Identifier Column, bool IsNotNull, TextPosition Position) : Alteration(Position);

/// <summary>VACUUM, ANALYZE or CHECKPOINT: there is nothing to do, since storage keeps itself in order.</summary>
/// <param name="Verb">The statement's first word, in upper case.</param>
/// <param name="Relations">The relations, each with the columns that are named.</param>
/// <param name="Position">Where it begins.</param>
public sealed record MaintenanceStatement(string Verb, IReadOnlyList<(QualifiedName Name, IReadOnlyList<Identifier> Columns)> Relations,
    TextPosition Position)
    : Statement(Position);

/// <summary>CREATE TYPE name AS type.</summary>
public sealed record CreateTypeStatement(Identifier Name, DataTypeSyntax Type, bool IfNotExists, TextPosition Position)
    : Statement(Position);

/// <summary>DROP TYPE.</summary>
public sealed record DropTypeStatement(Identifier Name, bool IfExists, TextPosition Position) : Statement(Position);

/// <summary>CREATE SOURCE | SINK CONNECTOR.</summary>
public sealed record CreateConnectorStatement(bool IsSink, Identifier Name, bool IfNotExists, IReadOnlyList<PropertySyntax> Properties,
    TextPosition Position)
    : Statement(Position);

/// <summary>DROP CONNECTOR.</summary>
public sealed record DropConnectorStatement(Identifier Name, bool IfExists, TextPosition Position) : Statement(Position);

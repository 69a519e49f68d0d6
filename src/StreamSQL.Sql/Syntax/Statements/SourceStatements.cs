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

    /// <summary>UNIQUE, CHECK and REFERENCES, of columns and as elements of their own.</summary>
    public IReadOnlyList<TableConstraintSyntax> Constraints { get; init; } = [];
}

/// <summary>A constraint of a table other than its primary key.</summary>
/// <param name="Name">CONSTRAINT name; null where none is given.</param>
/// <param name="Position">Where it begins.</param>
public abstract record TableConstraintSyntax(Identifier? Name, TextPosition Position) : SyntaxNode(Position);

/// <summary>UNIQUE (a, b).</summary>
public sealed record UniqueSyntax(Identifier? Name, IReadOnlyList<Identifier> Columns, TextPosition Position)
    : TableConstraintSyntax(Name, Position);

/// <summary>CHECK (condition).</summary>
/// <param name="Name">CONSTRAINT name; null where none is given.</param>
/// <param name="Column">The column that it is written behind; null where it is an element of its own.</param>
/// <param name="Condition">The condition.</param>
/// <param name="Text">The condition as it was written.</param>
/// <param name="Position">Where it begins.</param>
public sealed record CheckSyntax(Identifier? Name, Identifier? Column, Expression Condition, string Text, TextPosition Position)
    : TableConstraintSyntax(Name, Position);

/// <summary>FOREIGN KEY (a) REFERENCES other (b).</summary>
/// <param name="Name">CONSTRAINT name; null where none is given.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Table">The other table.</param>
/// <param name="Referenced">Its columns; none for its primary key.</param>
/// <param name="OnUpdate">What is to be done when the key there changes, as pg_constraint says it: a, r, c, n or d.</param>
/// <param name="OnDelete">What is to be done when the row there is deleted.</param>
/// <param name="Position">Where it begins.</param>
public sealed record ForeignKeySyntax(
    Identifier? Name, IReadOnlyList<Identifier> Columns, QualifiedName Table, IReadOnlyList<Identifier> Referenced, char OnUpdate,
    char OnDelete, TextPosition Position)
    : TableConstraintSyntax(Name, Position);

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

/// <summary>TRUNCATE of tables: all their rows are deleted.</summary>
public sealed record TruncateStatement(IReadOnlyList<QualifiedName> Names, TextPosition Position) : Statement(Position);

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

/// <summary>ADD [COLUMN] [IF NOT EXISTS] name type, with what is said about it.</summary>
public sealed record AddedColumn(ColumnElement Column, bool IfNotExists, TextPosition Position) : Alteration(Position)
{
    /// <summary>UNIQUE, CHECK and REFERENCES.</summary>
    public IReadOnlyList<TableConstraintSyntax> Constraints { get; init; } = [];
}

/// <summary>ALTER [COLUMN] name SET DEFAULT expression, or, without one, DROP DEFAULT.</summary>
public sealed record DefaultChange(Identifier Column, ColumnDefault? Default, TextPosition Position) : Alteration(Position);

/// <summary>ALTER [COLUMN] name SET or DROP NOT NULL.</summary>
public sealed record NotNullChange(Identifier Column, bool IsNotNull, TextPosition Position) : Alteration(Position);

/// <summary>ALTER [COLUMN] name TYPE type.</summary>
/// <param name="Column">The column.</param>
/// <param name="Type">Its new type.</param>
/// <param name="IsComputed">USING: its values would be computed.</param>
/// <param name="Position">Where it begins.</param>
public sealed record TypeChange(Identifier Column, DataTypeSyntax Type, bool IsComputed, TextPosition Position) : Alteration(Position);

/// <summary>DROP [COLUMN] name.</summary>
public sealed record DroppedColumn(Identifier Column, bool IfExists, TextPosition Position) : Alteration(Position);

/// <summary>RENAME [COLUMN] name TO name.</summary>
public sealed record RenamedColumn(Identifier Column, Identifier To, TextPosition Position) : Alteration(Position);

/// <summary>RENAME TO name.</summary>
public sealed record RenamedSource(Identifier To, TextPosition Position) : Alteration(Position);

/// <summary>ADD PRIMARY KEY (a, b).</summary>
public sealed record AddedPrimaryKey(IReadOnlyList<Identifier> Columns, TextPosition Position) : Alteration(Position);

/// <summary>ADD [CONSTRAINT name] UNIQUE, CHECK or FOREIGN KEY.</summary>
public sealed record AddedConstraint(TableConstraintSyntax Constraint, TextPosition Position) : Alteration(Position);

/// <summary>DROP CONSTRAINT name.</summary>
public sealed record DroppedConstraint(Identifier Name, bool IfExists, TextPosition Position) : Alteration(Position);

/// <summary>RENAME CONSTRAINT name TO name.</summary>
public sealed record RenamedConstraint(Identifier Name, Identifier To, TextPosition Position) : Alteration(Position);

/// <summary>What says how PostgreSQL stores a table, or whose it is (OWNER TO, SET (...), ...): nothing changes here.</summary>
public sealed record LayoutChange(TextPosition Position) : Alteration(Position);

/// <summary>LOCK TABLE.</summary>
/// <param name="Tables">The tables.</param>
/// <param name="Mode">The mode, in upper case; null where none is given.</param>
/// <param name="Position">Where it begins.</param>
public sealed record LockTableStatement(IReadOnlyList<QualifiedName> Tables, string? Mode, TextPosition Position) : Statement(Position);

/// <summary>VACUUM, ANALYZE or CHECKPOINT: there is nothing to do, since storage keeps itself in order.</summary>
/// <param name="Verb">The statement's first word, in upper case.</param>
/// <param name="Relations">The relations, each with the columns that are named.</param>
/// <param name="Position">Where it begins.</param>
public sealed record MaintenanceStatement(string Verb, IReadOnlyList<(QualifiedName Name, IReadOnlyList<Identifier> Columns)> Relations,
    TextPosition Position)
    : Statement(Position);

/// <summary>CREATE TYPE name AS type.</summary>
public sealed record CreateTypeStatement(Identifier Name, DataTypeSyntax Type, bool IfNotExists, TextPosition Position)
    : Statement(Position)
{
    /// <summary>The values of an enumeration (AS ENUM); null for all others.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}

/// <summary>DROP TYPE.</summary>
public sealed record DropTypeStatement(Identifier Name, bool IfExists, TextPosition Position) : Statement(Position);

/// <summary>CREATE SOURCE | SINK CONNECTOR.</summary>
public sealed record CreateConnectorStatement(bool IsSink, Identifier Name, bool IfNotExists, IReadOnlyList<PropertySyntax> Properties,
    TextPosition Position)
    : Statement(Position);

/// <summary>DROP CONNECTOR.</summary>
public sealed record DropConnectorStatement(Identifier Name, bool IfExists, TextPosition Position) : Statement(Position);

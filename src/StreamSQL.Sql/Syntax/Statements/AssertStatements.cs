using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Syntax;

/// <summary>ASSERT VALUES: the next record of a stream or table has these values.</summary>
public sealed record AssertValuesStatement(QualifiedName Name, IReadOnlyList<Identifier> Columns, IReadOnlyList<Expression> Values,
    TextPosition Position)
    : Statement(Position);

/// <summary>ASSERT NULL VALUES ... KEY: the next record is a tombstone with this key.</summary>
public sealed record AssertTombstoneStatement(QualifiedName Name, IReadOnlyList<Identifier> Columns, IReadOnlyList<Expression> Key,
    TextPosition Position)
    : Statement(Position);

/// <summary>ASSERT STREAM | TABLE: it exists and is defined like this.</summary>
public sealed record AssertSourceStatement(
    RelationKind Kind, QualifiedName Name, IReadOnlyList<ColumnElement> Elements, IReadOnlyList<PropertySyntax> Properties,
    TextPosition Position)
    : Statement(Position);

/// <summary>ASSERT [NOT EXISTS] TOPIC.</summary>
public sealed record AssertTopicStatement(
    string Topic, bool MustExist, IReadOnlyList<PropertySyntax> Properties, DurationSyntax? Timeout, TextPosition Position)
    : Statement(Position);

/// <summary>ASSERT [NOT EXISTS] SCHEMA [SUBJECT s] [ID n].</summary>
public sealed record AssertSchemaStatement(string? Subject, int? Id, bool MustExist, DurationSyntax? Timeout, TextPosition Position)
    : Statement(Position);

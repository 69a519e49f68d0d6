using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>A type as it was written.</summary>
public abstract record DataTypeSyntax(TextPosition Position) : SyntaxNode(Position);

/// <summary>A type with a name; types of several words have one: DOUBLE, VARCHAR, TIMESTAMPTZ, TIMETZ.</summary>
/// <param name="Name">The name; schema-qualified in PostgreSQL's catalogs.</param>
/// <param name="Arguments">Precision and scale, or a length.</param>
/// <param name="Position">Where it begins.</param>
public sealed record NamedTypeSyntax(QualifiedName Name, IReadOnlyList<int> Arguments, TextPosition Position) : DataTypeSyntax(Position);

/// <summary>ARRAY&lt;T&gt; or T[].</summary>
public sealed record ArrayTypeSyntax(DataTypeSyntax Element, TextPosition Position) : DataTypeSyntax(Position);

/// <summary>MAP&lt;K, V&gt;.</summary>
public sealed record MapTypeSyntax(DataTypeSyntax Key, DataTypeSyntax Value, TextPosition Position) : DataTypeSyntax(Position);

/// <summary>STRUCT&lt;name type, ...&gt;.</summary>
public sealed record StructTypeSyntax(IReadOnlyList<StructFieldTypeSyntax> Fields, TextPosition Position) : DataTypeSyntax(Position);

/// <summary>A field of a STRUCT type.</summary>
public sealed record StructFieldTypeSyntax(Identifier Name, DataTypeSyntax Type, TextPosition Position) : SyntaxNode(Position);

using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>A part of a statement as it was written. Immutable.</summary>
/// <param name="Position">Where it begins in the script.</param>
public abstract record SyntaxNode(TextPosition Position);

/// <summary>A name as it was written.</summary>
/// <param name="Text">The characters, without quotes.</param>
/// <param name="IsQuoted">Whether it stood in double quotes or back-quotes: then it is exact.</param>
/// <param name="Position">Where it begins.</param>
public sealed record Identifier(string Text, bool IsQuoted, TextPosition Position) : SyntaxNode(Position)
{
    /// <summary>The name that it stands for: folded to upper case unless it was quoted.</summary>
    public string Name { get; } = IsQuoted ? Text : Text.ToUpperInvariant();

    /// <summary>The name as it has to be written in a statement.</summary>
    public override string ToString() => IsQuoted ? $"`{Text.Replace("`", "``", StringComparison.Ordinal)}`" : Text;
}

/// <summary>A name with what qualifies it: <c>pg_catalog.pg_class</c>.</summary>
/// <param name="Parts">One part or more, outermost first.</param>
/// <param name="Position">Where it begins.</param>
public sealed record QualifiedName(IReadOnlyList<Identifier> Parts, TextPosition Position) : SyntaxNode(Position)
{
    /// <summary>The innermost part.</summary>
    public Identifier Last => Parts[^1];

    /// <summary>Whether something stands before the last part.</summary>
    public bool IsQualified => Parts.Count > 1;

    /// <inheritdoc/>
    public override string ToString() => string.Join('.', Parts);
}

/// <summary>A number followed by a unit, in milliseconds.</summary>
public sealed record DurationSyntax(long Milliseconds, TextPosition Position) : SyntaxNode(Position);

/// <summary>An entry of a WITH clause.</summary>
/// <param name="Name">Its name, in upper case unless it was a quoted string.</param>
/// <param name="Value">A literal, or a column reference where a bare word was written.</param>
/// <param name="Position">Where it begins.</param>
public sealed record PropertySyntax(string Name, Expression Value, TextPosition Position) : SyntaxNode(Position);

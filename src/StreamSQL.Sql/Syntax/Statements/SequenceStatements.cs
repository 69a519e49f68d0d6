using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>CREATE SEQUENCE.</summary>
public sealed record CreateSequenceStatement(
    QualifiedName Name, DataTypeSyntax? Type, IReadOnlyList<SequenceOption> Options, bool IfNotExists, TextPosition Position)
    : Statement(Position);

/// <summary>ALTER SEQUENCE.</summary>
public sealed record AlterSequenceStatement(QualifiedName Name, IReadOnlyList<SequenceOption> Options, bool IfExists, TextPosition Position)
    : Statement(Position);

/// <summary>DROP SEQUENCE.</summary>
public sealed record DropSequenceStatement(IReadOnlyList<QualifiedName> Names, bool IfExists, TextPosition Position) : Statement(Position);

/// <summary>An option of a sequence.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Value">Its number; null where it is NO ..., CYCLE, or RESTART without one.</param>
/// <param name="Position">Where it begins.</param>
public sealed record SequenceOption(SequenceOptionKind Kind, long? Value, TextPosition Position) : SyntaxNode(Position);

/// <summary>The options of sequences.</summary>
public enum SequenceOptionKind
{
    /// <summary>INCREMENT [BY].</summary>
    Increment,

    /// <summary>MINVALUE, NO MINVALUE.</summary>
    Minimum,

    /// <summary>MAXVALUE, NO MAXVALUE.</summary>
    Maximum,

    /// <summary>START [WITH].</summary>
    Start,

    /// <summary>RESTART [WITH].</summary>
    Restart,

    /// <summary>CYCLE.</summary>
    Cycle,

    /// <summary>NO CYCLE.</summary>
    NoCycle,

    /// <summary>CACHE, OWNED BY: taken, and nothing follows from it.</summary>
    Taken,
}

/// <summary>GENERATED ... AS IDENTITY.</summary>
/// <param name="IsAlways">ALWAYS: no INSERT may give a value.</param>
/// <param name="Options">The options of its sequence.</param>
/// <param name="Position">Where it begins.</param>
public sealed record IdentityClause(bool IsAlways, IReadOnlyList<SequenceOption> Options, TextPosition Position) : SyntaxNode(Position);

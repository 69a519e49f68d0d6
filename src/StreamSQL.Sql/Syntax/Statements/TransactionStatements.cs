using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>BEGIN or START TRANSACTION.</summary>
public sealed record BeginStatement(TransactionModes Modes, TextPosition Position) : Statement(Position)
{
    /// <summary>Whether it was START TRANSACTION, which its command tag repeats.</summary>
    public bool IsStart { get; init; }
}

/// <summary>COMMIT or END.</summary>
public sealed record CommitStatement(bool AndChain, TextPosition Position) : Statement(Position);

/// <summary>ROLLBACK or ABORT.</summary>
public sealed record RollbackStatement(bool AndChain, TextPosition Position) : Statement(Position);

/// <summary>SAVEPOINT name.</summary>
public sealed record SavepointStatement(Identifier Name, TextPosition Position) : Statement(Position);

/// <summary>RELEASE [SAVEPOINT] name.</summary>
public sealed record ReleaseStatement(Identifier Name, TextPosition Position) : Statement(Position);

/// <summary>ROLLBACK TO [SAVEPOINT] name.</summary>
public sealed record RollbackToStatement(Identifier Name, TextPosition Position) : Statement(Position);

/// <summary>Transaction modes; null where not said.</summary>
/// <param name="Isolation">The isolation level as PostgreSQL shows it: <c>read committed</c>, <c>serializable</c>, ...</param>
/// <param name="IsReadOnly">READ ONLY or READ WRITE.</param>
/// <param name="IsDeferrable">[NOT] DEFERRABLE.</param>
public sealed record TransactionModes(string? Isolation, bool? IsReadOnly, bool? IsDeferrable);

/// <summary>DECLARE name CURSOR FOR query.</summary>
public sealed record DeclareCursorStatement(Identifier Name, Query Query, TextPosition Position) : Statement(Position)
{
    /// <summary>BINARY: values in binary format.</summary>
    public bool IsBinary { get; init; }

    /// <summary>SCROLL.</summary>
    public bool IsScrollable { get; init; }

    /// <summary>WITH HOLD: outlives the transaction.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>FETCH or MOVE.</summary>
/// <param name="Cursor">The cursor.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Count">How many rows, or which one; null is ALL.</param>
/// <param name="IsMove">MOVE: no rows are returned.</param>
/// <param name="Properties">WITH (TIMEOUT = ...).</param>
/// <param name="Position">Where it begins.</param>
public sealed record FetchStatement(
    Identifier Cursor, FetchDirection Direction, long? Count, bool IsMove, IReadOnlyList<PropertySyntax> Properties, TextPosition Position)
    : Statement(Position);

/// <summary>Which way a cursor moves.</summary>
public enum FetchDirection
{
    /// <summary>NEXT, FORWARD, a count.</summary>
    Forward,

    /// <summary>PRIOR, BACKWARD.</summary>
    Backward,

    /// <summary>To a row from the start (FIRST is 1) or, negative, from the end (LAST is -1).</summary>
    Absolute,

    /// <summary>To a row from here.</summary>
    Relative,
}

/// <summary>CLOSE name; null is all.</summary>
public sealed record CloseStatement(Identifier? Name, TextPosition Position) : Statement(Position);

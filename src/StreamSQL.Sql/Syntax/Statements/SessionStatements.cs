using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Syntax;

/// <summary>SET 'property' = 'value'.</summary>
public sealed record SetPropertyStatement(string Property, string Value, TextPosition Position) : Statement(Position);

/// <summary>UNSET 'property'.</summary>
public sealed record UnsetPropertyStatement(string Property, TextPosition Position) : Statement(Position);

/// <summary>
/// SET [SESSION | LOCAL] setting = values, SET TIME ZONE, SET NAMES, SET SESSION AUTHORIZATION, SET ROLE.
/// </summary>
/// <param name="Setting">Lower-case name, dots included; TIME ZONE is <c>timezone</c>, NAMES <c>client_encoding</c>.</param>
/// <param name="Values">The values as text; null is DEFAULT.</param>
/// <param name="IsLocal">LOCAL: until the transaction ends.</param>
/// <param name="Position">Where it begins.</param>
public sealed record SetVariableStatement(string Setting, IReadOnlyList<string>? Values, bool IsLocal, TextPosition Position)
    : Statement(Position);

/// <summary>SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION.</summary>
public sealed record SetTransactionStatement(TransactionModes Modes, bool IsSession, TextPosition Position) : Statement(Position);

/// <summary>SHOW setting; <c>all</c> is every setting. Names as in <see cref="SetVariableStatement"/>.</summary>
public sealed record ShowVariableStatement(string Setting, TextPosition Position) : Statement(Position);

/// <summary>RESET setting; <c>all</c> is every setting.</summary>
public sealed record ResetVariableStatement(string Setting, TextPosition Position) : Statement(Position);

/// <summary>DISCARD.</summary>
public sealed record DiscardStatement(DiscardTarget Target, TextPosition Position) : Statement(Position);

/// <summary>What DISCARD forgets.</summary>
public enum DiscardTarget
{
    /// <summary>ALL.</summary>
    All,

    /// <summary>PLANS.</summary>
    Plans,

    /// <summary>SEQUENCES.</summary>
    Sequences,

    /// <summary>TEMP or TEMPORARY.</summary>
    Temporary,
}

/// <summary>ALTER SYSTEM 'property' = 'value'.</summary>
public sealed record AlterSystemStatement(string Property, string Value, TextPosition Position) : Statement(Position);

/// <summary>DEFINE name = 'value': a variable for <c>${name}</c>.</summary>
public sealed record DefineStatement(Identifier Name, string Value, TextPosition Position) : Statement(Position);

/// <summary>UNDEFINE name.</summary>
public sealed record UndefineStatement(Identifier Name, TextPosition Position) : Statement(Position);

/// <summary>LISTEN channel.</summary>
public sealed record ListenStatement(Identifier Channel, TextPosition Position) : Statement(Position);

/// <summary>UNLISTEN channel; null is all.</summary>
public sealed record UnlistenStatement(Identifier? Channel, TextPosition Position) : Statement(Position);

/// <summary>NOTIFY channel [, 'payload'].</summary>
public sealed record NotifyStatement(Identifier Channel, string? Payload, TextPosition Position) : Statement(Position);

/// <summary>PREPARE name [(types)] AS statement.</summary>
public sealed record PrepareStatement(Identifier Name, IReadOnlyList<DataTypeSyntax> Types, Statement Prepared, TextPosition Position)
    : Statement(Position);

/// <summary>EXECUTE name [(arguments)].</summary>
public sealed record ExecuteStatement(Identifier Name, IReadOnlyList<Expression> Arguments, TextPosition Position) : Statement(Position);

/// <summary>DEALLOCATE name; null is all.</summary>
public sealed record DeallocateStatement(Identifier? Name, TextPosition Position) : Statement(Position);

namespace StreamSQL.Engine.Sessions;

/// <summary>A cursor or named portal that a session's endpoint has open, as pg_cursors shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Statement">The text that made it.</param>
/// <param name="IsHoldable">Whether it outlives its transaction.</param>
/// <param name="IsBinary">Whether FETCH gives its rows in binary.</param>
/// <param name="IsScrollable">Whether it can go back.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record OpenCursor(string Name, string Statement, bool IsHoldable, bool IsBinary, bool IsScrollable, DateTimeOffset CreatedAt);

/// <summary>A named prepared statement that a session's endpoint has, as pg_prepared_statements shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Statement">The text that made it.</param>
/// <param name="PreparedAt">When it was made.</param>
/// <param name="ParameterTypes">The identifiers of its parameters' types.</param>
/// <param name="IsFromSql">Whether PREPARE made it, and not a message.</param>
/// <param name="Executions">How often it was executed.</param>
public sealed record NamedStatement(
    string Name, string Statement, DateTimeOffset PreparedAt, IReadOnlyList<uint> ParameterTypes, bool IsFromSql, long Executions);

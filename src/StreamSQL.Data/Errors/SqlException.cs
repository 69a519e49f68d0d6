namespace StreamSQL.Data.Errors;

/// <summary>
/// An error that a SQL client is told: SQLSTATE (constants: <see cref="Npgsql.PostgresErrorCodes"/>), message, and where known
/// the position in the statement, detail and hint.
/// </summary>
public sealed class SqlException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="sqlState">Five characters, a constant of <see cref="Npgsql.PostgresErrorCodes"/>.</param>
    /// <param name="message">What was wrong, one sentence.</param>
    /// <param name="hint">What to do about it, or null.</param>
    /// <param name="position">Where in the statement, or null.</param>
    /// <param name="detail">More about the cause, or null.</param>
    /// <param name="inner">The error behind this one, or null.</param>
    public SqlException(
        string sqlState, string message, string? hint = null, TextPosition? position = null, string? detail = null, Exception? inner = null)
        : base(message, inner)
    {
        SqlState = sqlState;
        Hint = hint;
        Position = position;
        Detail = detail;
    }

    /// <summary>The SQLSTATE.</summary>
    public string SqlState { get; }

    /// <summary>What to do about it.</summary>
    public string? Hint { get; }

    /// <summary>More about the cause.</summary>
    public string? Detail { get; }

    /// <summary>Where in the statement's text.</summary>
    public TextPosition? Position { get; }

    /// <summary>Where else it happened, such as a line of COPY's data; null where that says nothing.</summary>
    public string? Context { get; init; }
}

/// <summary>A place in a statement's text.</summary>
/// <param name="Offset">Characters before it, from 0.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct TextPosition(int Offset, int Line, int Column);

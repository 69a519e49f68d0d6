using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace StreamSQL.Postgres.Protocol;

/// <summary>An error that ends the connection: the client is told with severity FATAL.</summary>
internal sealed class FatalProtocolException(string sqlState, string message, string? hint = null) : Exception(message)
{
    /// <summary>The SQLSTATE.</summary>
    public string SqlState { get; } = sqlState;

    /// <summary>More about it, or null.</summary>
    public string? Detail { get; init; }

    /// <summary>What to do about it, or null.</summary>
    public string? Hint { get; } = hint;

    /// <summary>The bytes on the connection make no sense any more.</summary>
    [DoesNotReturn]
    public static void ThrowViolation(string message) => throw new FatalProtocolException(PostgresErrorCodes.ProtocolViolation, message);
}

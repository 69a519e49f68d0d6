using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>The errors of window functions that show only when they run.</summary>
internal static class WindowErrors
{
    /// <summary>invalid_preceding_or_following_size.</summary>
    private const string InvalidOffset = "22013";

    public static SqlException NegativeOffset(string which) => new(InvalidOffset, $"frame {which} offset must not be negative");

    public static SqlException NullOffset(string which) =>
        new(PostgresErrorCodes.NullValueNotAllowed, $"frame {which} offset must not be null");

    public static SqlException InvalidRange() => new(InvalidOffset, "invalid preceding or following size in window function");
}

using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Parsing;

/// <summary>Errors in text that the grammar accepts but that is still not SQL.</summary>
internal static class SyntaxErrors
{
    /// <summary>A syntax error with its place in front, as ksqlDB shows it.</summary>
    internal static SqlException At(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.SyntaxError, $"line {position.Line}:{position.Column}: Syntax Error: {message}", hint, position);

    /// <summary>Something that is SQL but not done here.</summary>
    internal static SqlException NotSupported(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.FeatureNotSupported, message, hint, position);
}

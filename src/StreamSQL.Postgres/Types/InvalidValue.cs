using System.Diagnostics.CodeAnalysis;
using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Postgres.Types;

/// <summary>Errors about parameter values, in PostgreSQL's words.</summary>
internal static class InvalidValue
{
    private const int MaxShown = 200;

    /// <summary>22P02: the text is not a value of the type.</summary>
    [DoesNotReturn]
    public static void ThrowSyntax(PgType type, ReadOnlySpan<byte> text) =>
        throw new SqlException(PostgresErrorCodes.InvalidTextRepresentation,
            $"invalid input syntax for type {type.SqlName}: \"{Show(text)}\"");

    /// <summary>22003: the number does not fit.</summary>
    [DoesNotReturn]
    public static void ThrowRange(PgType type, ReadOnlySpan<byte> text) =>
        throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange,
            $"value \"{Show(text)}\" is out of range for type {type.SqlName}");

    /// <summary>22P03: the bytes have the wrong length or content.</summary>
    [DoesNotReturn]
    public static void ThrowBinary(PgType type) =>
        throw new SqlException(PostgresErrorCodes.InvalidBinaryRepresentation, $"incorrect binary data format for type {type.SqlName}");

    /// <summary>Checks the length of a binary value.</summary>
    public static void RequireLength(PgType type, ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length != length)
            ThrowBinary(type);
    }

    private static string Show(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text.Length <= MaxShown ? text : text[..MaxShown]);
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf;

/// <summary>Which columns Protobuf can hold.</summary>
internal static class ProtobufTypes
{
    /// <summary>Messages inside each other, beyond which schemas and types are refused.</summary>
    public const int MaxDepth = 64;

    /// <summary>Checks a column.</summary>
    /// <exception cref="SqlException">0A000: the format cannot hold it.</exception>
    public static void Check(string format, FormatField field) => Check(format, field.Name, field.Type, isElement: false, MaxDepth);

    private static void Check(string format, string column, SqlType type, bool isElement, int depth)
    {
        switch (type.Kind)
        {
            case > SqlTypeKind.Struct:
                throw Unsupported(
                    $"The '{format}' format does not support type '{type.Kind.ToString().ToUpperInvariant()}', column: `{column}`");
            case SqlTypeKind.Map when type.Key!.Kind != SqlTypeKind.Varchar:
                throw Unsupported($"{format} format only supports MAP types with STRING keys");
            case SqlTypeKind.Array or SqlTypeKind.Map when isElement:
                throw Unsupported(
                    $"The '{format}' format does not support {type.Kind.ToString().ToUpperInvariant()} inside ARRAY, column: `{column}`");
        }

        if (depth == 0)
            throw Unsupported($"The '{format}' format does not support types nested more than {MaxDepth} deep, column: `{column}`");
        if (type.Element is { } element)
            Check(format, column, element, type.Kind == SqlTypeKind.Array, depth - 1);
        foreach (var inner in type.Fields)
            Check(format, column, inner.Type, isElement: false, depth - 1);
    }

    private static SqlException Unsupported(string message) => new(PostgresErrorCodes.FeatureNotSupported, message);
}

using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Binding;

/// <summary>A value for a column of a row that is written: INSERT, UPDATE.</summary>
internal static class RowAssignment
{
    /// <summary>
    /// The value as the column's type. An assignment casts more freely than an expression does, but
    /// never a number from text or text from a number.
    /// </summary>
    /// <exception cref="Data.Errors.SqlException">42804: the types do not go together.</exception>
    public static BoundExpression Assign(BoundExpression value, SourceColumn column, BindingContext context,
        Data.Errors.TextPosition position)
    {
        var fits = value.Type.Kind == SqlTypeKind.Unknown || value.Type.Equals(column.Type)
            || (value.Type.IsNumeric && column.Type.IsNumeric)
            || TypeCoercion.CanImplicitlyCast(value.Type, column.Type, context.Rules)
            || (value.Type.Kind == column.Type.Kind && value.Type.IsNested)
            || (TypeCoercion.IsText(value.Type)
                && column.Type.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp or SqlTypeKind.Bytes
                    or SqlTypeKind.Varchar);
        if (column.Type.Kind == SqlTypeKind.Bytes && value is BoundLiteral { Value: string text, Type.Kind: SqlTypeKind.Varchar })
            return Base64(text, position);
        // Text keeps what has no type of its own in records.
        fits |= value.Type.Kind == SqlTypeKind.Jsonb && column.Type.Kind == SqlTypeKind.Varchar;
        return fits
            ? Coercion.To(value, column.Type, context, position)
            : throw BindingErrors.Mismatch(
                $"Expected type {BindingErrors.Name(column.Type)} for field `{column.Name}` but got {BindingErrors.Name(value.Type)}",
                position,
                "You will need to rewrite or cast the expression.");
    }

    // ksqlDB's own form of bytes as text.
    private static BoundLiteral Base64(string text, Data.Errors.TextPosition position)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? new BoundLiteral(bytes[..length], SqlType.Bytes)
            : throw new Data.Errors.SqlException(
                Npgsql.PostgresErrorCodes.InvalidTextRepresentation, $"'{text}' is not base64",
                "Write the bytes as base64, or use TO_BYTES(text, encoding).", position);
    }
}

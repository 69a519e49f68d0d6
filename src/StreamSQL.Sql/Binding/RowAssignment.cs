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
        if (column.Type.Kind == SqlTypeKind.Bytes && value is BoundLiteral { Value: string text, Type.Kind: SqlTypeKind.Varchar })
            return Base64(text, position);
        return Fits(value.Type, column.Type, context.Rules)
            ? Coercion.To(value, column.Type, context, position)
            : throw BindingErrors.Mismatch(
                $"Expected type {BindingErrors.Name(column.Type)} for field `{column.Name}` but got {BindingErrors.Name(value.Type)}",
                position,
                "You will need to rewrite or cast the expression.");
    }

    private static bool Fits(SqlType from, SqlType to, RuleSet rules)
    {
        if (from.Kind == SqlTypeKind.Unknown || from.Equals(to) || TypeCoercion.CanImplicitlyCast(from, to, rules))
            return true;
        if ((from.IsNumeric && to.IsNumeric) || (from.IsNested && from.Kind == to.Kind))
            return true;

        // Text is read as what records write as text, and keeps what has no type of its own in them.
        return TypeCoercion.IsText(from)
            ? to.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp or SqlTypeKind.Bytes or SqlTypeKind.Varchar
            : from.Kind == SqlTypeKind.Jsonb && to.Kind == SqlTypeKind.Varchar;
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

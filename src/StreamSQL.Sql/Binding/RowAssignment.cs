using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Binding;

/// <summary>A value for a column of a row that is written: INSERT, UPDATE.</summary>
internal static class RowAssignment
{
    /// <summary>
    /// The value as the column's type. An assignment casts more freely than an expression does, but never a number from text or text from a number.
    /// </summary>
    /// <exception cref="Data.Errors.SqlException">42804: the types do not go together.</exception>
    public static BoundExpression Assign(BoundExpression value, SourceColumn column, BindingContext context, Data.Errors.TextPosition position)
    {
        var fits = value.Type.Kind == SqlTypeKind.Unknown || value.Type.Equals(column.Type) || (value.Type.IsNumeric && column.Type.IsNumeric)
            || TypeCoercion.CanImplicitlyCast(value.Type, column.Type, context.Rules)
            || (value.Type.Kind == column.Type.Kind && value.Type.IsNested)
            || (TypeCoercion.IsText(value.Type) && column.Type.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp or SqlTypeKind.Bytes or SqlTypeKind.Varchar);
        return fits
            ? Coercion.To(value, column.Type, context, position)
            : throw BindingErrors.Mismatch(
                $"Expected type {BindingErrors.Name(column.Type)} for field `{column.Name}` but got {BindingErrors.Name(value.Type)}", position,
                "You will need to rewrite or cast the expression.");
    }
}

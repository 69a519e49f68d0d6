using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>DEFAULT of a column: checked where it is said, bound anew wherever a row leaves the column out.</summary>
internal static class ColumnDefaults
{
    /// <summary>The column with the default.</summary>
    /// <exception cref="SqlException">The expression is wrong, names a column, or its type is not the column's.</exception>
    public static SourceColumn Set(SourceColumn column, ColumnDefault? value, PlanningContext planning)
    {
        if (value is null)
            return column with { Default = null };
        if (column.Header is not null)
            throw BindingErrors.NotSupported($"column {column.Name} shows headers and has no DEFAULT", value.Position);
        var context = new BindingContext(planning, isContinuous: false);
        Bind(value.Value, column, context);
        return context.ParameterTypes.Count == 0
            ? column with { Default = value.Text }
            : throw new SqlException(PostgresErrorCodes.UndefinedParameter, "there is no parameter in a DEFAULT", position: value.Position);
    }

    /// <summary>What a row has in the column when it is left out: NULL where nothing is said.</summary>
    /// <exception cref="SqlException">The expression of the DEFAULT means nothing any more.</exception>
    public static BoundExpression Of(SourceColumn column, BindingContext context)
    {
        if (column.Default is not { } text)
            return new BoundLiteral(null, column.Type);
        try
        {
            var select = (SelectBody)((QueryStatement)SqlParser.ParseStatement($"SELECT ({text})")).Query.Body;
            return Bind(((ExpressionItem)select.Items[0]).Expression, column, context);
        }
        catch (SqlException error) when (error.Position is not null)
        {
            // A place in the default's text is none in the statement's.
            throw new SqlException(error.SqlState, error.Message, $"This is of the DEFAULT of column {DisplayName.Of(column.Name)}.",
                inner: error);
        }
    }

    private static BoundExpression Bind(Expression value, SourceColumn column, BindingContext context)
    {
        var binder = new ExpressionBinder(context, Scope.Empty, null) { Clause = "DEFAULT" };
        return RowAssignment.Assign(binder.Bind(value), column, context, value.Position);
    }
}

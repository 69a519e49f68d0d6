using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>CHECK: kept as text and, like DEFAULT, bound anew where a statement writes rows.</summary>
internal static class TableChecks
{
    /// <summary>The checks of a target, bound.</summary>
    /// <exception cref="SqlException">The condition of one means nothing any more.</exception>
    public static IReadOnlyList<BoundCheck> Of(SourceDefinition target, BindingContext context) =>
        target.Constraints is { Checks: var checks } ? [.. checks.Select(check => Bind(check, target, context))] : [];

    /// <summary>The columns that a condition names.</summary>
    /// <exception cref="SqlException">It is wrong, no condition, or asks for more than the row itself.</exception>
    public static IReadOnlyCollection<int> ColumnsOf(CheckSyntax check, SourceDefinition target, PlanningContext planning)
    {
        var context = new BindingContext(planning, isContinuous: false);
        var (columns, _) = ColumnUse.Of(Binder(target, context).BindCondition(check.Condition));
        return context.ParameterTypes.Count == 0
            ? columns : throw new SqlException(PostgresErrorCodes.UndefinedParameter, "there is no parameter in a CHECK",
                position: check.Position);
    }

    private static BoundCheck Bind(CheckConstraint check, SourceDefinition target, BindingContext context)
    {
        try
        {
            var select = (SelectBody)((QueryStatement)SqlParser.ParseStatement($"SELECT NOT ({check.Condition})")).Query.Body;
            return new BoundCheck(check.Name, Binder(target, context).BindCondition(((ExpressionItem)select.Items[0]).Expression));
        }
        catch (SqlException error) when (error.Position is not null)
        {
            // A place in the condition's text is none in the statement's.
            throw new SqlException(error.SqlState, error.Message, $"This is of the CHECK {check.Name}.", inner: error);
        }
    }

    private static ExpressionBinder Binder(SourceDefinition target, BindingContext context) =>
        new(context, new Scope([.. WriteClauses.ColumnsOf(target, target.Name)], null), null) { Clause = "CHECK" };
}

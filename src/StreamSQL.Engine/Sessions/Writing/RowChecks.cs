using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>Refuses rows that a CHECK of their table forbids.</summary>
internal static class RowChecks
{
    /// <summary>Looks at all rows of a write.</summary>
    /// <exception cref="SqlException">23514: a row violates a check.</exception>
    public static void Require(IReadOnlyList<BoundCheck> checks, RowWrite write, OperatorContext context)
    {
        foreach (var check in checks)
        {
            if (new PredicateEvaluator(check.Violation, context).Evaluate(write.Rows, write.Rows.Selection).Count > 0)
            {
                throw new SqlException(
                    PostgresErrorCodes.CheckViolation,
                    $"new row for relation \"{DisplayName.Of(write.Target.Name)}\" violates check constraint \"{check.Name}\"");
            }
        }
    }
}

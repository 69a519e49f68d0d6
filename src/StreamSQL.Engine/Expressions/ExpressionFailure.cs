using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;

namespace StreamSQL.Engine.Expressions;

/// <summary>What becomes of failed expressions: the end of a bounded query, a count in a continuous one.</summary>
internal static class ExpressionFailure
{
    /// <summary>Throws or counts the failures.</summary>
    /// <exception cref="SqlException">The first failure, in a query that ends at it.</exception>
    public static void Handle(EvaluationErrors errors, OperatorContext context)
    {
        if (context.FailOnError)
            throw new SqlException(errors.FirstSqlState, errors.FirstMessage);
        context.Counters.AddFailedExpressions(errors.Count + errors.SettledCount, errors.FirstMessage);
    }
}

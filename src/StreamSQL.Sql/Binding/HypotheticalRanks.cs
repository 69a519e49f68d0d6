using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// <c>rank(2) WITHIN GROUP (ORDER BY x)</c> and its kin: what the row would be given that is described by the arguments. Each is written as
/// counts of the rows that sort before it.
/// </summary>
internal static class HypotheticalRanks
{
    /// <summary>The call as counts; null where it is no such call.</summary>
    /// <exception cref="SqlException">42883: there are not as many arguments as keys.</exception>
    public static Expression? Rewrite(FunctionCall call)
    {
        var name = call.Name.Last.Name;
        if (!call.IsWithinGroup || call.Name.Last.IsQuoted || name is not ("RANK" or "DENSE_RANK" or "PERCENT_RANK" or "CUME_DIST"))
            return null;
        if (call.Arguments.Count != call.OrderBy.Count)
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.UndefinedFunction,
                $"function {name.ToLowerInvariant()} does not exist with {call.Arguments.Count} arguments and {call.OrderBy.Count} keys",
                "There must be as many arguments as expressions in ORDER BY.", call.Position);
        }

        var position = call.Position;
        var before = Before(call, 0);
        Expression Plus(Expression left, Expression right) => new BinaryExpression("+", left, right, position);
        Expression One() => new NumberLiteral("1", NumberKind.Integer, position);
        Expression Quotient(Expression count, Expression all) => new BinaryExpression(
            "/", new CastExpression(count, new NamedTypeSyntax(Named("DOUBLE", position), [], position), position), all, position);
        return name switch
        {
            "RANK" => Plus(One(), Count(call, before)),
            "DENSE_RANK" => Plus(One(), Count(call, before) with { IsStar = false, IsDistinct = true,
                Arguments = [new RowExpression([.. call.OrderBy.Select(static key => key.Expression)], position)] }),
            "PERCENT_RANK" => new CaseExpression(
                new CastExpression(Count(call, null), new NamedTypeSyntax(Named("BIGINT", position), [], position), position),
                [new WhenClause(new NumberLiteral("0", NumberKind.Integer, position),
                    new NumberLiteral("0", NumberKind.Integer, position), position)],
                Quotient(Count(call, before), Count(call, null)), position),
            _ => Quotient(Plus(One(), Count(call, new LogicalExpression(false, [before, IsPeer(call, call.OrderBy.Count)], position))),
                Plus(One(), Count(call, null))),
        };
    }

    /// <summary>The rows of the group for which a condition holds.</summary>
    private static FunctionCall Count(FunctionCall call, Expression? condition) => new(Named("COUNT", call.Position), [], call.Position)
    {
        IsStar = true,
        Filter = condition is null ? call.Filter : call.Filter is null
            ? condition : new LogicalExpression(true, [call.Filter, condition], call.Position),
    };

    /// <summary>Whether a row sorts before the one described, by the keys from one on.</summary>
    private static Expression Before(FunctionCall call, int from)
    {
        var (key, value, position) = (call.OrderBy[from], call.Arguments[from], call.Position);
        var nullsFirst = key.NullsFirst ?? key.Descending;
        var comparison = new BinaryExpression(key.Descending ? ">" : "<", key.Expression, value, position);
        var byNull = new LogicalExpression(
            true, [new IsNullExpression(key.Expression, !nullsFirst, position), new IsNullExpression(value, nullsFirst, position)],
            position);
        Expression before = new LogicalExpression(false, [new IsBooleanExpression(comparison, true, false, position), byNull], position);
        return from + 1 == call.OrderBy.Count
            ? before
            : new LogicalExpression(false,
                [before, new LogicalExpression(true, [IsPeer(call, from + 1, from), Before(call, from + 1)], position)], position);
    }

    /// <summary>Whether a row has the keys of the one described, of a range of keys.</summary>
    private static LogicalExpression IsPeer(FunctionCall call, int end, int start = 0) => new(
        true, [.. Enumerable.Range(start, end - start)
            .Select(i => new IsDistinctExpression(call.OrderBy[i].Expression, call.Arguments[i], true, call.Position))], call.Position);

    private static QualifiedName Named(string name, TextPosition position) => new([new Identifier(name, false, position)], position);
}

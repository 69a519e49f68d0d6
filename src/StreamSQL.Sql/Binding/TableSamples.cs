using System.Globalization;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions.Numeric;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// TABLESAMPLE as a condition on each row, for BERNOULLI and SYSTEM alike, since there are no blocks to choose from. With REPEATABLE a
/// row's own values and the seed decide, so that the sample stays the same as long as the table does.
/// </summary>
internal static class TableSamples
{
    /// <summary>The rows that are in the sample.</summary>
    /// <exception cref="SqlException">42704: no such method; 2202H, 2202G: its arguments.</exception>
    public static Relation Apply(Relation relation, TableSample sample, BindingContext context, QueryPlanner queries)
    {
        var method = sample.Method.Last.Text.ToLowerInvariant();
        if (method is not ("bernoulli" or "system"))
            throw new SqlException(PostgresErrorCodes.UndefinedObject, $"tablesample method {method} does not exist",
                "There are BERNOULLI and SYSTEM.", sample.Position);
        if (sample.Arguments.Count != 1)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidTablesampleArgument,
                $"tablesample method {method} requires 1 argument, not {sample.Arguments.Count}", position: sample.Position);
        }

        var percent = Argument(sample.Arguments[0], context, queries);
        if (percent is BoundLiteral { Value: var value })
            Check(value, sample.Arguments[0].Position);
        var share = FunctionResolver.BindOperator("/", percent, new BoundLiteral(100.0, SqlType.Double), context, sample.Position);
        var chance = sample.Seed is null
            ? FunctionResolver.BindScalar(Call("RANDOM", sample.Position), [], context)
            : FunctionResolver.TryBindOperator(RowShare.Name,
                [RowText(relation, context, sample.Position), Seed(sample.Seed, context, queries)], context, sample.Position)!;
        return relation with { Plan = new LogicalFilter(relation.Plan,
            FunctionResolver.BindOperator("<", chance, share, context, sample.Position)) };
    }

    private static FunctionCall Call(string name, TextPosition position) =>
        new(new QualifiedName([new Identifier(name, false, position)], position), [], position);

    private static BoundExpression Argument(Expression syntax, BindingContext context, QueryPlanner queries) =>
        Coercion.To(new ExpressionBinder(context, Scope.Empty, queries) { Clause = "TABLESAMPLE" }.Bind(syntax), SqlType.Double, context,
            syntax.Position);

    private static BoundExpression Seed(Expression syntax, BindingContext context, QueryPlanner queries)
    {
        var seed = Argument(syntax, context, queries);
        return seed is BoundLiteral { Value: null }
            ? throw new SqlException(PostgresErrorCodes.InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null",
                position: syntax.Position)
            : seed;
    }

    private static void Check(object? value, TextPosition position)
    {
        if (value is null)
            throw new SqlException(PostgresErrorCodes.InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null",
                position: position);
        if (Convert.ToDouble(value, CultureInfo.InvariantCulture) is not (>= 0 and <= 100))
            throw new SqlException(PostgresErrorCodes.InvalidTablesampleArgument, "sample percentage must be between 0 and 100",
                position: position);
    }

    private static BoundExpression RowText(Relation relation, BindingContext context, TextPosition position)
    {
        BoundExpression[] values =
            [.. relation.Plan.Schema.Columns.Select(
                (column, i) => Coercion.To(new BoundColumn(i, column.Name, column.Type), SqlType.Varchar, context, position))];
        return FunctionResolver.TryBindOperator("CONCAT_WS", [new BoundLiteral("\u0001", SqlType.Varchar), .. values], context, position)!;
    }
}

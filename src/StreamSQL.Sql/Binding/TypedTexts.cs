using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Functions.DatesAndTimes;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Types in front of texts (<c>DATE '2001-02-16'</c>), and the precisions of types of times: <c>timestamp(0)</c>, <c>INTERVAL '1' DAY</c>.
/// </summary>
internal static class TypedTexts
{
    /// <summary>Binds a type in front of a text.</summary>
    /// <exception cref="SqlException">42704: there is no such type; 22007 and others: the text is no value of it.</exception>
    public static BoundExpression Bind(TypedLiteral typed, BindingContext context)
    {
        var type = TypeResolver.Resolve(typed.Type, context.Planning.Catalog.Types, context.Rules);
        if (type.Kind == SqlTypeKind.Interval && typed.Type is NamedTypeSyntax { Arguments: [var field, var precision] })
            return ReadInterval(typed, IntervalFields.FromCodes(field, precision));
        return WithPrecision(Coercion.To(new BoundLiteral(typed.Value, SqlType.Unknown), type, context, typed.Position),
            typed.Type, context);
    }

    /// <summary>A value with the digits and fields that its type says.</summary>
    public static BoundExpression WithPrecision(BoundExpression value, DataTypeSyntax type, BindingContext context)
    {
        if (context.Rules != RuleSet.Postgres || type is not NamedTypeSyntax { Arguments: { Count: > 0 } arguments })
            return value;
        BoundLiteral[] numbers = [.. arguments.Select(static number => new BoundLiteral(number, SqlType.Integer))];
        return value.Type.Kind switch
        {
            SqlTypeKind.Interval => FunctionResolver.TryBindOperator(PostgresDateFunctions.FieldsName, [value, .. numbers], context,
                type.Position) ?? value,
            SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz =>
                FunctionResolver.TryBindOperator(PostgresDateFunctions.PrecisionName, [value, .. numbers], context, type.Position) ?? value,
            _ => value,
        };
    }

    private static BoundLiteral ReadInterval(TypedLiteral typed, IntervalFields fields)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(typed.Value);
        if (IntervalParser.TryParse(text, fields, out var value) is not ParseResult.Ok and var failure)
        {
            var (sqlState, message) = IntervalParser.Explain(failure, text);
            throw new SqlException(sqlState, message, position: typed.Position);
        }

        return new BoundLiteral(value, SqlType.Interval);
    }
}

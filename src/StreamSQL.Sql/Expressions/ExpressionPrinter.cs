using System.Globalization;
using System.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Sql.Expressions;

/// <summary>Writes bound expressions as text, for EXPLAIN and for the manifest of a query. Equal expressions give equal text.</summary>
public static class ExpressionPrinter
{
    /// <summary>The text of an expression.</summary>
    public static string Print(BoundExpression expression)
    {
        var text = new StringBuilder();
        Append(text, expression);
        return text.ToString();
    }

    /// <summary>The texts of expressions, separated by commas.</summary>
    public static string Print(IEnumerable<BoundExpression> expressions) => string.Join(", ", expressions.Select(Print));

    private static void Append(StringBuilder text, BoundExpression expression)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (expression)
        {
            case BoundLiteral literal:
                AppendLiteral(text, literal.Value, literal.Type);
                break;
            case BoundColumn column:
                text.Append(column.Name).Append('#').Append(column.Index);
                break;
            case BoundOuterColumn outer:
                text.Append("outer").Append(outer.Depth).Append('.').Append(outer.Name).Append('#').Append(outer.Index);
                break;
            case BoundPseudoColumn pseudo:
                text.Append(pseudo.Kind.ToString().ToUpperInvariant());
                break;
            case BoundParameter parameter:
                text.Append('$').Append(parameter.Index + 1);
                break;
            case BoundCall call:
                AppendCall(text, call);
                break;
            case BoundLambdaVariable variable:
                text.Append(variable.Name);
                break;
            case BoundLambdaCall call:
                AppendLambdas(text, call);
                break;
            case BoundLogical logical:
                AppendList(text, logical.Operands, logical.IsAnd ? " AND " : " OR ", "(", ")");
                break;
            case BoundNot not:
                AppendList(text, [not.Operand], "", "NOT (", ")");
                break;
            case BoundIsNull isNull:
                AppendList(text, [isNull.Operand], "", "(", isNull.Negated ? " IS NOT NULL)" : " IS NULL)");
                break;
            case BoundCase @case:
                AppendCase(text, @case);
                break;
            case BoundCoalesce coalesce:
                AppendList(text, coalesce.Arguments, ", ", "COALESCE(", ")");
                break;
            case BoundSubquery subquery:
                AppendList(text, subquery.Operand is null ? [] : [subquery.Operand], "", subquery.Kind.ToString().ToUpperInvariant() + "(",
                    " sub-query)");
                break;
            default:
                throw new InvalidOperationException($"unknown expression {expression.GetType().Name}");
        }
    }

    private static void AppendCall(StringBuilder text, BoundCall call)
    {
        var isOperator = call.Name.Length > 0 && !char.IsLetter(call.Name[0]) && call.Arguments.Count == 2;
        if (isOperator)
            AppendList(text, call.Arguments, $" {call.Name} ", "(", ")");
        else if (call is { Name: "CAST", Arguments.Count: 1 })
            AppendList(text, call.Arguments, "", "CAST(", $" AS {call.Type})");
        else
            AppendList(text, call.Arguments, ", ", call.Name + "(", ")");
    }

    private static void AppendLambdas(StringBuilder text, BoundLambdaCall call)
    {
        AppendList(text, call.Arguments, ", ", call.Name + "(", "");
        foreach (var lambda in call.Lambdas)
            AppendList(text, [lambda.Body], "",
                $", ({string.Join(", ", lambda.Parameters.Select(static parameter => parameter.Name))}) => ", "");
        text.Append(')');
    }

    private static void AppendCase(StringBuilder text, BoundCase @case)
    {
        text.Append("CASE");
        foreach (var branch in @case.Branches)
        {
            AppendList(text, [branch.Condition], "", " WHEN ", "");
            AppendList(text, [branch.Result], "", " THEN ", "");
        }

        if (@case.Else is not null)
            AppendList(text, [@case.Else], "", " ELSE ", "");
        text.Append(" END");
    }

    private static void AppendList(StringBuilder text, IReadOnlyList<BoundExpression> expressions, string separator, string before,
        string after)
    {
        text.Append(before);
        for (var i = 0; i < expressions.Count; i++)
        {
            if (i > 0)
                text.Append(separator);
            Append(text, expressions[i]);
        }

        text.Append(after);
    }

    private static void AppendLiteral(StringBuilder text, object? value, SqlType type)
    {
        switch (value)
        {
            case null:
                text.Append("NULL");
                break;
            case string characters:
                text.Append('\'').Append(characters.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
                break;
            case byte[] bytes:
                text.Append("X'").Append(Convert.ToHexString(bytes)).Append('\'');
                break;
            case bool flag:
                text.Append(flag ? "TRUE" : "FALSE");
                break;
            case Int128 unscaled:
                text.Append(unscaled.ToString(CultureInfo.InvariantCulture)).Append('E').Append(-type.Scale);
                break;
            case NumericValue number:
                text.Append(number.ToString());
                break;
            case IFormattable formattable when type.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp
                or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz:
                text.Append(type).Append(' ').Append(formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            case Interval span:
                text.Append("INTERVAL '").Append(span.ToString()).Append('\'');
                break;
            case IFormattable formattable:
                text.Append(formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(type).Append(" constant");
                break;
        }
    }
}

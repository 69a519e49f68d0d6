using System.Globalization;
using System.Numerics;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Literals, and turning expressions into the types that their places want.</summary>
internal static class Coercion
{
    /// <summary>The name of calls that are casts.</summary>
    public const string CastName = "CAST";

    /// <summary>A number's constant: the smallest of INTEGER, BIGINT, DECIMAL that holds it exactly; DOUBLE with an exponent.</summary>
    /// <exception cref="SqlException">22003: no type holds it.</exception>
    public static BoundLiteral Number(NumberLiteral number, RuleSet rules)
    {
        if (rules == RuleSet.Postgres && number.Kind != NumberKind.Integer)
            return Exact(number);
        if (number.Kind == NumberKind.Float)
        {
            var value = double.Parse(number.Text, CultureInfo.InvariantCulture);
            return double.IsFinite(value) ? new(value, SqlType.Double)
                : throw TooLarge($"line {number.Position.Line}:{number.Position.Column}: Number overflows DOUBLE: {Shown(number)}", number);
        }

        if (number.Kind == NumberKind.Integer)
        {
            if (int.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small))
                return new(small, SqlType.Integer);
            if (long.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large))
                return new(large, SqlType.BigInt);
            return rules == RuleSet.Postgres ? Exact(number) : throw TooLarge($"Invalid numeric literal: {Shown(number)}", number);
        }

        return Decimal(number);
    }

    // 1.5e3 is a numeric to PostgreSQL, written out. What a DECIMAL holds is one: the scale of a constant is known.
    private static BoundLiteral Exact(NumberLiteral number)
    {
        if (NumericText.TryParse(System.Text.Encoding.ASCII.GetBytes(number.Text), out var value) != ParseResult.Ok)
            throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange, "value overflows numeric format", position: number.Position);
        var precision = Math.Max(NumericMath.CountDigits(value), Math.Max(value.Scale, 1));
        return precision <= SqlType.MaxPrecision ? new((Int128)value.Unscaled, SqlType.Decimal(precision, value.Scale))
            : new(value, SqlType.Numeric);
    }

    private static BoundLiteral Decimal(NumberLiteral number)
    {
        // Reading a number takes time in the square of its length: one that cannot fit is not read.
        if (number.Text.AsSpan().TrimStart("-0").Length > SqlType.MaxPrecision + 1)
            throw TooLarge($"Invalid numeric literal: {Shown(number)}", number);
        var point = number.Text.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? number.Text : number.Text.Remove(point, 1);
        var scale = point < 0 ? 0 : number.Text.Length - point - 1;
        if (digits is "" or "-" || !BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var unscaled))
            throw TooLarge($"Invalid numeric literal: {Shown(number)}", number);
        var precision = Math.Max(BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).Length, Math.Max(scale, 1));
        return precision <= SqlType.MaxPrecision
            ? new((Int128)unscaled, SqlType.Decimal(precision, scale))
            : throw TooLarge($"Invalid numeric literal: {Shown(number)}", number);
    }

    /// <summary>
    /// The expression as a type that it turns into without being asked: the arguments of functions, both sides of an operator.
    /// </summary>
    /// <exception cref="SqlException">42804: it does not.</exception>
    public static BoundExpression Implicit(BoundExpression expression, SqlType type, BindingContext context, TextPosition position) =>
        TypeCoercion.CanImplicitlyCast(expression.Type, type, context.Rules)
            ? To(expression, type, context, position)
            : throw BindingErrors.Mismatch(
                $"expected {BindingErrors.Name(type)} but found {BindingErrors.Name(expression.Type)}", position,
                "You might need to add an explicit CAST.");

    /// <summary>The expression cast to a type.</summary>
    /// <exception cref="SqlException">42846: there is no such cast.</exception>
    public static BoundExpression To(BoundExpression expression, SqlType type, BindingContext context, TextPosition position)
    {
        if (expression.Type.Equals(type))
            return expression;
        if (expression is BoundParameter { Type.Kind: SqlTypeKind.Unknown } parameter)
        {
            // A parameter has no bounds: they are those of the cast.
            var inferred = context.Infer(parameter.Index, type.Kind == SqlTypeKind.Numeric ? SqlType.Numeric : type);
            return inferred.Type.Equals(type) ? inferred : To(inferred, type, context, position);
        }

        if (expression is BoundLiteral literal && TryConvert(literal, type) is { } converted)
            return converted;
        if (expression is BoundLiteral { Value: string elements, Type.Kind: SqlTypeKind.Unknown }
            && type is { Kind: SqlTypeKind.Array, IsVector: false })
            return FromArrayText(elements, type, context, position);
        var from = expression.Type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : expression.Type;
        if (FindCast(from, type, context) is not { } binding)
            throw BindingErrors.CannotCast(expression.Type, type, position, context.Rules);
        if (expression is BoundLiteral { Value: string text, Type.Kind: SqlTypeKind.Unknown })
            return FromText(text, new BoundCall(CastName, binding, [new BoundLiteral(text, from)]), position);
        return new BoundCall(CastName, binding, [expression]);
    }

    // '{1,2}' as PostgreSQL writes arrays.
    private static BoundExpression FromArrayText(string text, SqlType type, BindingContext context, TextPosition position)
    {
        var elements = ArrayText.Parse(text)
            ?? throw new SqlException(PostgresErrorCodes.InvalidTextRepresentation, $"malformed array literal: \"{text}\"",
                "Arrays are written as {a,b}.", position);
        BoundExpression[] values =
            [.. elements.Select(element => To(new BoundLiteral(element, SqlType.Unknown), type.Element!, context, position))];
        if (values.All(static value => value is BoundLiteral))
            return new BoundLiteral(values.Select(static value => ((BoundLiteral)value).Value).ToArray(), type);
        return FunctionResolver.TryBindOperator("ARRAY", values, context, position)
            ?? throw BindingErrors.NotSupported($"{BindingErrors.Name(type)} cannot be written as text", position);
    }

    // A quoted value whose type its place decides is read at once, so that an error names its place.
    private static BoundExpression FromText(string text, BoundCall cast, TextPosition position)
    {
        if (!cast.Binding.IsDeterministic)
            return cast;
        // What depends on the session is read here only to see that it can be.
        var errors = new EvaluationErrors();
        if (ConstantEvaluation.Evaluate(cast, errors) is { } value)
            return cast.Binding.DependsOnSession && DateTexts.DependOnSession(text, cast.Type) ? cast : value;
        if (cast.Binding.DependsOnSession && DateTexts.CanBeRead(text))
            return cast;
        throw new SqlException(errors.FirstSqlState, errors.FirstMessage,
            $"'{text}' was read as {BindingErrors.Name(cast.Type)}.", position);
    }

    // Casts from and to names of the catalog need the catalog: they are functions of the Postgres endpoint, found by their types' names.
    private static ScalarBinding? FindCast(SqlType from, SqlType to, BindingContext context) =>
        Casts.Find(from, to, context.Rules)
        ?? context.Planning.Functions.FindScalar($"{from.Kind.ToString().ToUpperInvariant()}::{to.Kind.ToString().ToUpperInvariant()}")
            .Select(function => function.Bind([from], context.Rules)).FirstOrDefault(static found => found is not null);

    // Exact conversions of constants, so that plans show the constant itself and keys are found by it.
    private static BoundLiteral? TryConvert(BoundLiteral literal, SqlType type) => (literal.Value, type.Kind) switch
    {
        (null, _) => new BoundLiteral(null, type),
        (string text, SqlTypeKind.Varchar or SqlTypeKind.Name) => new BoundLiteral(text, type),
        (int number, SqlTypeKind.BigInt or SqlTypeKind.Oid or SqlTypeKind.Xid) => new BoundLiteral((long)number, type),
        (int number, SqlTypeKind.SmallInt) when number is >= short.MinValue and <= short.MaxValue => new BoundLiteral(number, type),
        (int number, SqlTypeKind.Double) => new BoundLiteral((double)number, type),
        (long number, SqlTypeKind.Oid) => new BoundLiteral(number, type),
        (Int128 unscaled, SqlTypeKind.Numeric) when type.Precision == 0 =>
            new BoundLiteral(new NumericValue(unscaled, literal.Type.Scale), type),
        (int number, SqlTypeKind.Numeric) when type.Precision == 0 => new BoundLiteral(new NumericValue((Int128)number, 0), type),
        (long number, SqlTypeKind.Numeric) when type.Precision == 0 => new BoundLiteral(new NumericValue((Int128)number, 0), type),
        (NumericValue, SqlTypeKind.Numeric) when type.Precision == 0 => new BoundLiteral(literal.Value, type),
        (Int128 unscaled, SqlTypeKind.Decimal) when type.Scale == literal.Type.Scale && type.Precision >= literal.Type.Precision =>
            new BoundLiteral(unscaled, type),
        _ => null,
    };

    private static string Shown(NumberLiteral number) => number.Text.Length <= 100 ? number.Text : number.Text[..100] + "...";

    private static SqlException TooLarge(string message, NumberLiteral number) =>
        new(PostgresErrorCodes.NumericValueOutOfRange, message, "Numbers have at most 38 digits.", number.Position);
}

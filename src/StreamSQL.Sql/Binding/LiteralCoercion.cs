using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// ksqlDB's rules where several values are to be of one type (elements of an array, keys and values of a map, branches of CASE, items of
/// IN): constants follow what is no constant, and a text is read as a value of the type that the others
/// have. Structs become one with the fields of all.
/// </summary>
internal static class LiteralCoercion
{
    /// <summary>How much a value has to say about the type.</summary>
    private enum Weight
    {
        /// <summary>NULL: nothing.</summary>
        None,

        /// <summary>A text that can be read as something else, also within an array or struct.</summary>
        Text,

        /// <summary>Another constant.</summary>
        Constant,

        /// <summary>Anything else.</summary>
        Whole,
    }

    /// <summary>The one type of several values; text when nothing is known of any.</summary>
    /// <exception cref="SqlException">42804: there is none.</exception>
    public static SqlType CommonType(IReadOnlyList<BoundExpression> values, BindingContext context, string what, TextPosition position)
    {
        var common = SqlType.Unknown;
        foreach (var weight in (ReadOnlySpan<Weight>)[Weight.Whole, Weight.Constant, Weight.Text])
        {
            foreach (var value in values)
            {
                if (WeightOf(value) == weight)
                    common = Join(common, value, weight, context) ?? throw CannotMatch(common, value.Type, what, position);
            }
        }

        return common.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : common;
    }

    /// <summary>The value as one of the type; a text is read.</summary>
    /// <exception cref="SqlException">22P02: a text is no value of the type; 42846: there is no such cast.</exception>
    public static BoundExpression To(BoundExpression value, SqlType type, BindingContext context, TextPosition position) =>
        (value, type.Kind) switch
    {
        _ when value.Type.Equals(type) => value,
        (BoundLiteral { Value: string text }, not SqlTypeKind.Varchar) when value.Type.Kind == SqlTypeKind.Varchar =>
            Read(text, type, context, position),
        (BoundLiteral { Value: object?[] elements, Type.Kind: SqlTypeKind.Array }, SqlTypeKind.Array) =>
            ArrayOf([.. elements.Select(element => new BoundLiteral(element, value.Type.Element!))], type, context, position),
        (BoundCall { Name: "ARRAY" } array, SqlTypeKind.Array) => ArrayOf(array.Arguments, type, context, position),
        (BoundCall { Name: "STRUCT" } row, SqlTypeKind.Struct) => StructOf(row, type, context, position),
        _ => Coercion.To(value, type, context, position),
    };

    /// <summary>A text that stands where a number is compared, as the number that it writes.</summary>
    /// <exception cref="SqlException">22P02: it writes none.</exception>
    public static BoundLiteral Number(string text, SqlType type, TextPosition position) =>
        NumberOf(text) ?? throw CannotRead(text, type, position);

    private static Weight WeightOf(BoundExpression value) => value switch
    {
        BoundLiteral { Value: null } => Weight.None,
        BoundLiteral { Value: string, Type.Kind: SqlTypeKind.Varchar } => Weight.Text,
        BoundLiteral { Value: object?[], Type: { Kind: SqlTypeKind.Array, Element.Kind: SqlTypeKind.Varchar } } => Weight.Text,
        BoundLiteral => Weight.Constant,
        BoundCall { Name: "ARRAY" or "STRUCT" } call when call.Arguments.Any(static argument => WeightOf(argument) == Weight.Text) =>
            Weight.Text,
        _ => Weight.Whole,
    };

    private static SqlType? Join(SqlType common, BoundExpression value, Weight weight, BindingContext context)
    {
        if (common.Kind == SqlTypeKind.Unknown)
            return value.Type;
        if (weight == Weight.Text && common.IsNumeric && value is BoundLiteral { Value: string text })
            return NumberOf(text) is { } number ? TypeCoercion.CommonType(common, number.Type, context.Rules) : common;
        if (Join(common, value.Type, context.Rules) is { } joined)
            return joined;
        // Constants can be written as text, and text be read as anything; whether this one can shows when it is.
        return weight == Weight.Text || (weight == Weight.Constant && common.Kind == SqlTypeKind.Varchar) ? common : null;
    }

    private static SqlType? Join(SqlType a, SqlType b, RuleSet rules)
    {
        if (a.Kind != SqlTypeKind.Struct || b.Kind != SqlTypeKind.Struct || a.Equals(b))
            return a.Kind == SqlTypeKind.Array && b.Kind == SqlTypeKind.Array && Join(a.Element!, b.Element!, rules) is { } element
                ? SqlType.ArrayOf(element)
                : TypeCoercion.CommonType(a, b, rules);

        // ksqlDB's order: the fields of the later one, then what only the earlier one has.
        var fields = b.Fields.ToList();
        foreach (var field in a.Fields)
        {
            var at = fields.FindIndex(known => known.Name == field.Name);
            if (at < 0)
                fields.Add(field);
            else if (Join(field.Type, fields[at].Type, rules) is { } type)
                fields[at] = field with { Type = type };
            else
                return null;
        }

        return SqlType.StructOf(fields);
    }

    private static BoundLiteral? NumberOf(string text)
    {
        var digits = text.Trim();
        var kind = digits.AsSpan().IndexOfAny('e', 'E') >= 0 ? NumberKind.Float : digits.Contains('.')
            ? NumberKind.Decimal : NumberKind.Integer;
        if (!decimal.TryParse(digits, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture,
            out var value))
            return null;
        // A number with an exponent is a DECIMAL, written out.
        return kind == NumberKind.Float
            ? Coercion.Number(new NumberLiteral(value.ToString(System.Globalization.CultureInfo.InvariantCulture), NumberKind.Decimal,
                default), RuleSet.Postgres)
            : Coercion.Number(new NumberLiteral(digits.TrimStart('+'), kind, default), RuleSet.Postgres);
    }

    private static BoundExpression Read(string text, SqlType type, BindingContext context, TextPosition position)
    {
        if (type.Kind == SqlTypeKind.Boolean)
            return new BoundLiteral(ReadBoolean(text) ?? throw CannotRead(text, type, position), type);
        if (type.IsNumeric)
            return Coercion.To(Number(text, type, position), type, context, position);
        if (Casts.Find(SqlType.Varchar, type, context.Rules) is not { } cast)
            throw BindingErrors.CannotCast(SqlType.Varchar, type, position, context.Rules);
        var errors = new EvaluationErrors();
        return ConstantEvaluation.Evaluate(new BoundCall("CAST", cast, [new BoundLiteral(text.Trim(), SqlType.Varchar)]), errors)
            ?? throw CannotRead(text, type, position);
    }

    private static bool? ReadBoolean(string text)
    {
        static bool Begins(string word, string text) => text.Length > 0 && word.StartsWith(text, StringComparison.OrdinalIgnoreCase);
        var word = text.Trim();
        return Begins("true", word) || Begins("yes", word) ? true : Begins("false", word) || Begins("no", word) ? false : null;
    }

    private static BoundExpression ArrayOf(IReadOnlyList<BoundExpression> elements, SqlType type, BindingContext context,
        TextPosition position)
    {
        BoundExpression[] values = [.. elements.Select(element => To(element, type.Element!, context, position))];
        return values.All(static value => value is BoundLiteral)
            ? new BoundLiteral(values.Select(static value => ((BoundLiteral)value).Value).ToArray(), type)
            : FunctionResolver.TryBindOperator("ARRAY", values, context, position)!;
    }

    private static BoundExpression StructOf(BoundCall row, SqlType type, BindingContext context, TextPosition position)
    {
        var fields = row.Type.Fields.Select(static field => field.Name).ToList();
        var values = type.Fields.Select(field => fields.IndexOf(field.Name) is var at and >= 0
            ? To(row.Arguments[at], field.Type, context, position)
            : new BoundLiteral(null, field.Type));
        return StructFunctions.Construct([.. type.Fields.Select(static field => field.Name)], [.. values], context)!;
    }

    private static SqlException CannotMatch(SqlType a, SqlType b, string what, TextPosition position) => BindingErrors.Mismatch(
        $"{what} types {BindingErrors.Name(a)} and {BindingErrors.Name(b)} cannot be matched",
        position, "You might need to add an explicit CAST.");

    private static SqlException CannotRead(string text, SqlType type, TextPosition position) => new(
        Npgsql.PostgresErrorCodes.InvalidTextRepresentation,
        $"invalid input syntax for type {type.Kind.ToString().ToUpperInvariant()}: \"{text}\".",
        $"The text is read as {BindingErrors.Name(type)} because of the values beside it.", position);
}

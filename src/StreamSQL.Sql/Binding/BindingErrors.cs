using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>The errors of binding, worded as the rule set's users know them.</summary>
internal static class BindingErrors
{
    public static SqlException UnknownRelation(QualifiedName name, IEnumerable<string> candidates, RuleSet rules) => new(
        PostgresErrorCodes.UndefinedTable,
        rules == RuleSet.Ksql ? $"{name.Last.Name} does not exist." : $"relation \"{name.ToString().ToLowerInvariant()}\" does not exist",
        DidYouMean(name.Last.Name, candidates, rules), name.Position);

    public static SqlException UnknownColumn(QualifiedName name, string clause, IEnumerable<string> candidates, RuleSet rules) => new(
        PostgresErrorCodes.UndefinedColumn,
        rules == RuleSet.Ksql ? UnknownColumn(name, clause) : $"column \"{Shown(name)}\" does not exist",
        DidYouMean(name.Last.Name, candidates, rules), name.Position);

    private static string UnknownColumn(QualifiedName name, string clause) => (clause, name.Last.Name) switch
    {
        ("WHERE", "WINDOWSTART" or "WINDOWEND") => $"Error in WHERE expression: Unknown column {Folded(name)}.",
        ("GROUP BY", "WINDOWSTART" or "WINDOWEND") => WindowBoundsOutsideSelect(name.Last.Name),
        ("PARTITION BY", _) =>
            $"PARTITION BY column '{Folded(name)}' cannot be resolved. '{Folded(name)}' must be a column in the source schema since " +
                "PARTITION BY is applied on the input.",
        _ => $"{Place(name.Position)}{clause} column '{Folded(name)}' cannot be resolved.",
    };

    /// <summary>What is said of WINDOWSTART and WINDOWEND where they cannot be.</summary>
    public static string WindowBoundsOutsideSelect(string column) =>
        $"Window bounds column {column} can only be used in the SELECT clause of windowed aggregations and can not be passed to " +
            "aggregate functions.";

    /// <summary>A place as ksqlDB writes it before some of its messages.</summary>
    public static string Place(TextPosition position) => $"Line: {position.Line}, Col: {position.Column}: ";

    public static SqlException UnknownAlias(Identifier alias, IEnumerable<string> candidates, RuleSet rules) => new(
        PostgresErrorCodes.UndefinedTable,
        rules == RuleSet.Ksql ? $"'{alias.Name}' is not a valid stream/table name or alias."
            : $"missing FROM-clause entry for table \"{alias.Text}\"",
        DidYouMean(alias.Name, candidates, rules), alias.Position);

    public static SqlException Ambiguous(QualifiedName name, IEnumerable<string> choices, RuleSet rules) => new(
        PostgresErrorCodes.AmbiguousColumn,
        rules == RuleSet.Ksql ? $"{Place(name.Position)}Column '{Folded(name)}' is ambiguous. Could be {string.Join(" or ", choices)}."
            : $"column reference \"{Shown(name)}\" is ambiguous",
        $"Write one of {string.Join(", ", choices.Select(choice => rules == RuleSet.Ksql ? choice : choice.ToLowerInvariant()))}.",
        name.Position);

    public static SqlException UnknownFunction(FunctionCall call, IEnumerable<string> candidates, RuleSet rules)
    {
        var name = call.Name.Last.Name;
        return new(
            PostgresErrorCodes.UndefinedFunction,
            rules == RuleSet.Ksql ? $"Can't find any functions with the name '{name}'"
                : $"function {name.ToLowerInvariant()} does not exist",
            DidYouMean(name, candidates, rules) ?? "SHOW FUNCTIONS lists them all.", call.Position);
    }

    public static SqlException WrongArguments(
        FunctionCall call, IEnumerable<SqlType> types, IEnumerable<string> signatures, RuleSet rules, bool isAggregate = false)
    {
        var arguments = string.Join(", ", types.Select(type => rules == RuleSet.Ksql ? Name(type) : PostgresName(type)));
        var name = call.Name.Last.Name;
        return new(
            PostgresErrorCodes.UndefinedFunction,
            rules == RuleSet.Ksql ? $"Function '{(isAggregate ? name : name.ToLowerInvariant())}' does not accept parameters ({arguments})."
                : $"function {name.ToLowerInvariant()}({arguments}) does not exist",
            $"It takes: {string.Join("; ", signatures.Take(6))}.", call.Position);
    }

    public static SqlException AmbiguousArguments(FunctionCall call, IEnumerable<SqlType> types) => new(
        PostgresErrorCodes.AmbiguousFunction,
        $"Function '{call.Name.Last.Name.ToLowerInvariant()}' cannot be resolved due to ambiguous method parameters (" +
            $"{string.Join(", ", types.Select(Name))}).",
        "You might need to add an explicit CAST.", call.Position);

    /// <summary>The arguments of a function that takes lambdas do not fit.</summary>
    /// <param name="call">The call.</param>
    /// <param name="types">The types of the arguments before the lambdas.</param>
    /// <param name="lambdas">How many parameters each lambda has.</param>
    /// <param name="signatures">What the function takes.</param>
    /// <param name="rules">Whose words are used.</param>
    public static SqlException WrongArguments(FunctionCall call, IEnumerable<SqlType> types, IEnumerable<int> lambdas,
        IEnumerable<string> signatures, RuleSet rules)
    {
        var arguments = string.Join(", ",
            [.. types.Select(type => rules == RuleSet.Ksql ? Name(type) : PostgresName(type)), .. lambdas.Select(static _ => "LAMBDA")]);
        return new(
            PostgresErrorCodes.UndefinedFunction,
            $"Function '{call.Name.Last.Name.ToLowerInvariant()}' does not accept parameters ({arguments}).",
            $"It takes: {string.Join("; ", signatures)}.", call.Position);
    }

    public static SqlException NotConstant(FunctionCall call, int index, BoundExpression argument) => Invalid(
        $"Parameter {index + 1} passed to function {call.Name.Last.Name} must be a literal constant, but was expression: "
        + $"'{(call.Arguments[index] is ColumnReference column ? column.Name.Last.Name : ExpressionPrinter.Print(argument))}'",
        call.Arguments[index].Position);

    public static SqlException WrongOperands(string symbol, SqlType left, SqlType right, TextPosition position, RuleSet rules)
    {
        var message = rules == RuleSet.Postgres ? $"operator does not exist: {PostgresName(left)} {symbol} {PostgresName(right)}"
            : symbol is "+" or "-" or "*" or "/" or "%" ? $"Arithmetic on types {Name(left)} and {Name(right)} are not supported."
            : $"operator does not exist: {Name(left)} {symbol} {Name(right)}";
        return new(PostgresErrorCodes.UndefinedFunction, message, "You might need to add explicit type casts.", position);
    }

    public static SqlException CannotCast(SqlType from, SqlType to, TextPosition position, RuleSet rules) => new(
        PostgresErrorCodes.CannotCoerce,
        rules == RuleSet.Ksql ? $"Cast of {Name(from)} to {Name(to)} is not supported"
            : $"cannot cast type {PostgresName(from)} to {PostgresName(to)}",
        position: position);

    public static SqlException Mismatch(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.DatatypeMismatch, message, hint, position);

    public static SqlException Grouping(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.GroupingError, message, hint, position);

    public static SqlException Windowing(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.WindowingError, message, hint, position);

    public static SqlException NotSupported(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.FeatureNotSupported, message, hint, position);

    /// <summary>What a setting forbids (55000).</summary>
    public static SqlException SwitchedOff(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.ObjectNotInPrerequisiteState, message, hint, position);

    public static SqlException Invalid(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.InvalidParameterValue, message, hint, position);

    /// <summary>A reference to a column by its place, or in a clause, that does not hold (42P10).</summary>
    public static SqlException ColumnReference(string message, TextPosition position) =>
        new(PostgresErrorCodes.InvalidColumnReference, message, null, position);

    public static SqlException Syntax(string message, TextPosition position, string? hint = null) =>
        new(PostgresErrorCodes.SyntaxError, message, hint, position);

    /// <summary>a, b and c.</summary>
    public static string Enumerate(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : $"{string.Join(", ", items.SkipLast(1))} and {items[^1]}";

    /// <summary>A hint with the nearest name; PostgreSQL's users read names that are all upper case in lower case.</summary>
    public static string? DidYouMean(string name, IEnumerable<string> candidates, RuleSet rules = RuleSet.Ksql) =>
        NearestName.Find(name, candidates) is not { } nearest
        ? null
        : $"Did you mean {(rules == RuleSet.Postgres && !nearest.Any(char.IsLower) ? nearest.ToLowerInvariant() : nearest)}?";

    /// <summary>A type as a ksqlDB user reads it: VARCHAR is STRING.</summary>
    public static string Name(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Varchar => "STRING",
        SqlTypeKind.Unknown => "null",
        _ => type.ToString().Replace("VARCHAR", "STRING", StringComparison.Ordinal),
    };

    /// <summary>A type as a PostgreSQL user reads it.</summary>
    public static string PostgresName(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Varchar => "text",
        SqlTypeKind.Double => "double precision",
        SqlTypeKind.Decimal or SqlTypeKind.Numeric => "numeric",
        SqlTypeKind.Bytes => "bytea",
        SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz => "timestamp with time zone",
        SqlTypeKind.PlainTimestamp => "timestamp without time zone",
        SqlTypeKind.Time or SqlTypeKind.PlainTime => "time without time zone",
        SqlTypeKind.JsonPath => "jsonpath",
        SqlTypeKind.TimeTz => "time with time zone",
        SqlTypeKind.Array when type.IsVector => type.ToString().ToLowerInvariant(),
        SqlTypeKind.Array => PostgresName(type.Element!) + "[]",
        SqlTypeKind.Struct when type.IsRow => "record",
        SqlTypeKind.Map or SqlTypeKind.Struct => "jsonb",
        _ => type.Kind.ToString().ToLowerInvariant(),
    };

    private static string Folded(QualifiedName name) => string.Join('.', name.Parts.Select(static part => part.Name));

    private static string Shown(QualifiedName name) =>
        string.Join('.', name.Parts.Select(static part => part.IsQuoted ? part.Text : part.Text.ToLowerInvariant()));
}

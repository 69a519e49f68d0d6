using System.Globalization;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Reads what a push query says behind EMIT CHANGES. The names are those of Materialize's SUBSCRIBE.</summary>
internal static class PushOptionsReader
{
    private const long DefaultProgressMs = 1000;
    private const long MaxProgressMs = 86_400_000;

    private static readonly (string Name, long Milliseconds)[] Units = [("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000)];

    /// <summary>The options of a query.</summary>
    /// <exception cref="SqlException">22023: one is unknown, or has no such value; 0A000: the query cannot have it.</exception>
    public static PushOptions Read(Query query, BindingContext context)
    {
        var (snapshot, progress) = (false, (long?)null);
        foreach (var option in query.EmitOptions)
        {
            switch (option.Name.ToUpperInvariant())
            {
                case "SNAPSHOT":
                    snapshot = option.Value is BooleanLiteral flag ? flag.Value : throw Invalid(option, "SNAPSHOT is TRUE or FALSE.");
                    break;
                case "PROGRESS":
                    progress = Interval(option);
                    break;
                default:
                    throw Invalid(option, "EMIT CHANGES knows SNAPSHOT = TRUE and PROGRESS = TRUE or '5s'.");
            }
        }

        if (snapshot && query.AsOf is not null)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, "SNAPSHOT and AS OF do not go together",
                "What is to be gone on from has had its snapshot.", query.EmitPosition);
        }

        return new(snapshot, progress, query.AsOf is { } position ? BindPosition(position, context) : null, query.EmitPosition);
    }

    private static BoundExpression BindPosition(Expression position, BindingContext context)
    {
        var bound = new ExpressionBinder(context, Scope.Empty, null) { Clause = "AS OF" }.Bind(position);
        return Coercion.To(bound, SqlType.Varchar, context, position.Position);
    }

    /// <summary>TRUE, or a duration: milliseconds, or a number with a unit.</summary>
    private static long? Interval(PropertySyntax option)
    {
        const string Hint = "PROGRESS is TRUE (one second), FALSE, or a duration of at most a day, such as '500ms' or '5s'.";
        if (option.Value is BooleanLiteral flag)
            return flag.Value ? DefaultProgressMs : null;
        var text = option.Value switch { NumberLiteral number => number.Text, StringLiteral literal => literal.Value.Trim(), _ => "" };
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var unit = text[digits..].Trim();
        return TryParse(text[..digits], unit.Length == 0 ? "ms" : unit, out var milliseconds) ? milliseconds : throw Invalid(option, Hint);
    }

    private static bool TryParse(string digits, string unit, out long milliseconds)
    {
        milliseconds = Array.Find(Units, known => known.Name == unit).Milliseconds;
        if (milliseconds == 0 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        milliseconds *= count;
        return milliseconds <= MaxProgressMs;
    }

    private static SqlException Invalid(PropertySyntax option, string hint) =>
        new(PostgresErrorCodes.InvalidParameterValue, $"invalid option {option.Name} of EMIT CHANGES", hint, option.Position);
}

using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Errors of operators and predicates as ksqlDB's users know them: with the clause, the expression, and the types of its parts.
/// </summary>
internal static class ExpressionErrors
{
    private static readonly Dictionary<string, string> Comparisons = new(StringComparer.Ordinal)
    {
        ["="] = "EQUAL", ["<>"] = "NOT_EQUAL", ["<"] = "LESS_THAN", ["<="] = "LESS_THAN_OR_EQUAL", [">"] = "GREATER_THAN",
        [">="] = "GREATER_THAN_OR_EQUAL",
    };

    public static bool IsComparison(string symbol) => Comparisons.ContainsKey(symbol);

    public static bool IsArithmetic(string symbol) => symbol is "+" or "-" or "*" or "/" or "%";

    public static SqlException NullComparison(BinaryExpression binary, SqlType left, SqlType right, string clause)
    {
        static string Side(Expression side, SqlType type) => side is NullLiteral ? "NULL" : BindingErrors.Name(type);
        return new(
            PostgresErrorCodes.DatatypeMismatch,
            $"{Prefix(clause)}Comparison with NULL not supported: {Side(binary.Left, left)} {binary.Operator} " +
                $"{Side(binary.Right, right)}\nUse 'IS NULL' or 'IS NOT NULL' instead.",
            position: binary.Position);
    }

    public static SqlException CannotCompare(BinaryExpression binary, SqlType left, SqlType right, string clause,
        Func<QualifiedName, string?> names) => new(
            PostgresErrorCodes.UndefinedFunction,
            $"{Prefix(clause)}Cannot compare {ExpressionText.Print(binary.Left, names)} ({BindingErrors.Name(left)})"
            + $" to {ExpressionText.Print(binary.Right, names)} ({BindingErrors.Name(right)}) with {Comparisons[binary.Operator]}.",
            "You might need to add explicit type casts.", binary.Position);

    public static SqlException Arithmetic(BinaryExpression binary, SqlType left, SqlType right) => new(
        PostgresErrorCodes.UndefinedFunction,
        $"Error processing expression: {ExpressionText.Print(binary)}. Arithmetic on types {BindingErrors.Name(left)} and " +
            $"{BindingErrors.Name(right)} are not supported.",
        "You might need to add explicit type casts.", binary.Position);

    /// <summary>An item of IN that does not compare with the other side.</summary>
    public static SqlException InvalidItem(SqlType operand, Expression item, SqlType type) => new(
        PostgresErrorCodes.UndefinedFunction,
        $"Invalid Predicate: operator does not exist: {BindingErrors.Name(operand)} = {BindingErrors.Name(type)} (" +
            $"{ExpressionText.Print(item)})\nHint: You might need to add explicit type casts.",
        position: item.Position);

    /// <summary>A text in IN that is no value of the other side's type.</summary>
    public static SqlException InvalidItem(SqlException error, Expression item) =>
        new(error.SqlState, $"Invalid Predicate: {error.Message}", error.Hint, error.Position ?? item.Position, inner: error);

    public static SqlException NotBoolean(Expression syntax, SqlType type, string clause) => new(
        PostgresErrorCodes.DatatypeMismatch,
        $"Type error in {clause} expression: Should evaluate to boolean but is {ExpressionText.Print(syntax)} (" +
            $"{BindingErrors.Name(type)}) instead.", position: syntax.Position);

    public static SqlException InvalidSelect(SqlException error) =>
        new(error.SqlState, $"Invalid Select: {error.Message}", error.Hint, error.Position, inner: error);

    /// <summary>A comparison that BETWEEN stands for.</summary>
    public static SqlException InBetween(SqlException error) => new(
        error.SqlState, error.Message.Replace("Cannot compare", "Invalid expression: Cannot compare", StringComparison.Ordinal), error.Hint,
        error.Position, inner: error);

    private static string Prefix(string clause) => clause is "WHERE" or "HAVING" ? $"Error in {clause} expression: " : "";
}

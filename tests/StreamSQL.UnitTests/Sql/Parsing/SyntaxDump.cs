using System.Collections;
using System.Reflection;
using System.Text;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.UnitTests.Sql.Parsing;

/// <summary>
/// A syntax tree as one line: <c>(Type member=value ...)</c>, in the order of the record's constructor and then its other properties.
/// Positions, source text and members that hold their default are left out, so that a case shows what it is about.
/// </summary>
internal static class SyntaxDump
{
    internal static string Of(object? value) => value switch
    {
        null => "null",
        Identifier name => name.IsQuoted ? $"\"{name.Name}\"" : name.Name,
        QualifiedName name => string.Join('.', name.Parts.Select(Of)),
        ColumnReference column => Of(column.Name),
        NumberLiteral number => number.Text,
        StringLiteral text => $"'{text.Value}'",
        NullLiteral => "NULL",
        BooleanLiteral literal => literal.Value ? "TRUE" : "FALSE",
        BinaryExpression binary => $"({Of(binary.Left)} {binary.Operator} {Of(binary.Right)})",
        string text => $"'{text}'",
        bool flag => flag ? "true" : "false",
        IEnumerable list => $"[{string.Join(" ", list.Cast<object?>().Select(Of))}]",
        SyntaxNode or WithClause or JoinWindow or WindowSpec or TransactionModes => Record(value),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    private static string Record(object node)
    {
        var text = new StringBuilder("(").Append(node.GetType().Name);
        foreach (var property in node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite))
        {
            var value = property.GetValue(node);
            if (property.PropertyType == typeof(TextPosition) || property.Name == nameof(Statement.Text) || IsDefault(value))
                continue;
            text.Append(' ').Append(property.Name).Append('=').Append(Of(value));
        }

        return text.Append(')').ToString();
    }

    private static bool IsDefault(object? value) => value switch
    {
        null or false or WithClause { Tables.Count: 0 } => true,
        string => false,
        IEnumerable list => !list.Cast<object>().Any(),
        Enum or int or long => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) == 0,
        _ => false,
    };
}

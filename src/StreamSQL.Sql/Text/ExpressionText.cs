using System.Runtime.CompilerServices;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Text;

/// <summary>Writes expressions as a ksqlDB user sees them in its messages: names in upper case, operators in parentheses.</summary>
internal static class ExpressionText
{
    /// <summary>The text of an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="relation">What unqualified columns are qualified with; null leaves them as they are.</param>
    public static string Print(Expression expression, string? relation = null) =>
        Print(expression, column => column.IsQualified || relation is null ? null : $"{relation}.{Name(column.Last)}");

    /// <summary>The text of an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="names">How columns are called; null for a column that is called as it was written.</param>
    public static string Print(Expression expression, Func<QualifiedName, string?> names)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        string Text(Expression inner) => Print(inner, names);
        string List(IEnumerable<Expression> items) => string.Join(", ", items.Select(Text));
        return expression switch
        {
            NullLiteral => "null",
            BooleanLiteral literal => literal.Value ? "true" : "false",
            NumberLiteral number => number.Text,
            StringLiteral text => Quoted(text.Value),
            TypedLiteral typed => $"{Type(typed.Type)} {Quoted(typed.Value)}",
            ColumnReference column when names(column.Name) is { } name => name,
            ColumnReference column => string.Join('.', column.Name.Parts.Select(Name)),
            FieldAccess field => $"{Text(field.Operand)}->{Name(field.Field)}",
            SubscriptExpression item => $"{Text(item.Operand)}[{Text(item.Index)}]",
            UnaryExpression unary => $"{unary.Operator}{Text(unary.Operand)}",
            BinaryExpression binary => $"({Text(binary.Left)} {binary.Operator} {Text(binary.Right)})",
            LogicalExpression logical => logical.Operands.Skip(1)
                .Aggregate(Text(logical.Operands[0]), (left, right) => $"({left} {(logical.IsAnd ? "AND" : "OR")} {Text(right)})"),
            NotExpression not => $"(NOT {Text(not.Operand)})",
            IsNullExpression test => $"({Text(test.Operand)} IS {(test.Negated ? "NOT " : "")}NULL)",
            IsDistinctExpression test => $"({Text(test.Left)} IS {(test.Negated ? "NOT " : "")}DISTINCT FROM {Text(test.Right)})",
            BetweenExpression between =>
                $"({Text(between.Operand)} {(between.Negated ? "NOT " : "")}BETWEEN {Text(between.Lower)} AND {Text(between.Upper)})",
            LikeExpression like => $"({Text(like.Operand)} {(like.Negated ? "NOT " : "")}LIKE {Text(like.Pattern)})",
            InListExpression list => $"({Text(list.Operand)} {(list.Negated ? "NOT " : "")}IN ({List(list.Items)}))",
            CaseExpression choice => Case(choice, Text),
            CastExpression cast => $"CAST({Text(cast.Operand)} AS {Type(cast.Type)})",
            ArrayExpression array => $"ARRAY[{List(array.Elements)}]",
            MapExpression map => $"MAP({string.Join(", ", map.Entries.Select(entry => $"{Text(entry.Key)}:={Text(entry.Value)}"))})",
            StructExpression row => $"STRUCT({string.Join(", ", row.Fields.Select(field => $"{Name(field.Name)}:={Text(field.Value)}"))})",
            WholeRowReference whole => $"{whole.Relation}.*",
            RowExpression row => $"({List(row.Elements)})",
            FunctionCall call => $"{call.Name.Last.Name}({(call.IsStar ? "*" : List(call.Arguments))})",
            _ => "this expression",
        };
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Case(CaseExpression choice, Func<Expression, string> text)
    {
        var operand = choice.Operand is null ? "" : " " + text(choice.Operand);
        var branches = string.Concat(choice.Branches.Select(branch => $" WHEN {text(branch.Condition)} THEN {text(branch.Result)}"));
        return $"(CASE{operand}{branches}{(choice.Else is null ? "" : " ELSE " + text(choice.Else))} END)";
    }

    private static string Name(Identifier name) =>
        name.Name.Length > 0 && name.Name.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')
            && !char.IsAsciiDigit(name.Name[0]) ? name.Name : $"`{name.Name}`";

    private static string Type(DataTypeSyntax type) => type switch
    {
        NamedTypeSyntax named => named.Name.Last.Name + (named.Arguments.Count == 0 ? "" : $"({string.Join(", ", named.Arguments)})"),
        ArrayTypeSyntax array => $"ARRAY<{Type(array.Element)}>",
        MapTypeSyntax map => $"MAP<{Type(map.Key)}, {Type(map.Value)}>",
        StructTypeSyntax row => $"STRUCT<{string.Join(", ", row.Fields.Select(static field => $"{Name(field.Name)} {Type(field.Type)}"))}>",
        _ => "a type",
    };
}

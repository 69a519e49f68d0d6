using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Writes the condition of a join for messages, every column with the name of its source.</summary>
internal static class JoinText
{
    /// <summary>The text of an expression as it was written.</summary>
    public static string Of(Expression syntax, BoundExpression bound, Scope scope) =>
        bound is BoundColumn column ? Of(column, scope) : Of(syntax, scope);

    /// <summary>A column with its source's name.</summary>
    public static string Of(BoundColumn column, Scope scope) =>
        scope.Columns.FirstOrDefault(c => c.Index == column.Index) is { Relation: { } relation } named ? $"{relation}.{named.Name}"
            : column.Name;

    /// <summary>The text of an expression.</summary>
    public static string Of(Expression syntax, Scope scope) => syntax switch
    {
        ColumnReference reference => Of(reference.Name, scope),
        NullLiteral => "null",
        BooleanLiteral literal => literal.Value ? "true" : "false",
        NumberLiteral number => number.Text,
        StringLiteral text => $"'{text.Value}'",
        BinaryExpression binary => $"({Of(binary.Left, scope)} {binary.Operator} {Of(binary.Right, scope)})",
        UnaryExpression unary => unary.Operator + Of(unary.Operand, scope),
        LogicalExpression logical =>
            $"({string.Join(logical.IsAnd ? " AND " : " OR ", logical.Operands.Select(operand => Of(operand, scope)))})",
        FunctionCall call => $"{call.Name.Last.Name}({string.Join(", ", call.Arguments.Select(argument => Of(argument, scope)))})",
        CastExpression cast => $"CAST({Of(cast.Operand, scope)} AS ...)",
        FieldAccess field => $"{Of(field.Operand, scope)}->{field.Field.Name}",
        SubscriptExpression item => $"{Of(item.Operand, scope)}[{Of(item.Index, scope)}]",
        _ => "...",
    };

    private static string Of(QualifiedName name, Scope scope)
    {
        if (name.IsQualified)
            return string.Join('.', name.Parts.Select(static part => part.Name));
        var owners = scope.Columns.Where(column => column.Name == name.Last.Name).Select(static column => column.Relation).ToList();
        return owners.Count == 1 ? $"{owners[0]}.{name.Last.Name}" : name.Last.Name;
    }
}

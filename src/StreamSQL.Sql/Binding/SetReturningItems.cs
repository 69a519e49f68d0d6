using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// A function that gives rows may stand in a select list, as all of an item or with one field taken: <c>SELECT generate_series(1, 3)</c>. It means the
/// same as the function in FROM beside the other items, with the column selected.
/// </summary>
internal static class SetReturningItems
{
    private const string Alias = "SELECT_LIST_FUNCTION";

    /// <summary>The SELECT with the function moved to FROM; itself where there is none.</summary>
    /// <exception cref="SqlException">0A000: there are several.</exception>
    public static SelectBody Rewrite(SelectBody select)
    {
        var found = select.Items.OfType<ExpressionItem>().Where(static item => CallOf(item) is { } call && TableFunctions.IsTableFunction(call)).ToList();
        if (found.Count == 0)
            return select;
        var item = found[0];
        var call = CallOf(item)!;
        if (found.Count > 1 && found.Any(other => CallOf(other) != call))
            throw BindingErrors.NotSupported("several functions that give rows in one select list are not supported", found[1].Position, "Use them in FROM.");
        var alias = new Identifier(Alias, true, call.Position);
        var relation = new FunctionReference(call, false, false, new TableAlias(alias, [], call.Position), [], call.Position);
        var items = select.Items.Select(other => other is ExpressionItem expression && found.Contains(expression) ? Selected(expression, call, alias) : other);
        return select with { Items = [.. items], From = [.. select.From, relation] };
    }

    private static FunctionCall? CallOf(ExpressionItem item) => item.Expression switch
    {
        FunctionCall call => call,
        FieldAccess { IsArrow: false, Operand: FunctionCall call } => call,
        _ => null,
    };

    private static ExpressionItem Selected(ExpressionItem item, FunctionCall call, Identifier alias)
    {
        var field = item.Expression is FieldAccess access ? access.Field : alias;
        return item with
        {
            Expression = new ColumnReference(new QualifiedName([alias, field], call.Position)),
            Alias = item.Alias ?? (item.Expression is FieldAccess ? field : call.Name.Last),
        };
    }
}

using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Whether WHERE finds the rows of a table by key, so that the table need not be scanned: every way of fulfilling it must give all key
/// columns a value, or bound the only one.
/// </summary>
internal sealed class PullKeyRules(SourceDefinition source, bool rangesAreOff)
{
    private const int MaxDisjuncts = 1000;
    private const string Hint = "Set ksql.query.pull.table.scan.enabled to true, or give the whole key.";

    private readonly List<string> _keys = [.. source.Columns.Where(static column => column.IsKey).Select(static column => column.Name)];

    /// <exception cref="SqlException">55000: the table would have to be scanned.</exception>
    public void Check(SelectBody select)
    {
        if (select.Where is not { } where)
            throw Refuse("Missing WHERE clause. Query requires table scan to be enabled.", select.Position);
        foreach (var disjunct in Disjuncts(where))
            CheckDisjunct(disjunct, where.Position);
    }

    private static IEnumerable<IReadOnlyList<Expression>> Disjuncts(Expression expression)
    {
        if (expression is not LogicalExpression logical)
            return [[expression]];
        if (!logical.IsAnd)
            return logical.Operands.SelectMany(Disjuncts);
        List<IReadOnlyList<Expression>> combined = [[]];
        foreach (var operand in logical.Operands)
        {
            combined = [.. combined.SelectMany(left => Disjuncts(operand).Select(right => (IReadOnlyList<Expression>)[.. left, .. right]))
                .Take(MaxDisjuncts + 1)];
            if (combined.Count > MaxDisjuncts)
                throw BindingErrors.NotSupported($"WHERE can be fulfilled in more than {MaxDisjuncts} ways", operand.Position, Hint);
        }

        return combined;
    }

    private void CheckDisjunct(IReadOnlyList<Expression> conditions, TextPosition position)
    {
        var onKeys = conditions.Select(condition => (Condition: condition, Key: KeyOf(condition, out var isEquality),
            IsEquality: isEquality)).Where(static c => c.Key is not null).ToList();
        if (onKeys.Count == 0 && conditions.Any(static condition => condition is LikeExpression { Operand: not ColumnReference }))
            throw Refuse("Like condition must be between strings, one of them a column.", position);
        if (onKeys.Count == 0)
            throw Refuse("WHERE clause missing key column for disjunct: " +
                $"{string.Join(" AND ", conditions.Select(static c => ExpressionText.Print(c)))}", position);
        if (onKeys.GroupBy(static c => c.Key).Any(static group => group.Count() > 1))
        {
            throw Refuse(
                "A comparison condition on the key column cannot be combined with other comparisons such as an IN predicate", position);
        }

        if (onKeys.Count < _keys.Count)
            throw Refuse("Multi-column sources must specify every key in the WHERE clause", position);
        if (onKeys.All(static c => c.IsEquality))
            return;
        if (onKeys.Any(static c => c.Condition is BinaryExpression { Operator: "<>" }))
        {
            var keys = string.Join(
                ", ", source.Columns.Where(static c => c.IsKey).Select(static c => $"`{c.Name}` {BindingErrors.Name(c.Type)} KEY"));
            throw Refuse($"Bound on key columns '[{keys}]' must currently be '='.", position);
        }

        if (rangesAreOff || _keys.Count > 1 || source.Window is not null)
            throw Refuse("Query requires table scan to be enabled.", position);
    }

    // The key column that a condition compares with something else; null when it does not.
    private string? KeyOf(Expression condition, out bool isEquality)
    {
        isEquality = condition is BinaryExpression { Operator: "=" } or InListExpression { Negated: false };
        var sides = condition switch
        {
            BinaryExpression binary when ExpressionErrors.IsComparison(binary.Operator) => (Expression[])[binary.Left, binary.Right],
            InListExpression { Negated: false } list => [list.Operand],
            _ => [],
        };
        return sides.OfType<ColumnReference>().Select(static side => side.Name.Last.Name).FirstOrDefault(_keys.Contains);
    }

    // 55000: it could be done, and a setting says no.
    private static SqlException Refuse(string message, TextPosition position) => BindingErrors.SwitchedOff(message, position, Hint);
}

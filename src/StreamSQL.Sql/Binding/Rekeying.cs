using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>Gives rows another key, and keeps names meaning what they meant.</summary>
internal static class Rekeying
{
    /// <summary>The plan keyed by the expressions: itself when it already is.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="scope">What can be named in it.</param>
    /// <param name="keys">The new keys over the plan.</param>
    /// <param name="fields">By key: the field's name where it was written as one of a STRUCT, which names it; else null.</param>
    /// <param name="shift">Moves columns of the scope to where they stand afterwards: a column that became a key is the key.</param>
    public static LogicalPlan By(
        LogicalPlan plan, Scope scope, IReadOnlyList<BoundExpression> keys, IReadOnlyList<string?> fields,
        out Func<IReadOnlyList<ScopeColumn>, IReadOnlyList<ScopeColumn>> shift)
    {
        var schema = plan.Schema;
        if (keys.Count == schema.KeyCount && keys.Select(static (key, i) => key is BoundColumn column && column.Index == i)
            .All(static same => same))
        {
            shift = static columns => columns;
            return plan;
        }

        var columns = keys.Select((key, i) => new PlanColumn(NameOf(key, i, scope, fields), key.Type, ColumnRole.Key))
            .Concat(schema.Columns.Select(static column => column with { Role = ColumnRole.Value }));
        shift = named => [.. named.Select(column => Move(column, keys)).OrderBy(static c => c.Role == ColumnRole.Key ? 0 : c.Moved ? 2 : 1)
            .Select(static c => c.Column)];
        return new LogicalRekey(plan, keys, new PlanSchema([.. columns], schema.Kind));
    }

    private static (ScopeColumn Column, ColumnRole Role, bool Moved) Move(ScopeColumn column, IReadOnlyList<BoundExpression> keys)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i] is BoundColumn key && key.Index == column.Index)
                return (column with { Index = i, Role = ColumnRole.Key }, ColumnRole.Key, false);
        }

        // A former key goes to the end of the values.
        return (column with { Index = column.Index + keys.Count, Role = ColumnRole.Value }, ColumnRole.Value,
            column.Role == ColumnRole.Key);
    }

    private static string NameOf(BoundExpression key, int index, Scope scope, IReadOnlyList<string?> fields) =>
        key is BoundColumn column && scope.Columns.FirstOrDefault(c => c.Index == column.Index) is { } named ? named.Name
        : key is BoundPseudoColumn pseudo ? pseudo.Kind.ToString().ToUpperInvariant()
        : fields[index] ?? $"KSQL_COL_{index}";
}

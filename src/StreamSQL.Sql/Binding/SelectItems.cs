using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>A column of a select list, bound.</summary>
internal sealed record BoundItem(BoundExpression Expression, string Name, TextPosition Position)
{
    /// <summary>Whether its name was written, not derived.</summary>
    public bool HasAlias { get; init; }

    /// <summary>How it was written; null for what a star stands for.</summary>
    public Expression? Syntax { get; init; }

    /// <summary>Its text, for errors.</summary>
    public string Text => Syntax is null ? Name : Sql.Text.ExpressionText.Print(Syntax);

    /// <summary>Whether it is a new key that a star stands for.</summary>
    public bool IsKeyOfStar { get; init; }
}

/// <summary>Binds select lists: expands stars and names columns.</summary>
internal static class SelectItems
{
    public static List<BoundItem> Bind(IReadOnlyList<SelectItem> items, ExpressionBinder binder, Scope scope, BindingContext context,
        ColumnNames names)
    {
        var bound = new List<BoundItem>();
        foreach (var item in items)
        {
            switch (item)
            {
                case StarItem star:
                    bound.AddRange(Expand(star, scope, context, names));
                    break;
                case FieldsItem fields:
                    bound.AddRange(Expand(fields, binder));
                    break;
                case ExpressionItem { Expression: var expression } single:
                    var value = binder.Bind(expression);
                    bound.Add(new BoundItem(value, single.Alias?.Name ?? names.Of(expression, value), item.Position)
                        { HasAlias = single.Alias is not null, Syntax = expression });
                    break;
                default:
                    throw new InvalidOperationException($"unknown select item {item.GetType().Name}");
            }
        }

        return bound;
    }

    private static IEnumerable<BoundItem> Expand(FieldsItem item, ExpressionBinder binder)
    {
        var operand = binder.Bind(item.Operand);
        return operand.Type.Kind == Data.Types.SqlTypeKind.Struct
            ? operand.Type.Fields.Select(field => new BoundItem(binder.FieldOf(operand, new Identifier(field.Name, true, item.Position)),
                field.Name, item.Position))
            : throw BindingErrors.Mismatch($"->* needs a STRUCT, not {BindingErrors.Name(operand.Type)}", item.Position);
    }

    private static IEnumerable<BoundItem> Expand(StarItem star, Scope scope, BindingContext context, ColumnNames names)
    {
        var columns = star.Qualifier is null
            ? scope.Columns.Where(static c => !c.IsMerged).ToList()
            : Scope.Match(scope.Columns, star.Qualifier.Last, context.Rules, static c => c.Relation ?? "")
                .OrderBy(static c => c.Index).ToList();
        if (columns.Count == 0)
        {
            throw star.Qualifier is null
                ? BindingErrors.Syntax("SELECT * with no tables specified is not valid", star.Position)
                : BindingErrors.UnknownAlias(star.Qualifier.Last, scope.Relations, context.Rules);
        }

        return columns.Where(column => !column.IsPseudo && column.Role != ColumnRole.System && names.ShowsInStar(column)).Select(column =>
            new BoundItem(new BoundColumn(column.Index, column.Name, column.Type), names.OfStar(column), star.Position));
    }
}

/// <summary>How columns without an alias are named.</summary>
internal abstract class ColumnNames
{
    /// <summary>The name of an expression.</summary>
    public abstract string Of(Expression syntax, BoundExpression bound);

    /// <summary>The name of a column that a star stands for.</summary>
    public abstract string OfStar(ScopeColumn column);

    /// <summary>Whether a star stands for the column.</summary>
    public virtual bool ShowsInStar(ScopeColumn column) => true;
}

/// <summary>
/// ksqlDB's names: the column's, the field's, or KSQL_COL_n; a column whose name stands in several
/// joined sources gets its source's in front.
/// </summary>
internal sealed class KsqlColumnNames(Scope scope, bool showsWindow) : ColumnNames
{
    private readonly HashSet<string> _taken = [.. scope.Columns.Select(static column => column.Name)];
    private int _generated;

    public override bool ShowsInStar(ScopeColumn column) =>
        showsWindow || scope.HasSeveralRelations || column.Role is ColumnRole.Key or ColumnRole.Value;

    public override string OfStar(ScopeColumn column) => scope.HasSeveralRelations
        && column.Relation is not null ? $"{column.Relation}_{column.Name}" : column.Name;

    public override string Of(Expression syntax, BoundExpression bound) => (syntax, bound) switch
    {
        (ColumnReference, BoundColumn column) => Qualified(column),
        (ColumnReference reference, _) => reference.Name.Last.Name,
        (FieldAccess field, _) => OfField(field),
        _ => Generated(),
    };

    /// <summary>The name of a field of a STRUCT.</summary>
    public string OfField(FieldAccess field) => Free(field.Field.Name);

    // A field's name that a column of the source has, or another field, gets a number.
    private string Free(string name)
    {
        var free = name;
        for (var number = 1; !_taken.Add(free); number++)
            free = $"{name}_{number}";
        return free;
    }

    private string Generated()
    {
        string name;
        do
        {
            name = $"KSQL_COL_{_generated++}";
        }
        while (_taken.Contains(name));
        return name;
    }

    private string Qualified(BoundColumn column)
    {
        var found = scope.Columns.FirstOrDefault(c => c.Index == column.Index);
        return found?.Relation is { } relation && scope.Columns.Any(c => c.Name == column.Name && c.Relation != relation)
            ? $"{relation}_{column.Name}" : column.Name;
    }
}

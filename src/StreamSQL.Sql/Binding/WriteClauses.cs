using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>What INSERT, UPDATE and DELETE have in common: assignments, ON CONFLICT, RETURNING.</summary>
internal sealed class WriteClauses(BindingContext context, QueryPlanner queries)
{
    /// <summary>The name that the row that was to be inserted has in ON CONFLICT ... DO UPDATE.</summary>
    private const string Excluded = "EXCLUDED";

    /// <summary>The columns of a target, which expressions find by its name or alias.</summary>
    public static IEnumerable<ScopeColumn> ColumnsOf(SourceDefinition target, string relation, int offset = 0) =>
        target.Columns.Select((column, i) => new ScopeColumn(
            relation, column.Name, offset + i, column.Type, column.IsKey ? ColumnRole.Key : ColumnRole.Value));

    /// <summary>Binds a RETURNING list; null when there is none.</summary>
    public ReturningList? Returning(IReadOnlyList<SelectItem> items, Scope scope)
    {
        if (items.Count == 0)
            return null;
        var position = items[0].Position;
        var bound = SelectItems.Bind(
            items, new ExpressionBinder(context, scope, queries) { Clause = "RETURNING" }, scope, context, PostgresColumnNames.Instance);
        var expressions = bound.Select(item => item.Expression.Type.Kind == Data.Types.SqlTypeKind.Unknown
            ? Coercion.To(item.Expression, Data.Types.SqlType.Varchar, context, item.Position)
            : item.Expression).ToArray();
        var schema = new PlanSchema([.. bound.Select((item, i) => new PlanColumn(item.Name, expressions[i].Type, ColumnRole.Value))],
            RelationKind.Rows);
        return new ReturningList(expressions, schema,
            ResultNames.Of(new Query(new SelectBody(items, position), position), schema, context));
    }

    /// <summary>Binds ON CONFLICT; null when it changes nothing: there is none, or no row of a stream can be in conflict.</summary>
    /// <exception cref="SqlException">42P10: the columns are not the target's key.</exception>
    public ConflictAction? Conflict(OnConflict? clause, SourceDefinition target)
    {
        if (clause is null)
            return null;
        if (target.Kind == RelationKind.Table && (target.QueryId is not null || target.Window is not null))
            throw BindingErrors.NotSupported($"ON CONFLICT is not supported on table {target.Name}: its rows are the result of a query",
                clause.Position);
        RequireKey(clause, target);
        if (target.Kind == RelationKind.Stream)
            return null;
        if (clause.Assignments.Count == 0)
            return new ConflictAction(null, null);
        var width = target.Columns.Count;
        var scope = new Scope([.. ColumnsOf(target, target.Name), .. ColumnsOf(target, Excluded, width)], null);
        var values = Assign(clause.Assignments, target, new ExpressionBinder(context, scope, queries) { Clause = "SET" },
            static row => row);
        var condition = clause.Where is null ? null : new ExpressionBinder(context, scope, queries)
            { Clause = "WHERE" }.BindCondition(clause.Where);
        return new ConflictAction(values, condition);
    }

    /// <summary>The new values of all columns, over a scope in which the target's columns stand first.</summary>
    /// <param name="assignments">SET.</param>
    /// <param name="target">What is written.</param>
    /// <param name="binder">Binds the values.</param>
    /// <param name="placeRow">Where the row of a query stands of which several columns are assigned.</param>
    public BoundExpression[] Assign(
        IReadOnlyList<Assignment> assignments, SourceDefinition target, ExpressionBinder binder,
        Func<BoundSubquery, BoundExpression> placeRow)
    {
        var rows = new Dictionary<ScalarQueryExpression, BoundExpression>(ReferenceEqualityComparer.Instance);
        BoundExpression Bind(Expression value)
        {
            if (value is not QueryColumnExpression column)
                return binder.Bind(value);
            if (!rows.TryGetValue(column.Query, out var row))
                rows.Add(column.Query, row = placeRow(binder.QueryRow(column.Query, column.Count)));
            return StructFunctions.Field(row, $"f{column.Index + 1}", context)!;
        }

        var values = target.Columns.Select(static (column, i) => (BoundExpression)new BoundColumn(i, column.Name, column.Type)).ToArray();
        foreach (var assignment in assignments)
        {
            var place = PlaceOf(assignment, target, assignments);
            values[place] = assignment.Value is { } value
                ? RowAssignment.Assign(Bind(value), target.Columns[place], context, value.Position)
                : ColumnDefaults.Of(target.Columns[place], context);
        }

        return values;
    }

    private void RequireKey(OnConflict clause, SourceDefinition target)
    {
        var isUpdate = clause.Assignments.Count > 0;
        if (clause.Constraint is { } constraint)
        {
            RequireConstraint(constraint, target);
            return;
        }

        if (clause.Columns.Count == 0)
        {
            if (!isUpdate)
                return;
            throw BindingErrors.Syntax(
                "ON CONFLICT DO UPDATE requires inference specification or constraint name", clause.Position,
                "For example, ON CONFLICT (column_name).");
        }

        var keys = target.Kind == RelationKind.Table ? target.Columns.Where(static column => column.IsKey)
            .Select(static column => column.Name).ToArray() : [];
        var named = clause.Columns.Select(name =>
            Scope.Match([.. target.Columns], name, context.Rules, static column => column.Name) is [var column]
            ? column.Name
            : throw BindingErrors.UnknownColumn(new QualifiedName([name], name.Position), "ON CONFLICT",
                target.Columns.Select(static c => c.Name), context.Rules));
        if (!named.ToHashSet(StringComparer.Ordinal).SetEquals(keys))
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidColumnReference,
                "there is no unique or exclusion constraint matching the ON CONFLICT specification",
                keys.Length == 0 ? "Rows of a stream have no unique key."
                    : $"A table has one: its primary key ({string.Join(", ", keys)}).", clause.Position);
        }
    }

    // The one constraint of a table is its primary key, under the name that PostgreSQL would give it.
    private static void RequireConstraint(Identifier constraint, SourceDefinition target)
    {
        var name = $"{target.Name}_pkey";
        if (target.Kind == RelationKind.Table && string.Equals(constraint.Text, name, StringComparison.OrdinalIgnoreCase))
            return;
        throw new SqlException(
            PostgresErrorCodes.UndefinedObject,
            $"constraint \"{DisplayName.Of(constraint.Name)}\" for table \"{DisplayName.Of(target.Name)}\" does not exist",
            target.Kind == RelationKind.Table ? $"A table has one, of its primary key: {DisplayName.Of(target.Name)}_pkey."
                : "Rows of a stream have no unique key.", constraint.Position);
    }

    private int PlaceOf(Assignment assignment, SourceDefinition target, IReadOnlyList<Assignment> all)
    {
        var name = assignment.Column;
        var found = Scope.Match([.. target.Columns.Select(static (c, index) => (c.Name, index))], name, context.Rules, static c => c.Name);
        if (found.Count != 1)
            throw BindingErrors.UnknownColumn(new QualifiedName([name], name.Position), "SET", target.Columns.Select(static c => c.Name),
                context.Rules);
        if (all.Count(other => other.Column.Name == name.Name) > 1)
            throw new SqlException(PostgresErrorCodes.SyntaxError, $"multiple assignments to same column \"{name}\"",
                position: name.Position);
        var place = found[0].index;
        if (target.Columns[place].IsKey)
        {
            throw BindingErrors.NotSupported(
                $"the primary key {target.Columns[place].Name} of a row cannot be changed", name.Position,
                "DELETE the row and INSERT one with the new key.");
        }

        return place;
    }
}

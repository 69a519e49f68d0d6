using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans UPDATE and DELETE: a bounded query of the rows that are meant, which are then written whole or deleted by key.</summary>
internal sealed class ChangePlanner(PlanningContext planning)
{
    private readonly BindingContext _context = new(planning, isContinuous: false);

    public PlannedRowChange Plan(UpdateStatement update)
    {
        if (update.From.Count > 0 || update.Returning.Count > 0)
            throw BindingErrors.NotSupported("FROM and RETURNING of an UPDATE are not supported", update.Position, "Use a sub-query in SET or WHERE.");
        var target = Target(update.Target, "UPDATE");
        var queries = new QueryPlanner(_context, new Dictionary<string, LogicalPlan>());
        var rows = Rows(queries, update.Target, update.Alias, target.Columns, update.Where, update.Position);
        var binder = new ExpressionBinder(_context, Scope.Of(rows, (update.Alias ?? update.Target.Last).Name), queries) { Clause = "SET" };
        var values = target.Columns.Select(static (column, i) => (BoundExpression)new BoundColumn(i, column.Name, column.Type)).ToArray();
        foreach (var assignment in update.Assignments)
        {
            var place = PlaceOf(assignment, target, update.Assignments);
            values[place] = assignment.Value is { } value
                ? RowAssignment.Assign(binder.Bind(value), target.Columns[place], _context, value.Position)
                : new BoundLiteral(null, target.Columns[place].Type);
        }

        return Change(target, new LogicalProject(rows, values, rows.Schema), isDelete: false);
    }

    public PlannedRowChange Plan(DeleteStatement delete)
    {
        if (delete.Using.Count > 0 || delete.Returning.Count > 0)
            throw BindingErrors.NotSupported("USING and RETURNING of a DELETE are not supported", delete.Position, "Use a sub-query in WHERE.");
        var target = Target(delete.Target, "DELETE");
        var queries = new QueryPlanner(_context, new Dictionary<string, LogicalPlan>());
        return Change(target, Rows(queries, delete.Target, delete.Alias, target.Columns.Where(static c => c.IsKey), delete.Where, delete.Position), isDelete: true);
    }

    private PlannedRowChange Change(SourceDefinition target, LogicalPlan rows, bool isDelete) => new(
        target, new PlannedSelect(PlanOptimizer.Optimize(rows), false, [.. rows.Schema.Columns.Select(static c => c.Name)], _context.ParameterTypes), isDelete);

    private SourceDefinition Target(QualifiedName name, string statement)
    {
        var target = CatalogRelations.Get(name, _context);
        if (target.Kind == RelationKind.Stream)
            throw BindingErrors.NotSupported($"{statement} is not supported on stream {target.Name}", name.Position, "The events of a stream stay as they were: only rows of tables can change.");
        if (target.IsReadOnly)
            throw BindingErrors.NotSupported($"{statement} is not supported on read-only table {target.Name}", name.Position);
        if (target.QueryId is not null || target.Window is not null)
            throw BindingErrors.NotSupported($"{statement} is not supported on table {target.Name}: its rows are the result of a query", name.Position);
        return target;
    }

    private static LogicalPlan Rows(
        QueryPlanner queries, QualifiedName target, Identifier? alias, IEnumerable<SourceColumn> columns, Expression? where, TextPosition position)
    {
        var qualifier = alias ?? target.Last;
        var items = columns.Select(column =>
            new ExpressionItem(new ColumnReference(new QualifiedName([qualifier, new Identifier(column.Name, true, position)], position)), null, position));
        var from = new TableReference(target, alias is null ? null : new TableAlias(alias, [], alias.Position), target.Position);
        return queries.Plan(new Query(new SelectBody([.. items], position) { From = [from], Where = where }, position), null).Plan;
    }

    private int PlaceOf(Assignment assignment, SourceDefinition target, IReadOnlyList<Assignment> all)
    {
        var name = assignment.Column;
        var found = Scope.Match([.. target.Columns.Select(static (c, index) => (c.Name, index))], name, _context.Rules, static c => c.Name);
        if (found.Count != 1)
            throw BindingErrors.UnknownColumn(new QualifiedName([name], name.Position), "SET", target.Columns.Select(static c => c.Name), _context.Rules);
        if (all.Count(other => other.Column.Name == name.Name) > 1)
            throw new SqlException(Npgsql.PostgresErrorCodes.SyntaxError, $"multiple assignments to same column \"{name}\"", position: name.Position);
        var place = found[0].index;
        if (target.Columns[place].IsKey)
        {
            throw BindingErrors.NotSupported(
                $"the primary key {target.Columns[place].Name} of a row cannot be changed", name.Position, "DELETE the row and INSERT one with the new key.");
        }

        return place;
    }
}

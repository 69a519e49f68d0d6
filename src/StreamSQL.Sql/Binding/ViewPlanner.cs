using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>Makes views, and plans them where they are read.</summary>
public static class ViewPlanner
{
    /// <summary>The view of a name; null when there is none.</summary>
    internal static ViewDefinition? Find(QualifiedName name, BindingContext context)
    {
        if (name.IsQualified && !name.Parts[^2].Name.Equals("PUBLIC", StringComparison.OrdinalIgnoreCase))
            return null;
        var views = context.Planning.Catalog.Views;
        if (views.TryGetValue(name.Last.Name, out var exact))
            return exact;
        return context.Rules == RuleSet.Postgres && name.Last.IsQuoted ? views.GetValueOrDefault(name.Last.Text.ToUpperInvariant()) : null;
    }

    /// <summary>The error where a stream or table is wanted.</summary>
    internal static SqlException NoSource(ViewDefinition view, QualifiedName name) => new(
        PostgresErrorCodes.WrongObjectType, $"\"{DisplayName.Of(view.Name)}\" is a view",
        "Views are read by SELECT without EMIT CHANGES; name what it reads.", name.Position);

    /// <summary>The rows of a view.</summary>
    /// <exception cref="SqlException">42P17: it reads itself; what its query throws, without a place.</exception>
    internal static LogicalPlan Expand(ViewDefinition view, BindingContext context)
    {
        if (context.OpenViews.Contains(view.Name) || context.DefinedView == view.Name)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidObjectDefinition,
                $"infinite recursion detected in rules for relation \"{DisplayName.Of(view.Name)}\"");
        }

        context.OpenViews.Push(view.Name);
        try
        {
            var query = ((QueryStatement)SqlParser.ParseStatement(view.Query)).Query;
            var plan = Plan(query, context);
            int[] places = [.. view.Columns.Select(column => PlaceOf(plan, column.QueryName))];
            return new LogicalProject(
                plan, [.. places.Select(place => new BoundColumn(place, plan.Schema.Columns[place].Name, plan.Schema.Columns[place].Type))],
                new PlanSchema(
                    [.. view.Columns.Select((column, i) =>
                        new PlanColumn(column.Name, plan.Schema.Columns[places[i]].Type, ColumnRole.Value))], RelationKind.Rows));
        }
        catch (SqlException error) when (error.Position is not null)
        {
            // A place in the view's text is none in the statement's.
            throw new SqlException(error.SqlState, error.Message, $"This is of the query of view {DisplayName.Of(view.Name)}.",
                inner: error);
        }
        finally
        {
            context.OpenViews.Pop();
        }
    }

    /// <summary>The view that a CREATE VIEW makes.</summary>
    /// <exception cref="SqlException">The query is wrong, or cannot be a view; 42P07: the name is
    /// taken; 42P16: OR REPLACE would change columns.</exception>
    public static ViewDefinition Define(CreateViewStatement create, PlanningContext planning)
    {
        if (create.Name.IsQualified && !create.Name.Parts[^2].Name.Equals("PUBLIC", StringComparison.OrdinalIgnoreCase))
            throw BindingErrors.NotSupported($"there is no schema {create.Name.Parts[^2]}", create.Name.Position,
                "Leave it out: views live in public.");
        var name = create.Name.Last;
        if (planning.Catalog.Sources.ContainsKey(name.Name) || (!create.OrReplace && planning.Catalog.Views.ContainsKey(name.Name)))
            throw new SqlException(PostgresErrorCodes.DuplicateTable, $"relation \"{DisplayName.Of(name.Name)}\" already exists",
                position: name.Position);
        if (create.Query.Emit != EmitKind.None)
        {
            throw BindingErrors.NotSupported(
                "a view has no EMIT", create.Query.EmitPosition,
                "CREATE STREAM or TABLE ... AS SELECT ... EMIT CHANGES keeps a result up to date.");
        }

        var context = new BindingContext(planning, isContinuous: false);
        context.DefinedView = name.Name;
        var named = Named(create, context);
        if (context.ParameterTypes.Count > 0)
            throw new SqlException(PostgresErrorCodes.UndefinedParameter, "there is no parameter $1", position: create.Query.Position);
        if (planning.Catalog.Views.TryGetValue(name.Name, out var before))
            CheckReplacement(before.Columns, named, name.Position);
        return new ViewDefinition { Name = name.Name, Query = create.QueryText, Columns = named,
            Sources = [.. context.NamedSources.Order(StringComparer.Ordinal)] };
    }

    private static List<ViewColumn> Named(CreateViewStatement create, BindingContext context)
    {
        var plan = Plan(create.Query, context);
        if (create.Columns.Count > plan.Schema.Columns.Count)
            throw BindingErrors.Syntax("CREATE VIEW specifies more column names than columns", create.Columns[^1].Position);
        var columns = plan.Schema.Columns
            .Select((column, i) => new ViewColumn(i < create.Columns.Count ? create.Columns[i].Name : column.Name, column.Name,
                BindingErrors.PostgresName(column.Type))).ToList();
        Unique(columns.Select(static column => column.Name), create);
        // The query's own names find its columns again.
        Unique(columns.Select(static column => column.QueryName), create);
        return columns;
    }

    private static void Unique(IEnumerable<string> names, CreateViewStatement create)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        if (names.FirstOrDefault(name => !taken.Add(name)) is { } doubled)
        {
            throw new SqlException(
                PostgresErrorCodes.DuplicateColumn, $"column \"{DisplayName.Of(doubled)}\" specified more than once",
                "Give the columns of the query names of their own.",
                create.Query.Position);
        }
    }

    private static void CheckReplacement(IReadOnlyList<ViewColumn> before, List<ViewColumn> after, TextPosition position)
    {
        SqlException Refuse(string message) =>
            new(PostgresErrorCodes.InvalidTableDefinition, message, "Drop the view and create it again.", position);
        if (after.Count < before.Count)
            throw Refuse("cannot drop columns from view");
        for (var i = 0; i < before.Count; i++)
        {
            if (before[i].Name != after[i].Name)
                throw Refuse(
                    $"cannot change name of view column \"{DisplayName.Of(before[i].Name)}\" to \"{DisplayName.Of(after[i].Name)}\"");
            if (before[i].Type != after[i].Type)
                throw Refuse($"cannot change data type of view column \"{DisplayName.Of(before[i].Name)}\" from {before[i].Type} to " +
                    $"{after[i].Type}");
        }
    }

    private static LogicalPlan Plan(Query query, BindingContext context) =>
        new QueryPlanner(context, new Dictionary<string, LogicalPlan>()).Plan(query, null).Plan;

    private static int PlaceOf(LogicalPlan plan, string name)
    {
        for (var i = 0; i < plan.Schema.Columns.Count; i++)
        {
            if (plan.Schema.Columns[i].Name == name)
                return i;
        }

        throw new SqlException(PostgresErrorCodes.UndefinedColumn, $"column \"{DisplayName.Of(name)}\" does not exist");
    }
}

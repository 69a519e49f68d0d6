using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans functions in FROM: each row of what stands before them, beside the rows that the function gives for it.</summary>
internal sealed class FunctionFrom(QueryPlanner queries)
{
    private readonly BindingContext _context = queries.Context;

    /// <summary>The rows with the function's columns behind their own.</summary>
    /// <param name="left">The rows before it: one without columns where there are none.</param>
    /// <param name="function">The function.</param>
    /// <param name="isOuter">Whether a row without any is kept.</param>
    /// <param name="scope">What the arguments can name: the columns of <paramref name="left"/>, and the levels around.</param>
    public Relation Expand(Relation left, FunctionReference function, bool isOuter, Scope? scope)
    {
        function = SessionArrays.AsUnnest(function);
        function = function with { Call = NamedArguments.InOrder(function.Call, _context) };
        var call = function.Call;
        var name = function.Alias?.Name.Name ?? call.Name.Last.Name;
        if (call.Arguments.Count == 0 && function.More.Count == 0 && queries.SystemRelation(call.Name) is { } system)
            return CrossJoin(left, QueryPlanner.Aliased(system, function.Alias, name));
        var binder = new ExpressionBinder(_context, left.Scope.Columns.Count == 0 ? new Scope([], scope) : scope!, queries)
            { Clause = "FROM" };
        if (function.Columns.Count > 0)
        {
            var (records, fields) = Records(left.Plan, function, binder, isOuter);
            return new Relation(records, new Scope([.. left.Scope.Columns, .. Named(fields, function.Alias, name)], null));
        }

        if (function.More.Count > 0)
        {
            var (several, named) = SideBySide(left.Plan, function, binder, isOuter);
            return new Relation(several, new Scope([.. left.Scope.Columns, .. Named(named, function.Alias, name)], null));
        }

        var (plan, columns) = FunctionResolver.FindTable(call, _context) is { } table
            ? Rows(left.Plan, table, function, binder, isOuter, name)
            : Value(left.Plan, function, binder, name);
        return new Relation(plan, new Scope([.. left.Scope.Columns, .. Named(columns, function.Alias, name)], null));
    }

    private (LogicalPlan Plan, List<ScopeColumn> Columns) Rows(
        LogicalPlan left, TableFunction table, FunctionReference function, ExpressionBinder binder, bool isOuter, string name)
    {
        var call = function.Call;
        var arguments = call.Arguments.Select(binder.Bind).ToArray();
        // unnest of several arrays gives their elements side by side.
        BoundExpression[][] calls = table.Name == "UNNEST"
            && arguments.Length > 1 ? [.. arguments.Select(static a => new[] { a })] : [arguments];
        var bound = calls.Select(each =>
        {
            var (binding, cast) = FunctionResolver.BindTable(table, call, each, _context);
            return new TableCall(table.Name, binding, cast);
        }).ToArray();
        var plan = Expansion(left, bound, bound.Select(_ => name), function, isOuter);
        var isNamedByFunction = bound.Length > 1 || function.Alias is null;
        var (unpacked, columns) = Unpack(plan, left.Schema.Columns.Count,
            table.ColumnName ?? (isNamedByFunction ? call.Name.Last.Name : name));
        // Under its alias the row of a function of single values is the value.
        return (unpacked, columns.Count == 1
            && bound[0].Binding.ResultType.Kind != SqlTypeKind.Struct ? [columns[0] with { IsWholeRow = true }] : columns);
    }

    // ROWS FROM: the functions' rows beside each other; where one has fewer than another, it is NULL.
    private (LogicalPlan Plan, List<ScopeColumn> Columns) SideBySide(LogicalPlan left, FunctionReference function, ExpressionBinder binder,
        bool isOuter)
    {
        FunctionCall[] calls = [function.Call, .. function.More];
        var bound = calls.Select(call =>
        {
            var table = FunctionResolver.FindTable(call, _context)
                ?? throw BindingErrors.NotSupported(
                    $"ROWS FROM takes functions that give rows; {DisplayName.Of(call.Name.Last.Name)} gives one value", call.Position);
            var (binding, cast) = FunctionResolver.BindTable(table, call, [.. call.Arguments.Select(binder.Bind)], _context);
            return binding.ResultType.Kind == SqlTypeKind.Struct
                ? throw BindingErrors.NotSupported(
                    $"{DisplayName.Of(call.Name.Last.Name)} in ROWS FROM is not supported: it gives several columns", call.Position,
                    "Use LATERAL with ORDINALITY, and join by it.")
                : new TableCall(table.Name, binding, cast);
        }).ToArray();
        var plan = Expansion(left, bound, calls.Select(static call => call.Name.Last.Name), function, isOuter);
        return (plan, [.. plan.Schema.Columns.Select(static (c, i) => new ScopeColumn(null, c.Name, i, c.Type, c.Role))
            .Skip(left.Schema.Columns.Count)]);
    }

    private static LogicalExpand Expansion(LogicalPlan left, TableCall[] calls, IEnumerable<string> names, FunctionReference function,
        bool isOuter)
    {
        var columns = left.Schema.Columns.Select(static c => c with { Role = ColumnRole.Value }).ToList();
        columns.AddRange(calls.Zip(names, static (call, name) => new PlanColumn(name, call.Binding.ResultType, ColumnRole.Value)));
        if (function.WithOrdinality)
            columns.Add(new PlanColumn("ordinality", SqlType.BigInt, ColumnRole.Value));
        return new LogicalExpand(left, [.. Enumerable.Range(0, left.Schema.Columns.Count)], calls,
            new PlanSchema(columns, RelationKind.Rows))
        {
            IsOuter = isOuter,
            HasOrdinality = function.WithOrdinality,
        };
    }

    // A function of one value stands for one row.
    private (LogicalPlan Plan, List<ScopeColumn> Columns) Value(LogicalPlan left, FunctionReference function, ExpressionBinder binder,
        string name)
    {
        var value = binder.Known(binder.Bind(function.Call), function.Position);
        var columns = left.Schema.Columns.Select(static c => c with { Role = ColumnRole.Value }).ToList();
        var expressions = columns.Select(static (c, i) => (BoundExpression)new BoundColumn(i, c.Name, c.Type)).ToList();
        columns.Add(new PlanColumn(name, value.Type, ColumnRole.Value));
        expressions.Add(value);
        if (function.WithOrdinality)
        {
            columns.Add(new PlanColumn("ordinality", SqlType.BigInt, ColumnRole.Value));
            expressions.Add(new BoundLiteral(1L, SqlType.BigInt));
        }

        return Unpack(new LogicalProject(left, expressions, new PlanSchema(columns, RelationKind.Rows)), left.Schema.Columns.Count, name);
    }

    // json_to_record(value) AS (name type, ...): each column is the member of its name, cast.
    // json_to_recordset does so for each element of an array.
    private (LogicalPlan Plan, List<ScopeColumn> Columns) Records(LogicalPlan left, FunctionReference function, ExpressionBinder binder,
        bool isOuter)
    {
        var call = function.Call;
        var name = call.Name.Last.Name;
        if (name is not ("JSON_TO_RECORD" or "JSONB_TO_RECORD" or "JSON_TO_RECORDSET" or "JSONB_TO_RECORDSET") || call.Arguments.Count != 1
            || function.WithOrdinality)
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.SyntaxError, "a column definition list is only allowed for functions returning \"record\"",
                "Here these are json_to_record and json_to_recordset.", function.Position);
        }

        var binary = name.StartsWith("JSONB", StringComparison.Ordinal);
        var json = Coercion.To(binder.Bind(call.Arguments[0]), binary ? SqlType.Jsonb : SqlType.Json, _context, call.Position);
        var count = left.Schema.Columns.Count;
        if (name.EndsWith("SET", StringComparison.Ordinal))
        {
            var elements = new FunctionCall(
                new QualifiedName([new Identifier(binary ? "JSONB_ARRAY_ELEMENTS" : "JSON_ARRAY_ELEMENTS", true, call.Position)],
                    call.Position), [], call.Position);
            var (binding, cast) = FunctionResolver.BindTable(FunctionResolver.FindTable(elements, _context)!, elements, [json], _context);
            IReadOnlyList<PlanColumn> columns = [.. left.Schema.Columns.Select(static c => c with { Role = ColumnRole.Value }),
                new PlanColumn(name, binding.ResultType, ColumnRole.Value)];
            left = new LogicalExpand(left, [.. Enumerable.Range(0, count)], [new TableCall(name, binding, cast)],
                new PlanSchema(columns, RelationKind.Rows)) { IsOuter = isOuter };
            json = new BoundColumn(count, name, binding.ResultType);
        }

        var fields = left.Schema.Columns.Take(count).Select(static c => c with { Role = ColumnRole.Value }).ToList();
        var expressions = fields.Select(static (c, i) => (BoundExpression)new BoundColumn(i, c.Name, c.Type)).ToList();
        foreach (var column in function.Columns)
        {
            var member = column.Name.IsQuoted ? column.Name.Text : column.Name.Text.ToLowerInvariant();
            var type = TypeResolver.Resolve(column.Type, _context.Planning.Catalog.Types, _context.Rules);
            var isArray = type is { Kind: SqlTypeKind.Array, IsVector: false };
            var isJson = type.Kind is SqlTypeKind.Json or SqlTypeKind.Jsonb;
            var value = FunctionResolver.BindOperator(isArray || isJson ? "->" : "->>", json, new BoundLiteral(member, SqlType.Varchar),
                _context, column.Position);
            if (isArray)
                value = FunctionResolver.TryBindOperator(PostgresJsonFunctions.ElementsName, [value], _context, column.Position)!;
            expressions.Add(Coercion.To(value, type, _context, column.Position));
            fields.Add(new PlanColumn(column.Name.Name, type, ColumnRole.Value));
        }

        return (new LogicalProject(left, expressions, new PlanSchema(fields, RelationKind.Rows)),
            [.. fields.Select(static (c, i) => new ScopeColumn(null, c.Name, i, c.Type, c.Role)).Skip(count)]);
    }

    // A function of records gives their fields as columns.
    private (LogicalPlan Plan, List<ScopeColumn> Columns) Unpack(LogicalPlan plan, int first, string name)
    {
        var columns = plan.Schema.Columns;
        if (columns.Skip(first).All(static c => c.Type.Kind != SqlTypeKind.Struct))
            return (plan, [.. columns.Select(static (c, i) => new ScopeColumn(null, c.Name, i, c.Type, c.Role)).Skip(first)
                .Select(c => c.Name == "ordinality" ? c : c with { Name = name })]);
        var expressions = new List<BoundExpression>();
        var fields = new List<PlanColumn>();
        for (var i = 0; i < columns.Count; i++)
        {
            var column = new BoundColumn(i, columns[i].Name, columns[i].Type);
            var parts = i >= first && column.Type.Kind == SqlTypeKind.Struct ? column.Type.Fields : [];
            foreach (var field in parts)
            {
                expressions.Add(StructFunctions.Field(column, field.Name, _context)!);
                fields.Add(new PlanColumn(field.Name, field.Type, ColumnRole.Value));
            }

            if (parts.Count > 0)
                continue;
            expressions.Add(column);
            fields.Add(columns[i]);
        }

        return (new LogicalProject(plan, expressions, new PlanSchema(fields, RelationKind.Rows)),
            [.. fields.Select(static (c, i) => new ScopeColumn(null, c.Name, i, c.Type, c.Role)).Skip(first)]);
    }

    private static IEnumerable<ScopeColumn> Named(List<ScopeColumn> columns, TableAlias? alias, string name)
    {
        var names = alias?.Columns ?? [];
        if (names.Count > columns.Count)
            throw QueryPlanner.TooManyNames(name, columns.Count, names.Count, alias!.Position);
        return columns.Select((column, i) => column with { Relation = name, Name = i < names.Count ? names[i].Name : column.Name });
    }

    private static Relation CrossJoin(Relation left, Relation right) => left.Plan.Schema.Columns.Count == 0
        ? right
        : new Relation(BoundedFrom.Make(left.Plan, right.Plan, JoinKind.Inner, Optimizer.JoinCondition.None),
            BoundedFrom.Combine(left, right));
}

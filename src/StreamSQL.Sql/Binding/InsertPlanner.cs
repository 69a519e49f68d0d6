using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans INSERT INTO of VALUES and of rows that a query gives now, and COPY ... FROM STDIN.</summary>
internal sealed class InsertPlanner
{
    private const int RowTimeColumn = PlannedInsertRows.RowTime;

    // SQLSTATE generated_always, which the driver's list lacks.
    private const string GeneratedAlways = "428C9";

    private readonly BindingContext _context;
    private readonly QueryPlanner _queries;
    private readonly WriteClauses _clauses;
    private readonly bool _isPart;

    public InsertPlanner(PlanningContext planning)
        : this(new BindingContext(planning, isContinuous: false))
    {
    }

    /// <summary>Creates the planner of a statement, or of one in its WITH, which sees the common tables before it.</summary>
    public InsertPlanner(BindingContext context, QueryPlanner? queries = null)
    {
        _context = context;
        _isPart = queries is not null;
        _queries = queries ?? new QueryPlanner(context, new Dictionary<string, LogicalPlan>());
        _clauses = new WriteClauses(_context, _queries);
    }

    // Of a part of a statement they are not known before the whole is planned.
    private IReadOnlyList<SqlType> ParameterTypes => _isPart ? [] : _context.ParameterTypes;

    public PlannedInsertValues Plan(InsertStatement insert)
    {
        var target = Target(insert.Target);
        if (insert.Query is null)
            return Finish(insert, target, [Row([], [], target, insert.Position, out _)], [null]);
        var query = insert.Query;
        if (query.OrderBy.Count > 0 || query.Limit is not null || query.Offset is not null || query.Emit != EmitKind.None
            || query.CommonTables.Count > 0)
            throw BindingErrors.NotSupported("INSERT INTO ... VALUES takes no further clauses", query.Position);

        var places = Places(insert.Columns, target, insert.Position);
        var rows = new List<IReadOnlyList<BoundExpression>>();
        var times = new List<BoundExpression?>();
        foreach (var row in ((ValuesBody)query.Body).Rows)
        {
            rows.Add(Row(row, places, target, query.Body.Position, out var time));
            times.Add(time);
        }

        return Finish(insert, target, rows, times);
    }

    /// <summary>Plans INSERT INTO ... SELECT of the rows that are there now.</summary>
    public PlannedInsertSelect PlanCopy(InsertStatement insert)
    {
        var target = Target(insert.Target);
        var rules = new PullQueryRules(_context);
        rules.Check(insert.Query!);
        var places = Places(insert.Columns, target, insert.Position);
        var plan = _queries.Plan(insert.Query!, null,
            [.. places.Select(place => place == RowTimeColumn ? SqlType.BigInt : target.Columns[place].Type)]).Plan;
        var given = plan.Schema.Columns;
        if (given.Count > places.Length)
            throw BindingErrors.Syntax("INSERT has more expressions than target columns", insert.Query!.Position);
        if (insert.Columns.Count > given.Count)
            throw BindingErrors.Syntax("INSERT has more target columns than expressions", insert.Columns[given.Count].Position);

        var row = target.Columns.Select(column => ColumnDefaults.Of(column, _context)).ToList();
        BoundExpression? time = null;
        for (var i = 0; i < given.Count; i++)
        {
            var value = new BoundColumn(i, given[i].Name, given[i].Type);
            if (places[i] == RowTimeColumn)
                time = Coercion.Implicit(value, SqlType.BigInt, _context, insert.Query!.Position);
            else
                row[places[i]] = RowAssignment.Assign(value, target.Columns[places[i]], _context, insert.Query!.Position);
        }

        foreach (var place in places.Take(given.Count).Where(static place => place != RowTimeColumn))
            RequireNotGenerated(target.Columns[place], insert.Query!.Position);
        RequireKey(target, [.. row], insert.Position);
        var columns = target.Columns.Select(static column => new PlanColumn(column.Name, column.Type, ColumnRole.Value)).ToList();
        if (time is not null)
        {
            row.Add(time);
            columns.Add(new PlanColumn("ROWTIME", SqlType.BigInt, ColumnRole.Value));
        }

        var rows = new LogicalProject(plan, row, new PlanSchema(columns, RelationKind.Rows));
        var conflict = _clauses.Conflict(insert.OnConflict, target);
        var returning = Returning(insert, target);
        var select = new PlannedSelect(PlanOptimizer.Optimize(rows, _context.Rewrites), false,
            [.. columns.Select(static column => column.Name)], ParameterTypes);
        return new PlannedInsertSelect(target, select, time is not null)
            { Conflict = conflict, Returning = returning, ReadsStream = ReadsStream(plan), Writes = [.. _context.Writes],
                Checks = TableChecks.Of(target, _context) };
    }

    private PlannedInsertValues Finish(
        InsertStatement insert, SourceDefinition target, IReadOnlyList<IReadOnlyList<BoundExpression>> rows,
        IReadOnlyList<BoundExpression?> times)
    {
        var conflict = _clauses.Conflict(insert.OnConflict, target);
        var returning = Returning(insert, target);
        return new PlannedInsertValues(target, rows, times, ParameterTypes)
            { Conflict = conflict, Returning = returning, Checks = TableChecks.Of(target, _context) };
    }

    private ReturningList? Returning(InsertStatement insert, SourceDefinition target) =>
        _clauses.Returning(insert.Returning, new Scope([.. WriteClauses.ColumnsOf(target, target.Name)], null));

    private static bool ReadsStream(LogicalPlan plan) =>
        plan is LogicalScan { Source.Kind: RelationKind.Stream } || plan.Inputs.Any(ReadsStream);

    /// <summary>Plans COPY ... FROM: where the values of the rows that will come go.</summary>
    public PlannedInsertRows Plan(CopyStatement copy)
    {
        var target = Target(copy.Table!);
        var places = Places(copy.Columns, target, copy.Position);
        var missing = target.Columns.Where((column, i) =>
            column is { IsKey: true, Default: null } && target.Kind == RelationKind.Table && !places.Contains(i)).FirstOrDefault();
        return missing is null
            ? new PlannedInsertRows(target, places)
            {
                Defaults = [.. target.Columns.Select((column, i) =>
                    column.Default is null || places.Contains(i) ? null : ColumnDefaults.Of(column, _context))],
                Checks = TableChecks.Of(target, _context),
            }
            : throw new SqlException(
                Npgsql.PostgresErrorCodes.NotNullViolation,
                $"column {missing.Name} is part of the primary key of table {target.Name}: its values are needed",
                "Name it in the list of columns.", copy.Position);
    }

    private SourceDefinition Target(QualifiedName name)
    {
        var target = CatalogRelations.Find(name, _context) ?? throw UnknownTarget(name);
        if (target.IsReadOnly)
            throw BindingErrors.NotSupported(
                $"Cannot insert values into read-only {target.Kind.ToString().ToLowerInvariant()}: {target.Name}", name.Position);
        if (target.Window is not null)
            throw BindingErrors.NotSupported($"Cannot insert values into windowed stream/table {target.Name}", name.Position);
        return target;
    }

    private SqlException UnknownTarget(QualifiedName name)
    {
        if (ViewPlanner.Find(name, _context) is { } view)
            return ViewPlanner.NoSource(view, name);
        var sources = _context.Planning.Catalog.Sources;
        var isQuoted = name.Last.IsQuoted && sources.ContainsKey(name.Last.Text.ToUpperInvariant());
        var hint = isQuoted
            ? $"\nDid you mean {name.Last.Text.ToUpperInvariant()}? Hint: try removing double quotes from the source name."
            : "";
        return new SqlException(
            Npgsql.PostgresErrorCodes.UndefinedTable, $"Cannot insert values into an unknown stream/table: `{name.Last.Name}`{hint}",
            isQuoted ? null : BindingErrors.DidYouMean(name.Last.Name, sources.Keys, _context.Rules), name.Position);
    }

    /// <summary>Plans the record that an ASSERT expects.</summary>
    public PlannedAssertRecord PlanRecord(QualifiedName name, IReadOnlyList<Identifier> columns, IReadOnlyList<Expression> values,
        bool isTombstone)
    {
        var target = CatalogRelations.Get(name, _context);
        var places = isTombstone && columns.Count == 0
            ? [.. Enumerable.Range(0, target.Columns.Count).Where(i => target.Columns[i].IsKey)]
            : Places(columns, target, name.Position);
        if (isTombstone && places.Any(place => place == RowTimeColumn || !target.Columns[place].IsKey))
            throw BindingErrors.Syntax($"ASSERT NULL VALUES names key columns only; {target.Name} has other columns too", name.Position);
        var row = Row(values, places, target, name.Position, out var time);
        return new PlannedAssertRecord(new PlannedInsertValues(target, [row], [time], ParameterTypes), isTombstone);
    }

    // For each value of a row, the target's column that it goes to.
    private int[] Places(IReadOnlyList<Identifier> columns, SourceDefinition target, TextPosition position)
    {
        if (columns.Count == 0)
        {
            if (target.Columns.Any(static column => column.Header is not null))
                throw HeaderColumns(target.Columns, position);
            return [.. Enumerable.Range(0, target.Columns.Count)];
        }

        var places = new int[columns.Count];
        for (var i = 0; i < places.Length; i++)
        {
            var name = columns[i];
            var found = Scope.Match([.. target.Columns.Select(static (c, index) => (c.Name, index))], name, _context.Rules,
                static c => c.Name);
            if (found.Count == 1)
                places[i] = found[0].index;
            else if (name.Name == "ROWTIME")
                places[i] = RowTimeColumn;
            else if (name.Name is "ROWPARTITION" or "ROWOFFSET")
                throw BindingErrors.Syntax($"Inserting into column `{name.Name}` is not allowed.", name.Position, "The log gives it.");
            else
                throw BindingErrors.UnknownColumn(new QualifiedName([name], name.Position), "INSERT",
                    target.Columns.Select(static c => c.Name), _context.Rules);
            if (Array.IndexOf(places, places[i], 0, i) >= 0)
                throw new SqlException(Npgsql.PostgresErrorCodes.DuplicateColumn, $"column {name} specified more than once",
                    position: name.Position);
            if (places[i] != RowTimeColumn && target.Columns[places[i]].Header is not null)
                throw HeaderColumns([target.Columns[places[i]]], name.Position);
        }

        return places;
    }

    private static SqlException HeaderColumns(IEnumerable<SourceColumn> columns, TextPosition position) => BindingErrors.Invalid(
        "Cannot insert into HEADER columns: " +
            $"{string.Join(", ", columns.Where(static column => column.Header is not null).Select(static column => column.Name))}",
            position,
        "They show what stands beside a record's key and value.");

    private BoundExpression[] Row(IReadOnlyList<Expression?> values, int[] places, SourceDefinition target, TextPosition position,
        out BoundExpression? time)
    {
        if (values.Count != places.Length)
        {
            throw BindingErrors.Syntax(
                $"Expected a value for each column: Expected number columns and values to match: {places.Length}, {values.Count}",
                values.Count > 0 && values[0] is { } first ? first.Position : position);
        }

        var binder = new ExpressionBinder(_context, Scope.Empty, _queries) { Clause = "VALUES" };
        var row = target.Columns.Select(column => ColumnDefaults.Of(column, _context)).ToArray();
        time = null;
        for (var i = 0; i < places.Length; i++)
        {
            if (values[i] is not { } value)
                continue;
            if (places[i] != RowTimeColumn)
                RequireNotGenerated(target.Columns[places[i]], value.Position);
            if (places[i] == RowTimeColumn)
                time = Coercion.Implicit(binder.Bind(value), SqlType.BigInt, _context, value.Position);
            else
                row[places[i]] = RowAssignment.Assign(binder.Bind(value), target.Columns[places[i]], _context, value.Position);
        }

        RequireKey(target, row, position);
        return row;
    }

    private static void RequireNotGenerated(SourceColumn column, TextPosition position)
    {
        if (column.IsAlwaysGenerated)
        {
            throw new SqlException(
                GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{Text.DisplayName.Of(column.Name)}\"",
                "It is GENERATED ALWAYS: leave it out.", position);
        }
    }

    private static void RequireKey(SourceDefinition target, BoundExpression[] row, TextPosition position)
    {
        if (target.Kind != RelationKind.Table)
            return;
        for (var i = 0; i < row.Length; i++)
        {
            if (target.Columns[i].IsKey && row[i] is BoundLiteral { Value: null })
            {
                throw new SqlException(
                    Npgsql.PostgresErrorCodes.NotNullViolation,
                    $"Failed to insert values into '{target.Name}'. Value for primary key column(s) `{target.Columns[i].Name}` is " +
                        "required for tables",
                    position: position);
            }
        }
    }
}

using StreamSQL.Data.Functions;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans CREATE ... AS SELECT and INSERT INTO ... SELECT.</summary>
internal sealed class PersistentQueryPlanner(PlanningContext planning)
{
    private readonly BindingContext _context = new(planning, isContinuous: true);

    /// <summary>ksqlDB's newer planner keeps the order in which the keys were selected.</summary>
    private bool KeysAsSelected =>
        planning.Properties.TryGetValue("ksql.new.query.planner.enabled", out var value)
            && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    public PlannedPersistentQuery Plan(CreateSourceStatement create)
    {
        var name = SourcePlanner.NewName(create, planning, out var existing);
        if (existing is not null && create.IfNotExists)
            return new PlannedPersistentQuery(existing.QueryId ?? "", QueryPlanner.NoTable(), existing, false, false,
                new Dictionary<string, string>(), [], true);
        if (create.MaterializedView is { } named)
            create = create with { Query = MaterializedViews.Name(create.Query!, named) };
        if (create.Elements.Count > 0)
            throw BindingErrors.Syntax("CREATE ... AS SELECT takes its columns from the SELECT: leave the list out.",
                create.Elements[0].Position);
        if (create.Query!.Limit is { } limit)
        {
            throw BindingErrors.NotSupported(
                $"CREATE {create.Kind.ToString().ToUpperInvariant()} AS SELECT statements don't support LIMIT clause.", limit.Position,
                "A push query (EMIT CHANGES) takes LIMIT.");
        }

        var options = new WithOptions(create.Properties);
        var select = new ContinuousPlanner(_context) { Statement = $"CREATE {create.Kind.ToString().ToUpperInvariant()} AS SELECT" }
            .Plan(create.Query!, isPersistent: true);
        if (create.MaterializedView is not null)
            create = create with { Kind = select.Plan.Schema.Kind };
        RequireKind(create, select.Plan.Schema.Kind);
        var plan = SinkProjection.Project(select, name, create.Position, KeysAsSelected);
        var target = Target(create, name, options, plan.Schema, select);
        if (existing is not null)
            return Replace(create, existing, plan, target, select);
        var queryId = QueryId(options, $"C{(create.Kind == RelationKind.Stream ? "S" : "T")}AS_{name}_{planning.Catalog.NextQueryNumber}");
        var isNew = !planning.Topics.ContainsKey(target.Topic);
        return new PlannedPersistentQuery(
            queryId, PlanOptimizer.Optimize(plan), target with { QueryId = queryId }, true, isNew,
            TopicSettings.Configs(options, create.Kind == RelationKind.Table), [.. select.Sources.Select(static s => s.Name)], false);
    }

    private PlannedPersistentQuery Replace(
        CreateSourceStatement create, SourceDefinition existing, LogicalPlan plan, SourceDefinition target, ContinuousSelect select)
    {
        SourceUpgrade.Check(existing, target, create.Name.Position);
        if (existing.QueryId is not { } id || planning.Catalog.Queries.GetValueOrDefault(id) is not { } before)
            throw BindingErrors.NotSupported($"Cannot replace '{existing.Name}': no query writes it any more", create.Name.Position,
                "DROP it and create it again.");
        var optimized = PlanOptimizer.Optimize(plan);
        PlanUpgrade.Check(PlanOf(before), optimized, _context.IsCompatible, create.Name.Position);
        return new PlannedPersistentQuery(
            id, optimized, target with { QueryId = id, Partitions = existing.Partitions }, true, false, new Dictionary<string, string>(),
            [.. select.Sources.Select(static s => s.Name)], false) { Replaced = before };
    }

    private LogicalPlan PlanOf(QueryDefinition query)
    {
        var context = planning with { Catalog = planning.Catalog.Before(query), Properties = query.Properties };
        return new PersistentQueryPlanner(context).Plan((CreateSourceStatement)SqlParser.ParseStatement(query.Statement)).Plan;
    }

    public PlannedPersistentQuery Plan(InsertStatement insert)
    {
        var target = CatalogRelations.Get(insert.Target, _context);
        if (insert.OnConflict is not null || insert.Returning.Count > 0)
            throw BindingErrors.NotSupported("ON CONFLICT and RETURNING are not supported", insert.Position);
        if (target.Kind == RelationKind.Table)
            throw BindingErrors.NotSupported($"INSERT INTO can only be used to insert into a stream. {target.Name} is a table.",
                insert.Target.Position);
        if (target.IsReadOnly)
            throw BindingErrors.NotSupported($"Cannot insert into read-only stream: {target.Name}", insert.Target.Position);
        if (target.Columns.Any(static column => column.Header is not null))
            throw BindingErrors.Invalid($"Cannot insert into {target.Name} because it has header columns", insert.Target.Position);
        if (insert.Columns.Count > 0)
            throw BindingErrors.NotSupported("a column list is not supported in INSERT INTO ... SELECT", insert.Columns[0].Position,
                "Name the columns in the SELECT, in the stream's order.");
        var select = new ContinuousPlanner(_context) { Statement = "INSERT INTO" }.Plan(insert.Query!, isPersistent: true);
        if (select.Plan.Schema.Kind != RelationKind.Stream)
            throw BindingErrors.NotSupported("the SELECT of INSERT INTO gives a table, but only streams can be inserted into",
                insert.Query!.Position);
        var plan = MatchTarget(SinkProjection.Project(select, target.Name, insert.Position, KeysAsSelected), target, insert);
        var queryId = QueryId(new WithOptions(insert.Properties), $"INSERTQUERY_{planning.Catalog.NextQueryNumber}");
        return new PlannedPersistentQuery(
            queryId, PlanOptimizer.Optimize(plan), target, false, false, new Dictionary<string, string>(),
            [.. select.Sources.Select(static s => s.Name)], false);
    }

    private string QueryId(WithOptions options, string generated)
    {
        if (options.Text("QUERY_ID") is not { } written)
            return generated;
        var id = written.ToUpperInvariant();
        return planning.Catalog.Queries.ContainsKey(id)
            ? throw BindingErrors.Invalid($"Query ID '{id}' already exists.", options.Position("QUERY_ID")!.Value)
            : id;
    }

    private static void RequireKind(CreateSourceStatement create, RelationKind kind)
    {
        if (kind == create.Kind)
            return;
        var (given, wanted) = kind == RelationKind.Table ? ("TABLE", "STREAM") : ("STREAM", "TABLE");
        throw BindingErrors.Syntax(
            $"Invalid result type. Your SELECT query produces a {given}. Please use CREATE {given} AS SELECT statement instead.",
            create.Position,
            kind == RelationKind.Stream ? "A table comes from GROUP BY, or from another table."
                : $"A {wanted} cannot hold changing results.");
    }

    private SourceDefinition Target(CreateSourceStatement create, string name, WithOptions options, PlanSchema schema,
        ContinuousSelect select)
    {
        var inherited = select.Sources[0];
        if (options.Position("WINDOW_TYPE") is { } window)
            throw BindingErrors.Syntax("WINDOW_TYPE is only for a CREATE without AS SELECT: a query's windows are its own.", window);
        var columns = schema.Columns.Where(static c => c.Role is ColumnRole.Key or ColumnRole.Value)
            .Select(static c => new SourceColumn(c.Name, c.Type, c.Role == ColumnRole.Key)).ToArray();
        var keyFormat = SourceFormats.Key(
            options, LosesKey(inherited, columns) ? new FormatSpec("NONE") : select.KeyFormat, columns, planning, name,
            mayChange: !select.IsPartitioned);
        var valueFormat = SourceFormats.Value(options, inherited.ValueFormat, columns, planning, name);
        SchemaInference.CheckResult(options, planning, columns, keyFormat, isKey: true);
        SchemaInference.CheckResult(options, planning, columns, valueFormat, isKey: false);
        var topic = options.Text("KAFKA_TOPIC") ?? planning.Properties.GetValueOrDefault("ksql.output.topic.name.prefix", "") + name;
        var existing = planning.Topics.TryGetValue(topic, out var partitions) ? partitions : (int?)null;
        return new SourceDefinition
        {
            Name = name,
            Kind = create.Kind,
            Columns = columns,
            OwnsTopic = create.MaterializedView is not null && existing is null && options.Text("KAFKA_TOPIC") is null,
            IsKeylessTable = create.MaterializedView is not null && create.Kind == RelationKind.Stream,
            Topic = topic,
            Partitions = existing is null ? TopicSettings.Wanted(options)
                ?? inherited.Partitions : TopicSettings.Partitions(options, topic, existing, create),
            KeyFormat = keyFormat,
            ValueFormat = valueFormat,
            TimestampColumn = SourcePlanner.TimestampColumn(options, columns),
            TimestampFormat = options.Text("TIMESTAMP_FORMAT"),
            Window = schema.Window,
            Statement = create.Text,
        };
    }

    private static bool LosesKey(SourceDefinition inherited, SourceColumn[] columns) =>
        inherited.Columns.Any(static c => c.IsKey) && !columns.Any(static c => c.IsKey);

    private LogicalProject MatchTarget(LogicalProject plan, SourceDefinition target, InsertStatement insert)
    {
        var wanted = target.Columns;
        var given = plan.Schema.Columns;
        var fits = given.Count == wanted.Count && given.Zip(wanted, (a, b) =>
            (a.Role == ColumnRole.Key) == b.IsKey && TypeCoercion.CanImplicitlyCast(a.Type, b.Type, _context.Rules)).All(static ok => ok);
        if (!fits)
        {
            throw BindingErrors.Mismatch(
                "Incompatible schema between results and sink."
                + $"\nResult schema is {Describe(given.Select(static c => new SourceColumn(c.Name, c.Type, c.Role == ColumnRole.Key)))}"
                + $"\nSink schema is {Describe(wanted)}",
                insert.Position);
        }

        return new LogicalProject(
            plan.Input, [.. plan.Expressions.Select((e, i) => Coercion.To(e, wanted[i].Type, _context, insert.Position))],
            plan.Schema with { Columns = [
                .. wanted.Select(static c => new PlanColumn(c.Name, c.Type, c.IsKey ? ColumnRole.Key : ColumnRole.Value))] });
    }

    private static string Describe(IEnumerable<SourceColumn> columns) =>
        string.Join(", ", columns.Select(static c => $"`{c.Name}` {BindingErrors.Name(c.Type)}{(c.IsKey ? " KEY" : "")}"));
}

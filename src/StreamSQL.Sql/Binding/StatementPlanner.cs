using StreamSQL.Data.Errors;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Resolves statements against a catalog image and plans them. Stateless and thread-safe.</summary>
public static class StatementPlanner
{
    /// <summary>Whether <see cref="Plan"/> takes the statement; the others are run from their syntax.</summary>
    public static bool Plans(Statement statement) =>
        statement is QueryStatement or CreateSourceStatement or InsertStatement or UpdateStatement or DeleteStatement
            or CopyStatement { IsFrom: true } or AssertValuesStatement or AssertTombstoneStatement;

    /// <summary>Plans a query, CREATE STREAM or TABLE, INSERT, UPDATE, DELETE, or COPY ... FROM.</summary>
    /// <exception cref="SqlException">The statement means nothing in this catalog, or something that is
    /// not supported: with place and hint.</exception>
    /// <exception cref="ArgumentException">The statement is of another kind: see <see cref="Plans"/>.</exception>
    public static PlannedStatement Plan(Statement statement, PlanningContext context) => statement switch
    {
        QueryStatement { Query.Emit: not EmitKind.None } push => PushQuery(push.Query, context),
        QueryStatement pull => BoundedQuery(pull.Query, context),
        CreateSourceStatement { Query: null } create => new SourcePlanner(context).Plan(create),
        CreateSourceStatement create => new PersistentQueryPlanner(context).Plan(create),
        InsertStatement { Query: null or { Body: ValuesBody } } insert => new InsertPlanner(context).Plan(insert),
        InsertStatement insert => new PersistentQueryPlanner(context).Plan(insert),
        AssertValuesStatement assert => new InsertPlanner(context).PlanRecord(assert.Name, assert.Columns, assert.Values,
            isTombstone: false),
        AssertTombstoneStatement assert =>
            new InsertPlanner(context).PlanRecord(assert.Name, assert.Columns, assert.Key, isTombstone: true),
        CopyStatement { IsFrom: true } copy => new InsertPlanner(context).Plan(copy),
        UpdateStatement update => new ChangePlanner(context, update.With).Plan(update),
        DeleteStatement delete => new ChangePlanner(context, delete.With).Plan(delete),
        _ => throw new ArgumentException($"{statement.GetType().Name} is run from its syntax", nameof(statement)),
    };

    /// <summary>
    /// Whether an INSERT INTO ... SELECT copies the rows that are there now. It goes on for ever, as a query of its own, where it says EMIT
    /// CHANGES or names that query (WITH), and under <c>ksql.compat</c>: that is ksqlDB's meaning.
    /// </summary>
    public static bool IsCopy(InsertStatement insert, IReadOnlyDictionary<string, string> properties) =>
        insert is { Query: { Emit: EmitKind.None, Body: not ValuesBody }, Properties.Count: 0 }
        && !BindingContext.IsCompatibleUnder(properties);

    /// <summary>Plans an INSERT INTO ... SELECT that is one.</summary>
    /// <exception cref="SqlException">As for <see cref="Plan"/>.</exception>
    public static PlannedInsertSelect PlanCopy(InsertStatement insert, PlanningContext context) =>
        new InsertPlanner(new BindingContext(context, isContinuous: false) { Outermost = insert.Query!.With }).PlanCopy(insert);

    private static PlannedSelect BoundedQuery(Query query, PlanningContext planning)
    {
        var context = new BindingContext(planning, isContinuous: false) { Outermost = query.With };
        var rules = new PullQueryRules(context);
        rules.Check(query);
        var plan = new QueryPlanner(context, new Dictionary<string, LogicalPlan>()).Plan(query, null).Plan;
        rules.CheckColumns(plan.Schema);
        return new PlannedSelect(PlanOptimizer.Optimize(plan, context.Rewrites), false, ResultNames.Of(query, plan.Schema, context),
            context.ParameterTypes)
        {
            Writes = context.Writes,
        };
    }

    private static PlannedSelect PushQuery(Query query, PlanningContext planning)
    {
        var context = new BindingContext(planning, isContinuous: true);
        var plan = new ContinuousPlanner(context).PlanPush(query);
        var options = PushOptionsReader.Read(query, context);
        return new PlannedSelect(PlanOptimizer.Optimize(plan), true, ResultNames.Of(query, plan.Schema, context), context.ParameterTypes)
            { Push = options };
    }
}

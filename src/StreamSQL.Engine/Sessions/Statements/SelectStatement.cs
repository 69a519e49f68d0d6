using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Engine.Queries.Push;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>SELECT: bounded, or with EMIT CHANGES a push query.</summary>
internal sealed class SelectStatement(Session session, EngineServices services, PlannedSelect planned, WrittenRows? written = null)
    : SessionStatement
{
    private readonly bool _keepsOperators = !planned.IsContinuous && ReadyQuery.IsFor(planned.Plan);
    private readonly bool _isBrief = !planned.IsContinuous && ReadyQuery.IsBrief(planned.Plan);
    private ReadyQuery? _ready;
    private Action<ReadyQuery>? _keep;

    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => planned.ParameterTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } =
    [
        .. planned.Push.ProgressMs is null ? [] : PushProgress.Columns,
        .. planned.Columns.Select((name, i) => new ResultColumn(name, planned.Plan.Schema.Columns[i].Type)
            { Origin = ColumnOrigins.Of(planned.Plan, i) }),
    ];

    /// <inheritdoc/>
    public override bool NeedsCommitted { get; } = planned.IsContinuous || ReadsQueryResult(planned.Plan);

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (!planned.IsContinuous)
            return await RunBoundedAsync(values, null, cancellation);
        var properties = session.Settings.Properties;
        var context = StatementContext.Create(services, services.Tasks.Time, properties, values, RuleSet.Ksql, failOnError: false, null);
        var start = new PushStart(QueryProperties.BeginsAtLatest(properties, byDefault: true), planned.Push)
        {
            FailsOnLostRecords = session.Settings.Find(SessionSettings.LostRecords) != SessionSettings.WarnOfLostRecords,
        };
        return await PushQuery.StartAsync(planned.Plan, Columns!, start, context, services.Tasks, cancellation);
    }

    /// <inheritdoc/>
    public override bool IsShort => _keepsOperators;

    /// <inheritdoc/>
    public override bool IsReady => _isBrief && _ready is not null;

    /// <inheritdoc/>
    public override bool IsRepeatable => !planned.IsContinuous;

    /// <summary>Starts a bounded query, measured where meters are given.</summary>
    public async ValueTask<StatementResult> RunBoundedAsync(IReadOnlyList<object?> values, PlanMeters? meters,
        CancellationToken cancellation)
    {
        var isKept = _keepsOperators && meters is null && written is null && session.Held is null;
        var query = isKept ? TakeReady(values) : null;
        query ??= await MakeAsync(values, meters, cancellation);
        try
        {
            await query.Rows.OpenAsync(cancellation);
        }
        catch
        {
            await query.Rows.DisposeAsync();
            throw;
        }

        return new PullQuery(query, Columns!, session, services.Tasks.Time, isKept ? _keep ??= Keep : null);
    }

    private void Keep(ReadyQuery query) => _ready = query;

    /// <summary>The operators of the last run, begun again; null where there are none that fit.</summary>
    private ReadyQuery? TakeReady(IReadOnlyList<object?> values)
    {
        // Another portal of the same statement, while one is open, finds none.
        var ready = _ready;
        _ready = null;
        if (ready is null || !ready.Fits(session.Settings.Properties, services.Queries))
            return null;
        ready.Restart(values, session.OpenClock());
        return ready;
    }

    private async ValueTask<ReadyQuery> MakeAsync(IReadOnlyList<object?> values, PlanMeters? meters, CancellationToken cancellation)
    {
        var properties = session.Settings.Properties;
        var (environment, context) = await StatementContext.OpenAsync(session, services, values, [planned.Plan], cancellation, written);
        var rows = new BoundedPlanner(environment, context, meters).Build(planned.Plan);
        return new ReadyQuery(rows, context, properties, _keepsOperators ? ReadyQuery.QueriesOf(planned.Plan, services.Queries) : []);
    }

    // The results of queries show what is committed, and a push query what will be.
    private static bool ReadsQueryResult(LogicalPlan plan) =>
        plan is LogicalScan { Source.QueryId: not null } || plan.Inputs.Any(ReadsQueryResult)
        || PlanExpressions.Subqueries(plan).Any(static subquery => ReadsQueryResult(subquery.Plan));
}

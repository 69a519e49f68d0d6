using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>INSERT INTO ... VALUES: the rows are records of the target's topic; it answers when they are durable.</summary>
internal sealed class InsertValuesStatement(Session session, EngineServices services, PlannedInsertValues planned,
    WrittenRows? written = null)
    : WriteStatement(session, services, "INSERT 0", planned.ParameterTypes, planned.Returning, written)
{
    private readonly Session _session = session;
    private readonly EngineServices _services = services;
    private readonly WrittenRows? _written = written;

    /// <inheritdoc/>
    protected override async ValueTask<(RowWrite Write, ChangeBatch Shown)> ComputeAsync(IReadOnlyList<object?> values,
        CancellationToken cancellation)
    {
        var target = planned.Target;
        var encoder = await RowEncoder.OpenAsync(target, _services.Tasks, cancellation);
        var rows = new LogicalValues([.. planned.Rows, planned.RowTime.OfType<BoundExpression>().ToArray()],
            new PlanSchema([], RelationKind.Rows));
        var (environment, context) = await StatementContext.OpenAsync(
            _session, _services, values, [rows, ConflictResolver.Expressions(planned.Conflict)], cancellation, _written);
        var write = new RowWrite(target, InsertedRows.Evaluate(planned, _services.Tasks, context.Time, values, context.Subqueries));
        if (planned.Conflict is not null)
            write = await new ConflictResolver(planned.Conflict, target, environment, context, encoder).ResolveAsync(write, cancellation);
        RowChecks.Require(planned.Checks, write, context);
        encoder.Encode(write);
        return (write, write.Rows);
    }
}

/// <summary>INSERT INTO ... SELECT as a copy of the rows that the query gives now.</summary>
internal sealed class InsertSelectStatement(Session session, EngineServices services, PlannedInsertSelect planned,
    WrittenRows? written = null)
    : WriteStatement(session, services, "INSERT 0", planned.Rows.ParameterTypes, planned.Returning, written)
{
    private static readonly Notice CopiedOnce = new(
        "NOTICE", PostgresErrorCodes.SuccessfulCompletion, "the rows that were there have been copied once",
        "With EMIT CHANGES it is a query that goes on.");

    private readonly Session _session = session;
    private readonly EngineServices _services = services;
    private readonly WrittenRows? _written = written;
    private readonly SelectStatement _rows = new(session, services, planned.Rows, written);

    /// <inheritdoc/>
    public override bool NeedsCommitted => _rows.NeedsCommitted;

    /// <inheritdoc/>
    protected override IReadOnlyList<Notice> Notices => planned.ReadsStream ? [CopiedOnce] : [];

    /// <inheritdoc/>
    protected override async ValueTask<(RowWrite Write, ChangeBatch Shown)> ComputeAsync(IReadOnlyList<object?> values,
        CancellationToken cancellation)
    {
        var target = planned.Target;
        var encoder = await RowEncoder.OpenAsync(target, _services.Tasks, cancellation);
        var write = new RowWrite(target, isDelete: false);
        await using (var rows = await _rows.ExecuteAsync(values, cancellation))
        {
            while (await rows.ReadAsync(cancellation) is { } read)
            {
                var at = write.Rows.RowCount;
                write.Append(read.Columns.AsSpan(0, target.Columns.Count), RowNumbers.Of(read.Selection), [], RowCondition.None, Now);
                if (planned.HasRowTime)
                    TakeTimes(write, at, (FixedColumn<long>)read.Columns[^1], read.Selection);
                _session.RequireHoldable(write);
            }
        }

        if (planned.Conflict is not null)
        {
            var (environment, context) = await StatementContext.OpenAsync(
                _session, _services, values, [ConflictResolver.Expressions(planned.Conflict)], cancellation, _written);
            write = await new ConflictResolver(planned.Conflict, target, environment, context, encoder).ResolveAsync(write, cancellation);
        }

        RowChecks.Require(planned.Checks, write, InsertedRows.Context(_services.Tasks, _session.OpenClock(), values, null));
        encoder.Encode(write);
        return (write, write.Rows);
    }

    private static void TakeTimes(RowWrite write, int at, FixedColumn<long> times, RowSelection rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (!times.IsNull(rows[i]))
                write.Rows.RowTime.Values[at + i] = times[rows[i]];
        }
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// A statement whose WITH writes. All its parts read what was there before it; the writes become visible together, once all of it has been
/// computed, whether or not the client reads its rows. Those of a SELECT are kept until then, within the memory of a query.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="services">The engine.</param>
/// <param name="writes">The statements in WITH, by the numbers by which what they give back is read.</param>
/// <param name="main">The statement behind WITH.</param>
/// <param name="written">Where it and they read what was given back.</param>
internal sealed class WithWritesStatement(
    Session session, EngineServices services, IReadOnlyList<(int Number, WriteStatement Statement)> writes, SessionStatement main,
    WrittenRows written)
    : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => main.ParameterTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => main.Columns;

    /// <inheritdoc/>
    public override bool NeedsCommitted => main.NeedsCommitted || writes.Any(static write => write.Statement.NeedsCommitted);

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        session.RequireWritable("WITH");
        var budget = new MemoryBudget("rows of WITH", services.Tasks.Options.QueryMemoryLimitBytes, services.Tasks.Budget);
        StatementResult? result = null;
        try
        {
            await session.WriteAllAsync(
                async token =>
                {
                    (var all, result) = await ComputeAsync(values, budget, token);
                    return all;
                },
                cancellation);
        }
        catch
        {
            budget.Release();
            throw;
        }
        finally
        {
            written.Clear();
        }

        return result!;
    }

    private async ValueTask<(IReadOnlyList<RowWrite> Writes, StatementResult Result)> ComputeAsync(
        IReadOnlyList<object?> values, MemoryBudget budget, CancellationToken cancellation)
    {
        budget.Release();
        written.Clear();
        var all = new List<RowWrite>();
        foreach (var (number, statement) in writes)
        {
            var (write, returned) = await statement.ComputeWholeAsync(values, cancellation);
            all.Add(write);
            written.Set(number, returned, budget);
        }

        if (main is not WriteStatement last)
            return (all, await KeepAsync(values, budget, cancellation));
        var (own, shown) = await last.ComputeWholeAsync(values, cancellation);
        all.Add(own);
        budget.Release();
        return (all, last.ResultOf(own, shown));
    }

    private async ValueTask<KeptRows> KeepAsync(IReadOnlyList<object?> values, MemoryBudget budget, CancellationToken cancellation)
    {
        await using var rows = await main.ExecuteAsync(values, cancellation);
        var kept = new RowBuffer([.. main.Columns!.Select(static column => column.Type)], budget);
        while (await rows.ReadAsync(cancellation) is { } batch)
            kept.Append(batch.Columns, batch.RowTime, RowNumbers.Of(batch.Selection));
        return new KeptRows(rows.CommandTag, main.Columns!, kept, budget);
    }

    /// <summary>Rows that were computed before they are asked for.</summary>
    private sealed class KeptRows(string tag, IReadOnlyList<ResultColumn> columns, RowBuffer rows, MemoryBudget budget) : StatementResult
    {
        private readonly BufferedRows _rows = new(
            rows, new PlanSchema([.. columns.Select(static column => new PlanColumn(column.Name, column.Type, ColumnRole.Value))],
                RelationKind.Rows));

        public override IReadOnlyList<ResultColumn>? Columns => columns;

        public override string CommandTag => tag;

        public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation) => ValueTask.FromResult(_rows.Next());

        public override ValueTask DisposeAsync()
        {
            budget.Release();
            return base.DisposeAsync();
        }
    }
}

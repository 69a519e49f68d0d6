using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>INSERT, UPDATE, DELETE: computes rows, writes them all or none, and gives back what RETURNING asks for.</summary>
internal abstract class WriteStatement(
    Session session, EngineServices services, string tag, IReadOnlyList<SqlType> parameterTypes, ReturningList? returning,
    WrittenRows? written) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => parameterTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } =
        returning is null ? null : returning.Columns.Zip(returning.Schema.Columns,
            static (name, column) => new ResultColumn(name, column.Type)).ToArray();

    /// <summary>The clock, as the time of rows that are given none.</summary>
    protected long Now => services.Tasks.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        session.RequireWritable(tag.Split(' ')[0]);
        ChangeBatch? returned = null;
        var write = await session.WriteAsync(
            async token =>
            {
                (var computed, returned) = await ComputeWholeAsync(values, token);
                return computed;
            },
            cancellation);
        return ResultOf(write, returned);
    }

    /// <summary>Computes the rows, and what RETURNING gives back; null without it.</summary>
    public async ValueTask<(RowWrite Write, ChangeBatch? Returned)> ComputeWholeAsync(IReadOnlyList<object?> values,
        CancellationToken cancellation)
    {
        var (computed, shown) = await ComputeAsync(values, cancellation);
        return (computed, returning is null ? null : await ReturnAsync(shown, values, cancellation));
    }

    /// <summary>What the client gets.</summary>
    public StatementResult ResultOf(RowWrite write, ChangeBatch? returned) =>
        returning is null ? new CommandResult(tag, write.Count, Notices) : new ReturnedRows(tag, Columns!, returned);

    /// <summary>What the client is told.</summary>
    protected virtual IReadOnlyList<Notice> Notices => [];

    /// <summary>Computes and encodes the rows; may be called again when other clients have changed what they depend on.</summary>
    /// <returns>The write, and the rows that RETURNING is computed over.</returns>
    protected abstract ValueTask<(RowWrite Write, ChangeBatch Shown)> ComputeAsync(IReadOnlyList<object?> values,
        CancellationToken cancellation);

    /// <summary>Computes RETURNING into a batch of its own.</summary>
    private async ValueTask<ChangeBatch> ReturnAsync(ChangeBatch shown, IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var input = new PlanSchema(
            [.. shown.Columns.Select(static (column, i) => new PlanColumn($"COLUMN{i}", column.Type, ColumnRole.Value))],
            RelationKind.Rows);
        var plan = new LogicalProject(new LogicalValues([], input), returning!.Expressions, returning.Schema);
        var (_, context) = await StatementContext.OpenAsync(session, services, values, [plan], cancellation, written);
        var project = new ProjectOperator(context, returning.Expressions, returning.Schema);
        project.Push(shown);
        var projected = project.Pull()!;
        var rows = new ChangeBatch(returning.Schema.Columns.Select(static column => column.Type).ToArray());
        rows.Reset(projected.Selection.Count);
        var selected = RowNumbers.Of(projected.Selection);
        for (var c = 0; c < rows.Columns.Length; c++)
            rows.Columns[c].Gather(projected.Columns[c], selected, 0);
        context.Budget.Release();
        return rows;
    }
}

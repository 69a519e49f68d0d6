using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// UPDATE and DELETE: reads the rows that are meant and writes their new values, or tombstones, to the table's topic; it answers when they are durable.
/// Between the reading and the writing another client can change a row: the last writer wins.
/// </summary>
internal sealed class ChangeRowsStatement(Session session, EngineServices services, PlannedRowChange planned) : SessionStatement
{
    private readonly SelectStatement _rows = new(session, services, planned.Rows);

    /// <inheritdoc/>
    public override IReadOnlyList<SqlType> ParameterTypes => planned.Rows.ParameterTypes;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var appender = await RowAppender.OpenAsync(session, services, planned.Target, cancellation);
        var now = new FixedColumn<long>(SqlType.BigInt);
        long count = 0;
        await using var rows = await _rows.ExecuteAsync(values, cancellation);
        while (await rows.ReadAsync(cancellation) is { } read)
        {
            now.Reset(read.RowCount);
            now.Values.AsSpan(0, read.RowCount).Fill(services.Tasks.Time.GetUtcNow().ToUnixTimeMilliseconds());
            var batch = new ChangeBatch(read.Columns) { RowCount = read.RowCount, Selection = read.Selection, RowTime = now };
            await appender.AppendAsync(batch, planned.IsDelete, cancellation);
            count += read.Selection.Count;
        }

        return new CommandResult(planned.IsDelete ? "DELETE" : "UPDATE", count);
    }
}

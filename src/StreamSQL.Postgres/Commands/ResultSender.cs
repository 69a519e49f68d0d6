using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands;

/// <summary>
/// Sends what a statement gives. Rows go out as soon as no further one is ready, or a block of them is full; a client that does not read
/// holds up only its own statement.
/// </summary>
internal sealed class ResultSender(BackendMessageWriter writer, SessionSettings settings, TimeProvider time)
{
    /// <summary>Bytes of rows that are collected before they are sent.</summary>
    private const int BlockBytes = 32 * 1024;

    /// <summary>Sends up to <paramref name="maxRows"/> rows (0: all) and how it ended: CommandComplete or PortalSuspended.</summary>
    /// <param name="execution">What was started.</param>
    /// <param name="format">How its rows are written; null when it gives none.</param>
    /// <param name="maxRows">The row limit of Execute.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="commit">Commits what it has written, before it is told that it is complete; null where the commit comes later.</param>
    /// <param name="describe">Tells the client of the columns before the first row; null where that was done.</param>
    /// <exception cref="SqlException">The statement failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async ValueTask SendAsync(
        Execution execution, RowFormat? format, long maxRows, CancellationToken cancellation,
        Func<CancellationToken, ValueTask>? commit = null,
        Action? describe = null)
    {
        if (execution.IsEmptyQuery)
        {
            writer.EmptyQueryResponse();
            return;
        }

        if (execution.IsComplete)
        {
            if (execution.Columns is null)
                throw new SqlException(PostgresErrorCodes.ObjectNotInPrerequisiteState, "portal cannot be run: it has been run to its end");
            writer.CommandComplete(execution.Tag, CountsRows(execution.Tag) ? 0 : null);
            return;
        }

        var limit = Math.Min(maxRows <= 0 || execution.Copy is not null ? long.MaxValue : maxRows, execution.RowLimit - execution.RowsSent);
        var before = execution.RowsSent;
        if (execution.Rows is { } rows && execution.Columns is not null)
        {
            using var registration = rows.Result.IsShort
                ? default
                : cancellation.UnsafeRegister(static state => ((RowReader)state!).Cancel(), rows);
            if (!execution.IsBegun && !execution.IsContinuous)
                rows.TryAdvance();
            describe?.Invoke();
            Begin(execution);
            await SendRowsAsync(execution, rows, format, limit, cancellation);
        }

        if (!execution.IsComplete && execution.RowsSent < execution.RowLimit && execution.Columns is not null)
        {
            writer.PortalSuspended();
            return;
        }

        if (commit is not null)
            await commit(cancellation);
        Complete(execution, execution.CountsAllRows ? execution.RowsSent : execution.RowsSent - before);
    }

    private void Begin(Execution execution)
    {
        if (execution.IsBegun)
            return;
        execution.IsBegun = true;
        if (execution.Copy is not { } copy)
            return;
        writer.CopyOutResponse(copy.IsBinary, copy.ColumnCount);
        if (!copy.IsBinary)
            writer.CopyHeader(copy);
    }

    private async ValueTask SendRowsAsync(Execution execution, RowReader rows, RowFormat? format, long limit,
        CancellationToken cancellation)
    {
        var end = execution.RowsSent + Math.Min(limit, long.MaxValue - execution.RowsSent);
        var start = time.GetTimestamp();
        while (execution.RowsSent < end)
        {
            var isReady = rows.TryAdvance();
            if (rows.Result.TakeNotice() is { } notice)
                writer.Notices([notice], settings);
            if (!isReady)
            {
                if (execution.EndsWhenNoneReady && execution.RowsSent > 0)
                {
                    execution.IsComplete = true;
                    return;
                }

                await writer.FlushAsync(cancellation);
                if (!await WaitAsync(execution, rows, start, cancellation))
                    return;
                continue;
            }

            if (rows.Ended)
            {
                execution.IsComplete = true;
                return;
            }

            var count = (int)Math.Min(rows.Available, end - execution.RowsSent);
            if (execution.DiscardsRows)
                rows.Skip(count);
            else
                await WriteRowsAsync(execution, rows, format!, count, cancellation);
            execution.RowsSent += count;
            if (execution.IsContinuous)
                await writer.FlushAsync(cancellation);
        }
    }

    private async ValueTask WriteRowsAsync(Execution execution, RowReader rows, RowFormat format, int count, CancellationToken cancellation)
    {
        for (var i = 0; i < count; i++)
        {
            if (execution.Copy is { } copy)
                writer.CopyRow(copy, rows.Batch, rows.TakeRow(), withHeader: copy.IsBinary && execution.RowsSent + i == 0);
            else
                writer.DataRow(format, rows.Batch, rows.TakeRow());
            if (writer.UnflushedBytes >= BlockBytes)
                await writer.FlushAsync(cancellation);
        }
    }

    /// <summary>Waits for rows; false when the time that FETCH gave is over, which counts from its start.</summary>
    private async ValueTask<bool> WaitAsync(Execution execution, RowReader rows, long start, CancellationToken cancellation)
    {
        if (execution.WaitLimit is not { } limit)
        {
            await rows.WaitAsync(cancellation);
            return true;
        }

        var left = limit - time.GetElapsedTime(start);
        if (left > TimeSpan.Zero && await rows.WaitAsync(left, time, cancellation))
            return true;
        execution.IsComplete = true;
        return false;
    }

    private void Complete(Execution execution, long rowsSent)
    {
        execution.IsComplete = true;
        if (execution.Copy is { } copy)
        {
            writer.CopyTrailer(copy, withHeader: copy.IsBinary && execution.RowsSent == 0);
            writer.CopyDone();
        }

        var count = execution.Columns is null ? execution.AffectedRows : CountsRows(execution.Tag) ? rowsSent : null;
        writer.CommandComplete(execution.Tag, count);
    }

    /// <summary>Whether PostgreSQL puts a row count behind a tag: SHOW and EXPLAIN give rows and no count.</summary>
    private static bool CountsRows(string tag) => tag is "SELECT" or "FETCH" or "MOVE" or "COPY" or "INSERT 0" or "UPDATE" or "DELETE";
}

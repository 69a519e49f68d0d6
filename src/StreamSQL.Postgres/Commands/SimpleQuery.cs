using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Transport;

namespace StreamSQL.Postgres.Commands;

/// <summary>The simple query protocol: the statements of one message, one after another until one fails.</summary>
internal sealed class SimpleQuery(
    ClientState state, StatementBinder binder, BackendMessageWriter writer, ResultSender sender, CopyReceiver receiver,
    StatementCancellation running)
{
    private static readonly Notice PushQueryNotice = new(
        "NOTICE", PostgresErrorCodes.SuccessfulCompletion, "this query runs until it is cancelled",
        "psql shows rows only when a query ends: \\set FETCH_COUNT 1 or COPY (...) TO STDOUT shows them live.");

    /// <summary>Runs a script and answers each statement.</summary>
    /// <exception cref="SqlException">A statement failed; what came before it has been answered.</exception>
    public async ValueTask RunAsync(string script, CancellationToken cancellation)
    {
        state.Statements.Remove("");
        await state.Portals.RemoveAsync("");
        if (state.Known.Find(script, []) is { } known)
        {
            binder.RequireUsableBlock();
            await RunAsync(known, isLast: true, cancellation);
            await state.EndStatementAsync();
            return;
        }

        await EventLoop.LeaveAsync();
        var statements = state.Runner.Parse(script);
        if (statements.Count == 0)
            writer.EmptyQueryResponse();
        state.InImplicitBlock = statements.Count > 1;
        if (state.InImplicitBlock)
            state.Session.BeginImplicit();
        for (var i = 0; i < statements.Count; i++)
        {
            if (i > 0)
                running.Bound(state.StatementTimeout);
            await RunAsync(Bind(statements[i], statements.Count == 1 ? script : null), isLast: i == statements.Count - 1, cancellation);
            await state.EndStatementAsync();
        }
    }

    /// <summary>Prepares a statement; one that is a script by itself is known from then on.</summary>
    private ClientStatement Bind(ParsedStatement parsed, string? script)
    {
        var statement = binder.Bind(parsed, []);
        if (statement.Parameters.Count > 0)
            throw new SqlException(PostgresErrorCodes.UndefinedParameter, "there is no parameter $1",
                "Parameters come with Parse and Bind.", parsed.Syntax.Position);
        if (script is not null)
            state.Known.Add(script, [], statement);
        return statement;
    }

    private async ValueTask RunAsync(ClientStatement statement, bool isLast, CancellationToken cancellation)
    {
        await statement.LeaveThreadAsync(state.Session);
        await using var portal = new Portal("", statement, [], []);
        var execution = await portal.StartAsync(cancellation);
        writer.Notices(execution.Notices, state.Session.Settings);
        if (execution is { IsContinuous: true, RowsAreLent: false, Copy: null })
            writer.Notices([PushQueryNotice], state.Session.Settings);
        var format = portal.Format(state.TextSettings);
        // A push query's columns are told before its first row comes; an error of other statements comes without them.
        if (format is not null && execution.IsContinuous)
            writer.RowDescription(format, state);
        if (execution.IsContinuous)
            await writer.FlushAsync(cancellation);
        Action? describe = format is null || execution.IsContinuous ? null : () => writer.RowDescription(format, state);
        if (execution is { Incoming: { } incoming, IsComplete: false })
            await receiver.ReceiveAsync(incoming, cancellation);
        await sender.SendAsync(execution, format, maxRows: 0, cancellation, isLast ? state.Session.EndImplicitAsync : null, describe);
    }
}

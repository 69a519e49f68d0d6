using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Transport;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands;

/// <summary>
/// The extended query protocol: each message does its step and writes its answer; the caller handles errors, Flush and Sync.
/// </summary>
internal sealed class ExtendedQuery(ClientState state, StatementBinder binder, BackendMessageWriter writer, ResultSender sender,
    CopyReceiver receiver)
{
    /// <summary>Parse.</summary>
    public async ValueTask ParseAsync(ParseMessage message)
    {
        var known = state.Known.Find(message.Text, message.ParameterTypes);
        if (known is not null)
            binder.RequireUsableBlock();
        else
            await EventLoop.LeaveAsync();
        state.Statements.Add(message.Name, known ?? Make(message), message.Text, isFromSql: false);
        writer.ParseComplete();
    }

    /// <summary>Bind.</summary>
    public ValueTask BindAsync(ReadOnlySpan<byte> body)
    {
        var message = BindMessage.Read(body);
        var statement = state.Statements.Use(message.Statement);
        if (statement == EmptyStatement.Instance)
            binder.RequireUsableBlock();
        var parameters = statement.Parameters;
        if (message.ParameterCount != parameters.Count)
        {
            throw new SqlException(
                PostgresErrorCodes.ProtocolViolation,
                $"bind message supplies {message.ParameterCount} parameters, but prepared statement \"{message.Statement}\" requires " +
                    $"{parameters.Count}");
        }

        var values = message.ReadValues(statement.ReadersOf(state.TextSettings), out var resultFormats);
        var text = message.Portal.Length == 0 ? "" : state.Statements.TextOf(message.Statement);
        return AddAsync(new(message.Portal, statement, values, resultFormats) { Text = text });
    }

    /// <summary>Describe of a statement: its parameters, then its columns; of a portal: its columns.</summary>
    public async ValueTask DescribeAsync(TargetMessage message)
    {
        RowFormat? format;
        if (message.IsPortal)
        {
            format = FindPortal(message.Name).Format(state.TextSettings);
        }
        else
        {
            var statement = state.Statements.Get(message.Name);
            writer.ParameterDescription(statement.Parameters);
            format = statement.Columns is { } columns ? statement.FormatOf(columns, statement.Formats, state.TextSettings) : null;
        }

        if (format is null)
        {
            writer.NoData();
            return;
        }

        // Which relations its columns are of may have to be looked up in the whole catalog.
        if (EventLoop.IsCurrent && !format.IsDescribedAt(state.Session.CatalogVersion))
            await EventLoop.LeaveAsync();
        writer.RowDescription(format, state);
    }

    /// <summary>Whether an Execute is done in microseconds.</summary>
    public bool IsShort(ExecuteMessage message) => state.Portals.TryGet(message.Portal, out var portal) && portal.IsShort;

    /// <summary>Execute.</summary>
    /// <param name="message">Which portal, and how many rows.</param>
    /// <param name="isLast">Whether Sync follows: a statement that is alone is a transaction by itself, several are one up to Sync.</param>
    /// <param name="cancellation">Stops it.</param>
    public async ValueTask ExecuteAsync(ExecuteMessage message, bool isLast, CancellationToken cancellation)
    {
        var portal = FindPortal(message.Portal);
        if (!isLast && !portal.TakesRows)
            state.Session.BeginImplicit();
        await portal.LeaveThreadAsync(state.Session);
        var execution = await portal.StartAsync(cancellation);
        if (execution.IsBegun)
            state.Session.Activity.ContinueStatement();
        else
            writer.Notices(execution.Notices, state.Session.Settings);
        if (execution is { Incoming: { } incoming, IsComplete: false })
            await receiver.ReceiveAsync(incoming, cancellation);
        await sender.SendAsync(execution, portal.Format(state.TextSettings), message.MaxRows, cancellation);
    }

    /// <summary>Close: closing what is not there is no error.</summary>
    public async ValueTask CloseAsync(TargetMessage message)
    {
        if (message.IsPortal)
            await state.Portals.RemoveAsync(message.Name);
        else
            state.Statements.Remove(message.Name);
        writer.CloseComplete();
    }

    private ClientStatement Make(ParseMessage message)
    {
        var statements = state.Runner.Parse(message.Text);
        if (statements.Count > 1)
            throw new SqlException(PostgresErrorCodes.SyntaxError, "cannot insert multiple commands into a prepared statement");
        state.Statements.RequireFree(message.Name);
        if (statements.Count == 0)
            return EmptyStatement.Instance;
        var statement = binder.Bind(statements[0], message.ParameterTypes);
        state.Known.Add(message.Text, message.ParameterTypes, statement);
        return statement;
    }

    private async ValueTask AddAsync(Portal portal)
    {
        await state.Portals.AddAsync(portal);
        writer.BindComplete();
    }

    private Portal FindPortal(string name) => state.Portals.TryGet(name, out var portal)
        ? portal
        : throw new SqlException(PostgresErrorCodes.InvalidCursorName, $"portal \"{name}\" does not exist");
}

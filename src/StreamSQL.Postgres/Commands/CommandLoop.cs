using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Connections;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Transport;

namespace StreamSQL.Postgres.Commands;

/// <summary>
/// Reads a connection's messages and runs them, one after another, until the client leaves. An error ends its statement only; in the
/// extended protocol what follows it is skipped up to the next Sync.
/// </summary>
internal sealed class CommandLoop
{
    // Not among Npgsql's constants.
    private const string IdleInTransactionTimeout = "25P03";

    private const int MaxCollectedBytes = 32 * 1024;

    /// <summary>The longest message that may be read on a loop's thread.</summary>
    private const int MaxInlineBytes = 4 * 1024;

    private readonly FrontendMessageReader _reader;
    private readonly BackendMessageWriter _writer;
    private readonly ClientState _state;
    private readonly StatementCancellation _cancellation;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SimpleQuery _simple;
    private readonly ExtendedQuery _extended;
    private readonly FunctionCall _function;
    private readonly NotificationSender _notifications;
    private readonly LoopConnection? _loop;
    private bool _skipping;

    // Whether messages have come since the last ReadyForQuery.
    private bool _isInPipeline;

    // Whether answers up to a ReadyForQuery wait for those of the requests behind it.
    private bool _owesAnswers;

    /// <summary>Creates it.</summary>
    /// <param name="reader">The client's messages.</param>
    /// <param name="writer">The answers.</param>
    /// <param name="state">What the connection has open.</param>
    /// <param name="cancellation">Stops its statements.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where internal errors go.</param>
    /// <param name="loop">The connection, where a loop's threads may run short statements; null with another transport.</param>
    public CommandLoop(
        FrontendMessageReader reader, BackendMessageWriter writer, ClientState state, StatementCancellation cancellation, TimeProvider time,
        ILogger logger, LoopConnection? loop)
    {
        _reader = reader;
        _writer = writer;
        _state = state;
        _cancellation = cancellation;
        _time = time;
        _logger = logger;
        _loop = loop;
        var binder = new StatementBinder(state);
        var sender = new ResultSender(writer, state.Session.Settings, time);
        var receiver = new CopyReceiver(reader, writer);
        _simple = new(state, binder, writer, sender, receiver, cancellation);
        _extended = new(state, binder, writer, sender, receiver);
        _function = new(state, binder, writer);
        _notifications = new(reader, writer, state.Session);
    }

    /// <summary>Runs until the client leaves.</summary>
    /// <param name="stopping">Stops waiting for messages.</param>
    /// <exception cref="FatalProtocolException">The connection has to end.</exception>
    /// <exception cref="ClientGoneException">The client has closed the connection.</exception>
    /// <exception cref="OperationCanceledException">The server is stopping.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        await ReadyAsync(stopping);
        while (true)
        {
            var message = await NextAsync(stopping);
            if (EventLoop.IsCurrent && !MayStay(message))
                await EventLoop.LeaveAsync();
            switch (message.Type)
            {
                case FrontendMessageType.EndOfInput or FrontendMessageType.Terminate:
                    return;
                case not FrontendMessageType.Sync when _skipping:
                    break;
                case FrontendMessageType.Query:
                    await RunSimpleAsync(message.Body);
                    await ReadyAsync(stopping);
                    break;
                case FrontendMessageType.Sync:
                    _skipping = false;
                    if (RequireEmpty(message))
                        await CommitAsync();
                    await ReadyAsync(stopping);
                    break;
                case FrontendMessageType.Flush:
                    _skipping = !RequireEmpty(message);
                    await _writer.FlushAsync(stopping);
                    break;
                case FrontendMessageType.CopyData or FrontendMessageType.CopyDone or FrontendMessageType.CopyFail:
                    break; // left over from a COPY that has failed
                case FrontendMessageType.Password:
                    FatalProtocolException.ThrowViolation("unexpected password message");
                    break;
                case FrontendMessageType.FunctionCall:
                    await RunFunctionAsync(message.Body);
                    await ReadyAsync(stopping);
                    break;
                default:
                    _isInPipeline = true;
                    await RunExtendedAsync(message, stopping);
                    break;
            }
        }
    }

    /// <summary>The next message. When it comes, this goes on on the thread that has received it.</summary>
    private async ValueTask<FrontendMessage> NextAsync(CancellationToken stopping)
    {
        _loop?.RunsInline = true;
        try
        {
            var next = _isInPipeline ? _reader.ReadAsync(stopping) : ReadIdleAsync(stopping);
            if (!next.IsCompleted && _writer.UnflushedBytes > 0)
                await _writer.FlushAsync(stopping);
            return await next;
        }
        finally
        {
            _loop?.RunsInline = false;
        }
    }

    /// <summary>Whether what a message asks for is done in microseconds, or leaves a loop's thread by itself where it is not.</summary>
    private bool MayStay(FrontendMessage message) => message.Body.Length <= MaxInlineBytes && message.Type switch
    {
        FrontendMessageType.Sync => !_state.Session.HasUncommitted,
        FrontendMessageType.Query or FrontendMessageType.Parse or FrontendMessageType.Bind or FrontendMessageType.Describe
            or FrontendMessageType.Execute or FrontendMessageType.Flush => true,
        _ => false,
    };

    /// <summary>Waits for the next message, as long as the client may leave the session alone.</summary>
    /// <exception cref="FatalProtocolException">25P03, 57P05: it took too long.</exception>
    private async ValueTask<FrontendMessage> ReadIdleAsync(CancellationToken stopping)
    {
        var timeout = _state.IdleTimeout;
        if (timeout == TimeSpan.Zero)
            return await _notifications.ReadAsync(stopping);
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            return await _notifications.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            throw _state.IsInTransaction
                ? new FatalProtocolException(IdleInTransactionTimeout, "terminating connection due to idle-in-transaction timeout")
                : new FatalProtocolException(PostgresErrorCodes.IdleSessionTimeout, "terminating connection due to idle-session timeout");
        }
    }

    private async ValueTask RunSimpleAsync(ReadOnlyMemory<byte> body)
    {
        string? script = null;
        try
        {
            script = ReadScript(body.Span);
            _reader.Release();
            await FlushOwedAsync(CancellationToken.None);
            await _simple.RunAsync(script, Begin());
        }
        catch (Exception error) when (error is not (ClientGoneException or FatalProtocolException))
        {
            Report(error, script);
        }
        finally
        {
            EndStatement();
        }
    }

    private async ValueTask RunFunctionAsync(ReadOnlyMemory<byte> body)
    {
        try
        {
            var call = FunctionCallMessage.Read(body.Span);
            _reader.Release();
            await _function.RunAsync(call, Begin());
        }
        catch (Exception error) when (error is not (ClientGoneException or FatalProtocolException))
        {
            Report(error, null);
        }
        finally
        {
            EndStatement();
        }
    }

    private async ValueTask RunExtendedAsync(FrontendMessage message, CancellationToken stopping)
    {
        string? text = null;
        try
        {
            switch (message.Type)
            {
                case FrontendMessageType.Parse:
                    var parse = ParseMessage.Read(message.Body.Span);
                    text = parse.Text;
                    await _extended.ParseAsync(parse);
                    break;
                case FrontendMessageType.Bind:
                    await _extended.BindAsync(message.Body.Span);
                    break;
                case FrontendMessageType.Describe:
                    await _extended.DescribeAsync(TargetMessage.Read(message.Body.Span, "DESCRIBE"));
                    break;
                case FrontendMessageType.Execute:
                    var execute = ExecuteMessage.Read(message.Body.Span);
                    if (!_extended.IsShort(execute))
                    {
                        _reader.Release();
                        await FlushOwedAsync(stopping);
                    }

                    await _extended.ExecuteAsync(execute, _reader.HasNext(FrontendMessageType.Sync), Begin());
                    await _state.EndStatementAsync();
                    EndStatement();
                    break;
                case FrontendMessageType.Close:
                    await _extended.CloseAsync(TargetMessage.Read(message.Body.Span, "CLOSE"));
                    break;
            }
        }
        catch (Exception error) when (error is not (ClientGoneException or FatalProtocolException))
        {
            _skipping = true;
            Report(error, text);
            EndStatement();
            await _writer.FlushAsync(stopping);
        }
    }

    /// <summary>Refuses a body where a message has none.</summary>
    private bool RequireEmpty(FrontendMessage message)
    {
        if (message.Body.IsEmpty)
            return true;
        Report(new SqlException(PostgresErrorCodes.ProtocolViolation, "invalid message format"), null);
        return false;
    }

    /// <summary>Commits what the statements since the last Sync have written; what goes wrong is told before ReadyForQuery.</summary>
    private async ValueTask CommitAsync()
    {
        var session = _state.Session;
        try
        {
            await session.EndImplicitAsync(session.HasUncommitted ? Begin() : CancellationToken.None);
        }
        catch (Exception error) when (error is not (ClientGoneException or FatalProtocolException))
        {
            Report(error, null);
        }
        finally
        {
            _cancellation.End();
        }
    }

    private CancellationToken Begin() => _cancellation.Begin(_state.StatementTimeout);

    private void EndStatement()
    {
        _cancellation.End();
        _state.Session.Activity.EndStatement();
    }

    /// <summary>Ends the statement in the eyes of the client: the transaction outside a block, then ReadyForQuery.</summary>
    private async ValueTask ReadyAsync(CancellationToken stopping)
    {
        _isInPipeline = false;
        await _state.EndMessagesAsync(_writer);
        _notifications.Send();
        _writer.ReadyForQuery((byte)_state.Session.TransactionStatus);
        // The answers to requests that are here already go out together.
        _owesAnswers = _reader.HoldsMore && _writer.UnflushedBytes < MaxCollectedBytes;
        if (!_owesAnswers)
            await _writer.FlushAsync(stopping);
    }

    /// <summary>Before something that may take long: nobody waits for it with an answer that is there.</summary>
    private ValueTask FlushOwedAsync(CancellationToken cancellation)
    {
        if (!_owesAnswers)
            return ValueTask.CompletedTask;
        _owesAnswers = false;
        return _writer.FlushAsync(cancellation);
    }

    /// <summary>Tells the client what went wrong; an internal error is told in general words, and logged whole.</summary>
    private void Report(Exception error, string? statement)
    {
        if (_cancellation.Reason != CancelReason.None
            && error is OperationCanceledException or SqlException { SqlState: PostgresErrorCodes.QueryCanceled })
            error = Cancelled(error);
        _state.Session.FailTransaction();
        if (error is SqlException sqlError)
        {
            _writer.Error(sqlError, statement);
            return;
        }

        PostgresLog.InternalError(_logger, error);
        _writer.Error(new(PostgresErrorCodes.InternalError, "internal error", "The server's log has the details."));
    }

    private SqlException Cancelled(Exception error) => _cancellation.Reason switch
    {
        CancelReason.ClientGone => throw new ClientGoneException(),
        CancelReason.Shutdown or CancelReason.Terminated => throw ServerStopping(),
        CancelReason.Timeout => new(PostgresErrorCodes.QueryCanceled, "canceling statement due to statement timeout", inner: error),
        _ => new(PostgresErrorCodes.QueryCanceled, "canceling statement due to user request", inner: error),
    };

    /// <summary>The error of a connection that ends because the server stops.</summary>
    public static FatalProtocolException ServerStopping() =>
        new(PostgresErrorCodes.AdminShutdown, "terminating connection due to administrator command");

    private static string ReadScript(ReadOnlySpan<byte> body)
    {
        var reader = new MessageBodyReader(body);
        var script = reader.ReadString();
        reader.RequireEnd();
        return script;
    }
}

using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Transport;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands;

/// <summary>A parameter of a statement: the type that its values travel with, and the type that the statement takes.</summary>
internal readonly record struct ClientParameter(uint Oid, SqlType Type);

/// <summary>
/// A statement that a client has prepared, by message or by PREPARE: the engine's, or a command about the connection's own objects.
/// </summary>
internal abstract class ClientStatement
{
    private RowFormat? _format;
    private (TextSettings? Settings, ParameterReader[] Readers) _readers;

    /// <summary>$1, $2, ...</summary>
    public virtual IReadOnlyList<ClientParameter> Parameters => [];

    /// <summary>The columns of its rows, for Describe; null when it gives none.</summary>
    public virtual IReadOnlyList<ResultColumn>? Columns => null;

    /// <summary>Formats of its rows that it brings itself (FETCH from a binary cursor); none where the client's count.</summary>
    public virtual IReadOnlyList<FormatCode> Formats => [];

    /// <summary>Whether it is done in microseconds: then it may run on the thread that has received it.</summary>
    public virtual bool IsShort => false;

    /// <summary>
    /// Whether it is done in microseconds whatever its values are, since what it runs with is made: then it may run on a loop's thread.
    /// </summary>
    /// <param name="catalogVersion">The catalog's version now.</param>
    public virtual bool IsReadyAt(long catalogVersion) => false;

    /// <summary>Whether it may be run again for whoever sends the same text.</summary>
    public virtual bool IsRepeatable => false;

    /// <summary>How rows of it are written; the same object as long as nothing that it follows from has changed.</summary>
    public RowFormat FormatOf(IReadOnlyList<ResultColumn> columns, IReadOnlyList<FormatCode> formats, TextSettings settings)
    {
        if (_format is not { } format || !format.IsOf(columns, formats, settings))
            _format = format = RowFormat.Create(columns, formats, settings);
        return format;
    }

    /// <summary>The readers of its parameters.</summary>
    /// <exception cref="Data.Errors.SqlException">0A000: values of a declared type are not understood.</exception>
    public ParameterReader[] ReadersOf(TextSettings settings)
    {
        if (!ReferenceEquals(_readers.Settings, settings))
        {
            var parameters = Parameters;
            var readers = parameters.Count == 0 ? [] : new ParameterReader[parameters.Count];
            for (var i = 0; i < readers.Length; i++)
                readers[i] = ParameterReader.Create(parameters[i].Oid, parameters[i].Type, settings);
            _readers = (settings, readers);
        }

        return _readers.Readers;
    }

    /// <summary>
    /// Leaves the thread that has received it: what takes long, so that the thread can listen to the client, and on a loop's thread, which
    /// listens to all clients, what may take long.
    /// </summary>
    /// <param name="session">The session that it is run in.</param>
    public ValueTask LeaveThreadAsync(Session session)
    {
        if (!IsShort)
            return YieldAsync();
        return !EventLoop.IsCurrent || IsReadyAt(session.CatalogVersion) ? ValueTask.CompletedTask : EventLoop.LeaveAsync();
    }

    private static async ValueTask YieldAsync() => await Task.Yield();

    /// <summary>Starts it.</summary>
    /// <exception cref="Data.Errors.SqlException">It failed.</exception>
    public abstract ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation);
}

/// <summary>A statement that the engine runs.</summary>
internal sealed class EngineStatement(
    StatementRunner runner, PreparedStatement prepared, IReadOnlyList<ClientParameter> parameters) : ClientStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ClientParameter> Parameters => parameters;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => prepared.Columns;

    /// <inheritdoc/>
    public override bool IsShort => prepared.IsShort;

    /// <inheritdoc/>
    public override bool IsReadyAt(long catalogVersion) => prepared.IsReadyAt(catalogVersion);

    /// <inheritdoc/>
    public override bool IsRepeatable => prepared.IsRepeatable;

    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation) =>
        Execution.Of(await runner.Execute(prepared, values, cancellation));
}

/// <summary>The empty statement.</summary>
internal sealed class EmptyStatement : ClientStatement
{
    public static readonly EmptyStatement Instance = new();

    /// <inheritdoc/>
    public override ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation) =>
        new(new Execution { Tag = "", IsEmptyQuery = true });
}

using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands;

/// <summary>A parameter of a statement: the type that its values travel with, and the type that the statement takes.</summary>
internal readonly record struct ClientParameter(uint Oid, SqlType Type);

/// <summary>A statement that a client has prepared, by message or by PREPARE: the engine's, or a command about the connection's own objects.</summary>
internal abstract class ClientStatement
{
    /// <summary>$1, $2, ...</summary>
    public virtual IReadOnlyList<ClientParameter> Parameters => [];

    /// <summary>The columns of its rows, for Describe; null when it gives none.</summary>
    public virtual IReadOnlyList<ResultColumn>? Columns => null;

    /// <summary>Formats of its rows that it brings itself (FETCH from a binary cursor); none where the client's count.</summary>
    public virtual IReadOnlyList<FormatCode> Formats => [];

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

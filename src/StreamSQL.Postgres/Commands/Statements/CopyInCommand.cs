using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands.Copying;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>COPY table FROM STDIN: appends to a stream, upserts into a table.</summary>
internal sealed class CopyInCommand(ClientState state, CopyOptions options, RowInserter target) : ClientStatement
{
    /// <inheritdoc/>
    public override ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation) =>
        new(new Execution { Tag = "COPY", Incoming = new CopyIn(target, options, state.TextSettings, state.Options.MaxMessageBytes) });
}

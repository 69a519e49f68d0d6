namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>TRUNCATE: a DELETE of all rows under another name.</summary>
internal sealed class TruncateTableStatement(SessionStatement delete) : SessionStatement
{
    /// <inheritdoc/>
    public override bool NeedsCommitted => delete.NeedsCommitted;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        await using var deleted = await delete.ExecuteAsync(values, cancellation);
        return new CommandResult("TRUNCATE TABLE");
    }
}

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>TRUNCATE: a DELETE of all rows under another name, of one table after the other.</summary>
internal sealed class TruncateTableStatement(IReadOnlyList<SessionStatement> deletes) : SessionStatement
{
    /// <inheritdoc/>
    public override bool NeedsCommitted => deletes.Any(static delete => delete.NeedsCommitted);

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        foreach (var delete in deletes)
        {
            await using var deleted = await delete.ExecuteAsync(values, cancellation);
        }

        return new CommandResult("TRUNCATE TABLE");
    }
}

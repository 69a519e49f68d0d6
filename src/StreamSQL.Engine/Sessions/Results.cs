using StreamSQL.Data.Batches;
using StreamSQL.Data.Formats.Rows;

namespace StreamSQL.Engine.Sessions;

/// <summary>A statement that gives no rows.</summary>
internal sealed class CommandResult(string tag, long? affectedRows = null, IReadOnlyList<Notice>? notices = null) : StatementResult
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => null;

    /// <inheritdoc/>
    public override string CommandTag => tag;

    /// <inheritdoc/>
    public override long? AffectedRows => affectedRows;

    /// <inheritdoc/>
    public override IReadOnlyList<Notice> Notices => notices ?? [];

    /// <summary>A command with a notice, if there is one.</summary>
    public static CommandResult Of(string tag, Notice? notice) => new(tag, null, notice is null ? [] : [notice]);

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation) => ValueTask.FromResult<ChangeBatch?>(null);
}

/// <summary>A short list that is there at once: SHOW, DESCRIBE, EXPLAIN.</summary>
internal sealed class ListResult : StatementResult
{
    private readonly IReadOnlyList<ResultColumn> _columns;
    private readonly string _tag;
    private ChangeBatch? _batch;

    /// <summary>Creates the result; values follow the columns' types (see <see cref="ColumnWriter"/>).</summary>
    public ListResult(string tag, IReadOnlyList<ResultColumn> columns, IEnumerable<object?[]> rows)
    {
        _tag = tag;
        _columns = columns;
        var list = rows.ToArray();
        _batch = new ChangeBatch(columns.Select(static column => column.Type).ToArray());
        _batch.Reset(list.Length);
        for (var row = 0; row < list.Length; row++)
        {
            for (var c = 0; c < columns.Count; c++)
                ColumnWriter.Write(_batch.Columns[c], row, list[row][c]);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => _columns;

    /// <inheritdoc/>
    public override string CommandTag => _tag;

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        var batch = _batch;
        _batch = null;
        return ValueTask.FromResult(batch is { RowCount: > 0 } ? batch : null);
    }
}

/// <summary>A result with a notice besides its own.</summary>
internal sealed class NoticedResult(StatementResult result, Notice notice) : StatementResult
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => result.Columns;

    /// <inheritdoc/>
    public override string CommandTag => result.CommandTag;

    /// <inheritdoc/>
    public override long? AffectedRows => result.AffectedRows;

    /// <inheritdoc/>
    public override IReadOnlyList<Notice> Notices => [.. result.Notices, notice];

    /// <inheritdoc/>
    public override bool IsContinuous => result.IsContinuous;

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation) => result.ReadAsync(cancellation);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await result.DisposeAsync();
        await base.DisposeAsync();
    }
}

/// <summary>Rows that are there at once, with the tag of the statement that wrote them: RETURNING.</summary>
internal sealed class ReturnedRows(string tag, IReadOnlyList<ResultColumn> columns, ChangeBatch? rows) : StatementResult
{
    private ChangeBatch? _rows = rows;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => columns;

    /// <inheritdoc/>
    public override string CommandTag => tag;

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        var rows = _rows;
        _rows = null;
        return ValueTask.FromResult(rows is { Selection.Count: > 0 } ? rows : null);
    }
}

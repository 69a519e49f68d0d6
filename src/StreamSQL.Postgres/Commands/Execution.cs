using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands.Copying;

namespace StreamSQL.Postgres.Commands;

/// <summary>A statement that has been started: the rows that are to be sent, if it gives any, and how it will be reported.</summary>
internal sealed class Execution : IAsyncDisposable
{
    /// <summary>The command tag without a count.</summary>
    public required string Tag { get; init; }

    /// <summary>What the engine gives for it, or null for a command that is done.</summary>
    public RowReader? Rows { get; init; }

    /// <summary>The columns of its rows; null when it gives none.</summary>
    public IReadOnlyList<ResultColumn>? Columns { get; init; }

    /// <summary>Whether the rows belong to a cursor, which outlives this.</summary>
    public bool RowsAreLent { get; init; }

    /// <summary>The columns that RowDescription shows: COPY and MOVE have none.</summary>
    public IReadOnlyList<ResultColumn>? ShownColumns => DiscardsRows || Copy is not null ? null : Columns;

    /// <summary>Whether there was no statement at all.</summary>
    public bool IsEmptyQuery { get; init; }

    /// <summary>Rows affected, for statements without result rows whose tag counts them.</summary>
    public long? AffectedRows
    {
        get => Incoming?.RowsAppended ?? field;
        init;
    }

    /// <summary>Messages to be sent before the rows.</summary>
    public IReadOnlyList<Notice> Notices { get; init; } = [];

    /// <summary>The most rows to be sent altogether (FETCH n).</summary>
    public long RowLimit { get; init; } = long.MaxValue;

    /// <summary>Whether it ends when it has sent a row and no further one is ready (FETCH from a push query).</summary>
    public bool EndsWhenNoneReady { get; init; }

    /// <summary>How long it may wait for rows in all, or null for ever (FETCH ... WITH (TIMEOUT = ...)).</summary>
    public TimeSpan? WaitLimit { get; init; }

    /// <summary>Whether rows are only counted (MOVE).</summary>
    public bool DiscardsRows { get; init; }

    /// <summary>Whether the tag counts all rows and not those of the last Execute message only (FETCH, MOVE, COPY).</summary>
    public bool CountsAllRows { get; init; }

    /// <summary>The format of COPY ... TO STDOUT; null for other statements.</summary>
    public CopyFormat? Copy { get; init; }

    /// <summary>COPY ... FROM STDIN, whose data is still to come; null for other statements.</summary>
    public CopyIn? Incoming { get; init; }

    /// <summary>Rows sent so far.</summary>
    public long RowsSent { get; set; }

    /// <summary>Whether notices and, for COPY, the header have been sent.</summary>
    public bool IsBegun { get; set; }

    /// <summary>Whether it was reported as complete.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Whether rows come for ever.</summary>
    public bool IsContinuous => Columns is not null && Rows!.Result.IsContinuous;

    /// <summary>Starts what the engine has executed.</summary>
    public static Execution Of(StatementResult result) => new()
    {
        Tag = result.CommandTag,
        Rows = new RowReader(result),
        Columns = result.Columns,
        AffectedRows = result.AffectedRows,
        Notices = result.Notices,
    };

    /// <summary>A command that is done.</summary>
    public static Execution Done(string tag, params IReadOnlyList<Notice> notices) => new() { Tag = tag, Notices = notices };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => RowsAreLent || Rows is null ? ValueTask.CompletedTask : Rows.DisposeAsync();
}

using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands.Statements;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands;

/// <summary>
/// A statement with its parameter values, ready to be executed or on the way: a portal of the protocol, or a cursor of SQL.
/// </summary>
/// <param name="name">Its name; "" is the unnamed portal.</param>
/// <param name="statement">The statement.</param>
/// <param name="values">Its parameter values.</param>
/// <param name="formats">Formats of the result: none, one for all columns, or one per column.</param>
internal sealed class Portal(string name, ClientStatement statement, IReadOnlyList<object?> values, IReadOnlyList<FormatCode> formats)
    : IAsyncDisposable
{
    private RowFormat? _format;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The text that made it.</summary>
    public string Text { get; init; } = "";

    /// <summary>When it was made, if it has a name.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Whether it outlives the transaction (WITH HOLD).</summary>
    public bool IsHeld { get; init; }

    /// <summary>Whether the transaction that made it, if it outlives that, has been committed.</summary>
    public bool IsCommitted { get; set; }

    /// <summary>The most bytes of rows that it keeps to go back to (SCROLL); null: it only goes forward.</summary>
    public long? MaxScrollBytes { get; init; }

    /// <summary>The rows that it can go back to; null where it only goes forward, as from a push query.</summary>
    public ScrollableRows? Scrollable { get; private set; }

    /// <summary>Whether FETCH gives its rows in binary (DECLARE ... BINARY CURSOR).</summary>
    public bool IsBinaryCursor { get; init; }

    /// <summary>Whether it is a COPY ... FROM, whose rows come between Execute and Sync.</summary>
    public bool TakesRows => statement is CopyInCommand;

    /// <summary>What was started; null before.</summary>
    public Execution? Execution { get; private set; }

    /// <summary>The columns that its rows have; null when it gives none.</summary>
    public IReadOnlyList<ResultColumn>? Columns => Execution is { } execution ? execution.ShownColumns : statement.Columns;

    /// <summary>How its rows are written; null when it gives none.</summary>
    public RowFormat? Format(TextSettings settings)
    {
        if (_format is null && Columns is { } columns)
            _format = statement.FormatOf(columns, statement.Formats is { Count: > 0 } own ? own : formats, settings);
        return _format;
    }

    /// <summary>Whether it is done in microseconds.</summary>
    public bool IsShort => statement.IsShort;

    /// <summary>Leaves the thread that has received it, as <see cref="ClientStatement.LeaveThreadAsync"/> does.</summary>
    public ValueTask LeaveThreadAsync(Session session) => statement.LeaveThreadAsync(session);

    /// <summary>Starts the statement, unless it was started before.</summary>
    /// <exception cref="Data.Errors.SqlException">It failed.</exception>
    public async ValueTask<Execution> StartAsync(CancellationToken cancellation)
    {
        if (Execution is null)
        {
            Execution = await statement.ExecuteAsync(values, cancellation);
            _format = null;
            if (MaxScrollBytes is { } limit && Execution is { Rows: { } rows, Columns: { } columns, IsContinuous: false })
                Scrollable = new(rows, columns, limit);
        }

        return Execution;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Execution?.DisposeAsync() ?? ValueTask.CompletedTask;
}

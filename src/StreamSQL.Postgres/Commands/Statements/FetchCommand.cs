using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>
/// FETCH and MOVE: forward only, unless the cursor was declared with SCROLL. From a push query FETCH waits for one row and gives what is
/// ready, up to its count: except from psql's own cursor (<c>\set FETCH_COUNT</c>) and with the setting <c>streamsql.fetch = 'full'</c>,
/// since psql and some drivers take a short answer for the end.
/// </summary>
internal sealed class FetchCommand(ClientState state, FetchStatement syntax) : ClientStatement
{
    private const string PsqlCursor = "_psql_cursor";

    private readonly string _name = ObjectName.Of(syntax.Cursor);

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => syntax.IsMove ? null : Find().Columns;

    /// <inheritdoc/>
    public override IReadOnlyList<FormatCode> Formats => Find().IsBinaryCursor ? [FormatCode.Binary] : [];

    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var portal = Find();
        var source = await portal.StartAsync(cancellation);
        if (source.Columns is null)
            throw new SqlException(PostgresErrorCodes.ObjectNotInPrerequisiteState, $"portal \"{_name}\" gives no rows",
                position: syntax.Position);
        if (portal.Scrollable is { } scrollable)
            return Of(source.Columns, new RowReader(await scrollable.MoveAsync(syntax.Direction, syntax.Count, cancellation)));
        var (skipped, limit) = Forward(source.Rows!);
        await SkipAsync(source.Rows!, skipped, cancellation);
        return Of(source.Columns, source.Rows!, limit, source.IsContinuous);
    }

    private Execution Of(IReadOnlyList<ResultColumn> columns, RowReader kept) =>
        new() { Tag = Tag, Rows = kept, Columns = columns, DiscardsRows = syntax.IsMove, CountsAllRows = true };

    private Execution Of(IReadOnlyList<ResultColumn> columns, RowReader lent, long limit, bool isContinuous) => new()
    {
        Tag = Tag,
        Rows = lent,
        RowsAreLent = true,
        Columns = columns,
        RowLimit = limit,
        EndsWhenNoneReady = isContinuous && _name != PsqlCursor
            && state.Session.Settings.Find(SessionSettings.Fetch) != SessionSettings.FullFetch,
        WaitLimit = WaitLimit(),
        DiscardsRows = syntax.IsMove,
        CountsAllRows = true,
    };

    private string Tag => syntax.IsMove ? "MOVE" : "FETCH";

    /// <summary>How many rows are left out and how many come then, where the cursor only goes forward.</summary>
    private (long Skipped, long Limit) Forward(RowReader rows) => (syntax.Direction, syntax.Count) switch
    {
        (FetchDirection.Forward, null) => (0, long.MaxValue),
        (FetchDirection.Forward, >= 0 and var count) => (0, count),
        (FetchDirection.Backward, <= 0 and var count) => (0, -count),
        (FetchDirection.Relative, > 0 and var count) => (count - 1, 1),
        (FetchDirection.Absolute, > 0 and var place) when place > rows.Passed => (place - 1 - rows.Passed, 1),
        _ => throw new SqlException(
            PostgresErrorCodes.ObjectNotInPrerequisiteState, "cursor can only scan forward",
            "Declare it with SCROLL option to enable backward scan.", syntax.Position),
    };

    private static async ValueTask SkipAsync(RowReader rows, long count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            if (!rows.TryAdvance())
            {
                await rows.WaitAsync(cancellation);
                continue;
            }

            if (rows.Ended)
                return;
            var now = (int)Math.Min(count, rows.Available);
            rows.Skip(now);
            count -= now;
        }
    }

    private Portal Find() => state.Portals.TryGet(_name, out var portal)
        ? portal
        : throw new SqlException(PostgresErrorCodes.InvalidCursorName, $"cursor \"{_name}\" does not exist",
            position: syntax.Cursor.Position);

    /// <summary>WITH (TIMEOUT = n): milliseconds.</summary>
    private TimeSpan? WaitLimit()
    {
        TimeSpan? limit = null;
        foreach (var property in syntax.Properties)
        {
            var text = property.Value switch { StringLiteral literal => literal.Value, NumberLiteral literal => literal.Text, _ => "" };
            if (!property.Name.Equals("TIMEOUT", StringComparison.OrdinalIgnoreCase) || !DurationSetting.TryParse(text, out var duration))
            {
                throw new SqlException(
                    PostgresErrorCodes.InvalidParameterValue, $"invalid option {property.Name.ToLowerInvariant()} of FETCH",
                    "FETCH knows TIMEOUT = '1s'.", property.Position);
            }

            limit = duration;
        }

        return limit;
    }
}

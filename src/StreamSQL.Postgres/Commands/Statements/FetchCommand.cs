using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>
/// FETCH and MOVE, forward only. From a push query FETCH waits for one row and gives what is ready, up to its count: except from psql's own cursor
/// (<c>\set FETCH_COUNT</c>), since psql takes a short answer for the end.
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
        if (syntax.Direction != FetchDirection.Forward || syntax.Count < 0)
        {
            throw new SqlException(
                PostgresErrorCodes.ObjectNotInPrerequisiteState, "cursor can only scan forward", "FETCH NEXT, FETCH n and FETCH ALL are supported.", syntax.Position);
        }

        var source = await Find().StartAsync(cancellation);
        if (source.Columns is null)
            throw new SqlException(PostgresErrorCodes.ObjectNotInPrerequisiteState, $"portal \"{_name}\" gives no rows", position: syntax.Position);
        return new()
        {
            Tag = syntax.IsMove ? "MOVE" : "FETCH",
            Rows = source.Rows,
            RowsAreLent = true,
            Columns = source.Columns,
            RowLimit = syntax.Count ?? long.MaxValue,
            EndsWhenNoneReady = source.IsContinuous && _name != PsqlCursor,
            WaitLimit = WaitLimit(),
            DiscardsRows = syntax.IsMove,
            CountsAllRows = true,
        };
    }

    private Portal Find() => state.Portals.TryGet(_name, out var portal)
        ? portal
        : throw new SqlException(PostgresErrorCodes.InvalidCursorName, $"cursor \"{_name}\" does not exist", position: syntax.Cursor.Position);

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
                    PostgresErrorCodes.InvalidParameterValue, $"invalid option {property.Name.ToLowerInvariant()} of FETCH", "FETCH knows TIMEOUT = '1s'.", property.Position);
            }

            limit = duration;
        }

        return limit;
    }
}

using StreamSQL.Postgres.Commands.Copying;
using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>COPY (query) or COPY table TO STDOUT. Of a push query, each batch is sent at once.</summary>
internal sealed class CopyOutCommand(ClientState state, CopyOptions options, EngineStatement query) : ClientStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ClientParameter> Parameters => query.Parameters;

    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var source = await query.ExecuteAsync(values, cancellation);
        var columns = source.Columns ?? [];
        var format = RowFormat.Create(columns, [options.Format == CopyFormatKind.Binary ? FormatCode.Binary : FormatCode.Text],
            state.TextSettings);
        return new()
        {
            Tag = "COPY",
            Rows = source.Rows,
            Columns = columns,
            Notices = source.Notices,
            CountsAllRows = true,
            Copy = CopyFormat.Create(options, format),
        };
    }

    /// <summary>The query of a statement: COPY of a table is a SELECT of its columns.</summary>
    public static Query QueryOf(CopyStatement copy)
    {
        if (copy.Query is not null)
            return copy.Query;
        var position = copy.Table!.Position;
        SelectItem[] items = copy.Columns.Count == 0
            ? [new StarItem(null, position)]
            : [.. copy.Columns.Select(static column => new ExpressionItem(new ColumnReference(new([column], column.Position)), null,
                column.Position))];
        return new(new SelectBody(items, position) { From = [new TableReference(copy.Table, null, position)] }, position);
    }
}

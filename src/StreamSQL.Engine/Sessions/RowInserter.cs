using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// Takes the rows of a COPY ... FROM, batch by batch. Each batch is durable when <see cref="AppendAsync"/> completes, and stays whatever happens to the
/// ones after it. Not thread-safe.
/// </summary>
public sealed class RowInserter
{
    private readonly Session _session;
    private readonly EngineServices _services;
    private readonly PlannedInsertRows _planned;
    private readonly Column[] _nulls;
    private readonly FixedColumn<long> _now = new(SqlType.BigInt);
    private RowAppender? _appender;

    internal RowInserter(Session session, EngineServices services, PlannedInsertRows planned)
    {
        _session = session;
        _services = services;
        _planned = planned;
        _nulls = [.. planned.Target.Columns.Select(static column => Column.Create(column.Type))];
        Columns =
        [
            .. planned.Places.Select(place => place == PlannedInsertRows.RowTime
                ? new ResultColumn("ROWTIME", SqlType.BigInt)
                : new ResultColumn(planned.Target.Columns[place].Name, planned.Target.Columns[place].Type)),
        ];
    }

    /// <summary>The stream or table.</summary>
    public string Target => _planned.Target.Name;

    /// <summary>Names and types of a row's values, in the order in which they come.</summary>
    public IReadOnlyList<ResultColumn> Columns { get; }

    /// <summary>Appends rows whose columns are those of <see cref="Columns"/>; completes when they are durable.</summary>
    /// <exception cref="SqlException">A row cannot be in the target; nothing of the batch was written.</exception>
    public async ValueTask AppendAsync(ChangeBatch rows, CancellationToken cancellation)
    {
        var columns = (Column[])_nulls.Clone();
        FixedColumn<long>? time = null;
        for (var i = 0; i < _planned.Places.Count; i++)
        {
            if (_planned.Places[i] == PlannedInsertRows.RowTime)
                time = (FixedColumn<long>)rows.Columns[i];
            else
                columns[_planned.Places[i]] = rows.Columns[i];
        }

        foreach (var column in _nulls.Intersect(columns))
        {
            column.Reset(1, constant: true);
            column.SetNull(0);
        }

        _appender ??= await RowAppender.OpenAsync(_session, _services, _planned.Target, cancellation);
        await _appender.AppendAsync(
            new ChangeBatch(columns) { RowCount = rows.RowCount, Selection = rows.Selection, RowTime = Times(time, rows.RowCount) }, deletes: false, cancellation);
    }

    private FixedColumn<long> Times(FixedColumn<long>? given, int rows)
    {
        var now = _services.Tasks.Time.GetUtcNow().ToUnixTimeMilliseconds();
        _now.Reset(rows);
        for (var row = 0; row < rows; row++)
            _now.Values[row] = given is null || given.IsNull(row) ? now : given.Values[row];
        return _now;
    }
}

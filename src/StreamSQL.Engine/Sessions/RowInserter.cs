using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions.Statements;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Sql.Binding;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// Takes the rows of a COPY ... FROM, batch by batch. Outside a transaction each batch is durable when <see cref="AppendAsync"/> completes,
/// and stays whatever happens to the ones after it; in one it is held until the commit. Not thread-safe.
/// </summary>
public sealed class RowInserter
{
    private readonly Session _session;
    private readonly EngineServices _services;
    private readonly PlannedInsertRows _planned;
    private readonly Column[] _nulls;
    private readonly FixedColumn<long> _now = new(SqlType.BigInt);
    private RowEncoder? _encoder;
    private OperatorContext? _context;

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

    /// <summary>Whether rows are undone when a later one is bad.</summary>
    public bool IsHeld => _session.HoldsWrites;

    /// <summary>Appends rows whose columns are those of <see cref="Columns"/>; completes when they are durable, or held.</summary>
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

        FillOthers(columns, rows);

        _encoder ??= await RowEncoder.OpenAsync(_planned.Target, _services.Tasks, cancellation);
        var batch = new ChangeBatch(columns) { RowCount = rows.RowCount, Selection = rows.Selection, RowTime = Times(time, rows.RowCount) };
        var write = IsHeld ? Copy(batch) : new RowWrite(_planned.Target, batch);
        if (_planned.Checks.Count > 0)
            RowChecks.Require(_planned.Checks, write, _context ??= InsertedRows.Context(_services.Tasks, _session.OpenClock(), [], null));
        _encoder.Encode(write);
        await _session.CopyAsync(write);
    }

    /// <summary>Fills the columns that no value comes for: with their defaults, one by one since each may be another value.</summary>
    private void FillOthers(Column[] columns, ChangeBatch rows)
    {
        for (var c = 0; c < columns.Length; c++)
        {
            var column = columns[c];
            if (!ReferenceEquals(column, _nulls[c]))
                continue;
            if (_planned.Defaults[c] is not { } value)
            {
                column.Reset(1, constant: true);
                column.SetNull(0);
                continue;
            }

            _context ??= InsertedRows.Context(_services.Tasks, _session.OpenClock(), [], null);
            column.Reset(rows.RowCount);
            foreach (var row in rows.Selection)
                ColumnWriter.Write(column, row, ExpressionEvaluator.EvaluateConstant(value, _context));
        }
    }

    /// <summary>Rows that are held need columns of their own.</summary>
    private RowWrite Copy(ChangeBatch batch)
    {
        var copy = new ChangeBatch(batch.Columns.Select(static column => column.Type).ToArray());
        copy.Reset(batch.Selection.Count);
        var rows = RowNumbers.Of(batch.Selection);
        for (var c = 0; c < copy.Columns.Length; c++)
            copy.Columns[c].Gather(batch.Columns[c], rows, 0);
        copy.RowTime.Gather(batch.RowTime, rows, 0);
        return new RowWrite(_planned.Target, copy);
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

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Sql.Binding;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// UPDATE and DELETE: reads the rows that are meant and writes their new values, or tombstones, to the
/// table's topic, if by then they are still what was read.
/// </summary>
internal sealed class ChangeRowsStatement(Session session, EngineServices services, PlannedRowChange planned, WrittenRows? written = null)
    : WriteStatement(session, services, planned.IsDelete ? "DELETE" : "UPDATE", planned.Rows.ParameterTypes, planned.Returning, written)
{
    private readonly Session _session = session;
    private readonly EngineServices _services = services;
    private readonly SelectStatement _rows = new(session, services, planned.Rows, written);

    /// <inheritdoc/>
    public override bool NeedsCommitted => _rows.NeedsCommitted;

    /// <inheritdoc/>
    protected override async ValueTask<(RowWrite Write, ChangeBatch Shown)> ComputeAsync(IReadOnlyList<object?> values,
        CancellationToken cancellation)
    {
        var encoder = await RowEncoder.OpenAsync(planned.Target, _services.Tasks, cancellation);
        var write = new RowWrite(planned.Target, planned.IsDelete);
        var width = planned.Target.Columns.Count;
        var others = planned.Rows.Plan.Schema.Columns.Skip(planned.IsDelete ? width : 2 * width)
            .Select(static column => Column.Create(column.Type)).ToArray();
        var now = Now;
        await using var rows = await _rows.ExecuteAsync(values, cancellation);
        while (await rows.ReadAsync(cancellation) is { } read)
        {
            var old = read.Columns.AsSpan(0, width);
            var selected = RowNumbers.Of(read.Selection);
            var at = write.Rows.RowCount;
            write.Append(planned.IsDelete ? old : read.Columns.AsSpan(width, width), selected, old, RowCondition.IsUnchanged, now);
            for (var c = 0; c < others.Length; c++)
                others[c].Gather(read.Columns[^(others.Length - c)], selected, at);
            _session.RequireHoldable(write);
        }

        ReleaseOwn(write);
        RowChecks.Require(planned.Checks, write, InsertedRows.Context(_services.Tasks, _session.OpenClock(), values, null));
        encoder.Encode(write);
        var shown = new ChangeBatch([.. write.Rows.Columns, .. others]);
        shown.TakeRowsFrom(write.Rows);
        return (write, shown);
    }

    /// <summary>Rows that the transaction has written itself are nobody else's.</summary>
    private void ReleaseOwn(RowWrite write)
    {
        if (write.Count == 0 || _session.Held?.OverlayOf(planned.Target) is not { } overlay)
            return;
        var slots = new int[write.Count];
        overlay.Find(write.Rows.Columns.AsSpan(0, write.KeyCount), write.Rows.Selection, slots);
        for (var row = 0; row < slots.Length; row++)
        {
            if (slots[row] >= 0)
                write.Release(row);
        }
    }
}

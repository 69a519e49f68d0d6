using StreamSQL.Data.Batches;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.SystemRelations;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>The rows of a system relation, made when the query begins.</summary>
internal sealed class SystemRelationRows(SystemRelation relation, SystemSnapshot snapshot) : RowSource
{
    private readonly ChangeBatch _batch = new(relation.Schema.Columns.Select(static column => column.Type).ToArray());
    private readonly SystemRows _rows = new();
    private int _next;

    /// <inheritdoc/>
    public override ValueTask OpenAsync(CancellationToken cancellation) => relation.ReadAsync(snapshot, _rows, cancellation);

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        var count = Math.Min(ChangeBatch.MaxRows, _rows.Rows.Count - _next);
        if (count == 0)
            return ValueTask.FromResult<ChangeBatch?>(null);
        _batch.Reset(count);
        _batch.RowTime.Values.AsSpan(0, count).Clear();
        for (var row = 0; row < count; row++)
        {
            var values = _rows.Rows[_next + row];
            for (var c = 0; c < values.Length; c++)
                ColumnWriter.Write(_batch.Columns[c], row, Fit(values[c], _batch.Columns[c].Type.Physical));
        }

        _next += count;
        return ValueTask.FromResult<ChangeBatch?>(_batch);
    }

    /// <summary>Relations write whole numbers as they come; oid columns are wider, smallint columns are not.</summary>
    private static object? Fit(object? value, PhysicalKind kind) => (value, kind) switch
    {
        (int number, PhysicalKind.Int64) => (long)number,
        (short number, PhysicalKind.Int32) => (int)number,
        (long number, PhysicalKind.Int32) => checked((int)number),
        _ => value,
    };
}

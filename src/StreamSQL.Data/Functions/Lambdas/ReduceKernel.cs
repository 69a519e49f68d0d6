using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Nested;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Lambdas;

/// <summary>
/// REDUCE: step n makes the states of all rows that have an element n at once. Maps are gone through in
/// ksqlDB's order (<see cref="MapOrder"/>).
/// </summary>
internal sealed class ReduceKernel : LambdaKernel
{
    private readonly Column[] _parameters;
    private Column _next;
    private int[] _rows = [];
    private int[] _order = [];
    private int[] _places = [];
    private int[] _going = [];
    private int[] _ended = [];
    private int[] _endedRows = [];

    /// <summary>Creates a kernel for a collection and a state of those types.</summary>
    public ReduceKernel(SqlType collection, SqlType state)
    {
        _parameters = collection.Kind == SqlTypeKind.Map
            ? [Column.Create(state), Column.Create(collection.Key!), Column.Create(collection.Element!)]
            : [Column.Create(state), Column.Create(collection.Element!)];
        _next = Column.Create(state);
    }

    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, ReadOnlySpan<LambdaBody> bodies, Column result)
    {
        EnsureRoom(context.Rows.Count);
        var source = (SlicedColumn)arguments[0];
        var children = ElementChunks.Children(source);
        var count = Begin(context, source, arguments[1], result);
        if (source is MapColumn map)
            Order(map, _rows.AsSpan(0, count));
        for (var step = 0; count > 0; step++)
        {
            var rows = _rows.AsSpan(0, count);
            for (var i = 0; i < count; i++)
                _places[i] = source.Starts[source.Physical(rows[i])] + step;
            for (var i = 0; source is MapColumn && i < count; i++)
                _places[i] = _order[_places[i]];
            for (var i = 0; i < children.Length; i++)
            {
                _parameters[i + 1].Reset(count);
                _parameters[i + 1].Gather(children[i], _places.AsSpan(0, count), 0);
            }

            var states = bodies[0].Evaluate(_parameters, rows);
            count = End(source, states, result, count, step + 1);
        }
    }

    /// <summary>Rows without elements have their result; the others their first state.</summary>
    private int Begin(in KernelContext context, SlicedColumn source, Column first, Column result)
    {
        var count = 0;
        foreach (var row in context.Rows)
        {
            if (first.IsNull(row))
                result.SetNull(row);
            else if (source.IsNull(row) || source.Lengths[source.Physical(row)] == 0)
                result.Scatter(first, [row], [row]);
            else
                _rows[count++] = row;
        }

        _parameters[0].Reset(count);
        _parameters[0].Gather(first, _rows.AsSpan(0, count), 0);
        return count;
    }

    /// <summary>Gives the states of rows that are through to the result, and keeps the others for the next step.</summary>
    private int End(SlicedColumn source, Column states, Column result, int count, int steps)
    {
        var (going, ended) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var row = _rows[i];
            if (source.Lengths[source.Physical(row)] > steps)
            {
                _going[going] = i;
                _rows[going++] = row;
            }
            else
            {
                _ended[ended] = i;
                _endedRows[ended++] = row;
            }
        }

        result.Scatter(states, _ended.AsSpan(0, ended), _endedRows.AsSpan(0, ended));
        _next.Reset(going);
        _next.Gather(states, _going.AsSpan(0, going), 0);
        (_parameters[0], _next) = (_next, _parameters[0]);
        return going;
    }

    /// <summary>By place in the maps' children: which entry comes at that step.</summary>
    private void Order(MapColumn map, ReadOnlySpan<int> rows)
    {
        foreach (var row in rows)
        {
            var at = map.Physical(row);
            var end = map.Starts[at] + map.Lengths[at];
            if (_order.Length < end)
                Array.Resize(ref _order, Math.Max(end, _order.Length * 2));
            MapOrder.Fill(map, at, _order.AsSpan(map.Starts[at], map.Lengths[at]));
        }
    }

    private void EnsureRoom(int rows)
    {
        if (_rows.Length >= rows)
            return;
        _rows = new int[rows];
        _places = new int[rows];
        _going = new int[rows];
        _ended = new int[rows];
        _endedRows = new int[rows];
    }
}

using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Lambdas;

/// <summary>
/// Goes through the elements or entries of the selected rows of a column, one after the other, some
/// thousand at a time, as columns of their own.
/// </summary>
internal sealed class ElementChunks
{
    private readonly int[] _rows = new int[ChangeBatch.MaxRows];
    private readonly int[] _places = new int[ChangeBatch.MaxRows];
    private readonly Column[] _columns;
    private SlicedColumn _source = null!;
    private int _position;
    private int _next;

    /// <summary>Creates a walk over columns of an ARRAY or MAP type.</summary>
    public ElementChunks(SqlType collection) => _columns = collection.Kind == SqlTypeKind.Map
        ? [Column.Create(collection.Key!), Column.Create(collection.Element!)]
        : [Column.Create(collection.Element!)];

    /// <summary>The elements of the present chunk: a column, or the keys and the values of a map.</summary>
    public ReadOnlySpan<Column> Columns => _columns;

    /// <summary>How many they are.</summary>
    public int Count { get; private set; }

    /// <summary>The row of each.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    /// <summary>Where each stands in the child columns of the source.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, Count);

    /// <summary>The child columns of a column.</summary>
    public static ReadOnlySpan<Column> Children(SlicedColumn column) =>
        column is MapColumn map ? new[] { map.Keys, map.Values } : new[] { ((ArrayColumn)column).Elements };

    /// <summary>Begins a column.</summary>
    public void Begin(Column source)
    {
        _source = (SlicedColumn)source;
        _position = _next = 0;
    }

    /// <summary>Takes the next chunk; false at the end.</summary>
    public bool Next(RowSelection rows)
    {
        Count = 0;
        for (; _position < rows.Count && Count < _rows.Length; _position++)
        {
            var row = rows[_position];
            if (_source.IsNull(row))
                continue;
            var physical = _source.Physical(row);
            var taken = Math.Min(_source.Lengths[physical] - _next, _rows.Length - Count);
            _rows.AsSpan(Count, taken).Fill(row);
            for (var i = 0; i < taken; i++)
                _places[Count + i] = _source.Starts[physical] + _next + i;
            Count += taken;
            _next += taken;
            if (_next < _source.Lengths[physical])
                break;
            _next = 0;
        }

        if (Count == 0)
            return false;
        var children = Children(_source);
        for (var i = 0; i < _columns.Length; i++)
        {
            _columns[i].Reset(Count);
            _columns[i].Gather(children[i], Places, 0);
        }

        return true;
    }
}

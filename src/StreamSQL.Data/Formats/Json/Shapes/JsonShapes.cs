namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// The shapes that records had lately, the most frequent first. Rows without a known shape teach new ones; where that does not help,
/// because every record looks different, speculation rests for a while, each time longer.
/// </summary>
internal sealed unsafe class JsonShapes
{
    private const int MaxShapes = 4;
    private const int Window = 4096;
    private const int MaxRest = 1 << 20;

    private readonly JsonObjectReader _fields;
    private readonly int _fieldCount;
    private readonly List<JsonShape> _shapes = new(MaxShapes);
    private int _tried;
    private int _missed;
    private int _resting;
    private int _nextRest = Window;

    /// <summary>Creates an empty list.</summary>
    public JsonShapes(JsonObjectReader fields, int fieldCount)
    {
        _fields = fields;
        _fieldCount = fieldCount;
    }

    /// <summary>How many shapes are known.</summary>
    public int Count => _shapes.Count;

    /// <summary>The shape at a place.</summary>
    public JsonShape this[int index] => _shapes[index];

    /// <summary>Whether the next rows should be tried, or go to the general decoder at once.</summary>
    public bool IsWorthTrying(int rows)
    {
        if (_resting <= 0)
            return true;
        _resting -= rows;
        return false;
    }

    /// <summary>Before the shapes are tried: where none is known, the first row's is learned.</summary>
    public void Prepare(in JsonRows rows)
    {
        _tried += rows.Count;
        if (_shapes.Count == 0 && rows.Count > 0)
            LearnFrom(rows, 0);
    }

    /// <summary>After the shapes were tried: <paramref name="missed"/> are the rows that had none of them.</summary>
    public void Learn(in JsonRows missed)
    {
        _missed += missed.Count;
        if (missed.Count > 0 && _shapes.Count < MaxShapes)
            LearnFrom(missed, missed.Count - 1);
        if (_tried < Window)
            return;
        if (_missed > _tried / 2)
        {
            // Most rows fit nothing: rest, and start anew afterwards.
            _shapes.Clear();
            _resting = _nextRest;
            _nextRest = Math.Min(2 * _nextRest, MaxRest);
        }
        else
        {
            _nextRest = Window;
            Order(replaceLast: _missed > _tried / 16);
        }

        _tried = 0;
        _missed = 0;
    }

    private void LearnFrom(in JsonRows rows, int index)
    {
        var row = rows.First[index].Number;
        if (JsonShape.Learn(rows.Source.Buffer, rows.Source.Starts[row], rows.Source.Lengths[row], _fields, _fieldCount) is not { } shape)
            return;
        foreach (var known in _shapes)
        {
            // The row has the shape, but a value that is not its column's.
            if (known.IsSame(shape))
                return;
        }

        _shapes.Add(shape);
    }

    /// <summary>Most frequent first; old hits count half. When many rows miss and the list is full, the rarest makes room.</summary>
    private void Order(bool replaceLast)
    {
        _shapes.Sort(static (a, b) => b.Hits.CompareTo(a.Hits));
        if (replaceLast && _shapes.Count == MaxShapes)
            _shapes.RemoveAt(MaxShapes - 1);
        foreach (var shape in _shapes)
            shape.Hits /= 2;
    }
}

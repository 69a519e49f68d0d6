using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// A layout of records: the literal bytes between the values, and which field each value belongs to. A record has the shape when all literals stand
/// where the values before them end.
/// </summary>
internal sealed unsafe class JsonShape
{
    /// <summary>Members beyond this make a record that is not worth a shape.</summary>
    private const int MaxSteps = 256;

    private readonly JsonStep[] _steps;
    private readonly JsonLiteral _tail;
    private readonly bool[] _hasField;

    private JsonShape(JsonStep[] steps, JsonLiteral tail, bool[] hasField)
    {
        _steps = steps;
        _tail = tail;
        _hasField = hasField;
    }

    /// <summary>Rows that had it, lately.</summary>
    public long Hits { get; set; }

    /// <summary>
    /// Learns the shape of a well-formed record; null when it has none that pays: no object, no members, two members for one field, or literals too long.
    /// </summary>
    public static JsonShape? Learn(byte[] buffer, int start, int length, JsonObjectReader fields, int fieldCount)
    {
        var cursor = new JsonCursor(buffer, start, length);
        var steps = new List<JsonStep>();
        var hasField = new bool[fieldCount];
        if (cursor.Peek() != (byte)'{')
            return null;
        var literalStart = 0;
        var next = (byte)',';
        while (next == (byte)',')
        {
            cursor.Position++;
            if (steps.Count == MaxSteps || !cursor.ReadName(out var name) || !fields.TryMatch(ref cursor, name, out var field)
                || (field >= 0 && hasField[field]) || cursor.Position - literalStart > JsonLiteral.MaxLength)
                return null;
            var literal = new JsonLiteral(cursor.Text[literalStart..cursor.Position]);
            var valueStart = cursor.Position;
            if (!cursor.SkipValue())
                return null;
            if (field >= 0)
                hasField[field] = true;
            var kind = JsonStep.KindOf(cursor.Text[valueStart..cursor.Position]);
            steps.Add(new JsonStep(literal, field, field < 0 ? null : fields.ReaderOf(field), kind));
            literalStart = cursor.Position;
            next = cursor.Peek();
        }

        var tail = cursor.Text[literalStart..];
        return next == (byte)'}' && tail.Length <= JsonLiteral.MaxLength ? new JsonShape([.. steps], new JsonLiteral(tail), hasField) : null;
    }

    /// <summary>Whether another shape has the same literals.</summary>
    public bool IsSame(JsonShape other)
    {
        if (_steps.Length != other._steps.Length || !_tail.Bytes.SequenceEqual(other._tail.Bytes))
            return false;
        for (var i = 0; i < _steps.Length; i++)
        {
            if (!_steps[i].Literal.Bytes.SequenceEqual(other._steps[i].Literal.Bytes))
                return false;
        }

        return true;
    }

    /// <summary>Decodes the rows that have the shape; the others are marked failed, and their columns hold anything.</summary>
    public void Run(in JsonRows rows, ReadOnlySpan<Column?> columns)
    {
        foreach (var step in _steps)
            step.Run(rows, step.Field < 0 ? null : columns[step.Field]);
        var front = _tail.Load();
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows.Ends[i] - rows.Positions[i] != front.Length || !front.Matches(rows.Buffer + rows.Positions[i]))
                rows.Failed[i] = 1;
        }

        for (var field = 0; field < columns.Length; field++)
        {
            if (columns[field] is { } column && !_hasField[field])
                SetNulls(rows, column);
        }
    }

    private static void SetNulls(in JsonRows rows, Column column)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows.Failed[i] == 0)
                column.SetNull(rows.Rows[i]);
        }
    }
}

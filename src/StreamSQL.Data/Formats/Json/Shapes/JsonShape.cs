using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// A layout of records: the literal bytes between the values, and which field each value belongs to. A record has the shape when all
/// literals stand where the values before them end.
/// </summary>
internal sealed unsafe class JsonShape
{
    /// <summary>A record of more steps is not worth a shape.</summary>
    private const int MaxSteps = 512;

    private readonly JsonStep[] _steps;
    private readonly bool[] _hasField;

    private JsonShape(JsonStep[] steps, bool[] hasField)
    {
        _steps = steps;
        _hasField = hasField;
    }

    /// <summary>Rows that had it, lately.</summary>
    public long Hits { get; set; }

    /// <summary>
    /// Learns the shape of a record; null when it has none that pays: not well-formed, no members, two members for one field, or too many.
    /// </summary>
    public static JsonShape? Learn(byte[] buffer, int start, int length, JsonObjectReader fields, int fieldCount)
    {
        var cursor = new JsonCursor(buffer, start, length);
        var steps = new List<JsonStep>();
        var hasField = new bool[fieldCount];
        if (cursor.Peek() != (byte)'{')
            return null;
        var literalStart = 0;
        do
        {
            cursor.Position++;
            if (steps.Count >= MaxSteps || !cursor.ReadName(out var name) || !fields.TryMatch(ref cursor, name, out var field)
                || (field >= 0 && hasField[field]))
                return null;
            var literal = cursor.Text[literalStart..cursor.Position];
            literalStart = cursor.Position;
            if (!cursor.SkipValue())
                return null;
            if (field >= 0)
                hasField[field] = true;
            AddStep(steps, literal, field, field < 0 ? null : fields.ReaderOf(field),
                JsonStep.KindOf(cursor.Text[literalStart..cursor.Position]));
            literalStart = cursor.Position;
        }
        while (cursor.Peek() == (byte)',');
        if (!cursor.Expect((byte)'}') || !cursor.ReadEnd())
            return null;
        AddStep(steps, cursor.Text[literalStart..], -1, null, JsonValueKind.None);
        return new JsonShape([.. steps], hasField);
    }

    /// <summary>Whether another shape has the same literals.</summary>
    public bool IsSame(JsonShape other)
    {
        if (_steps.Length != other._steps.Length)
            return false;
        for (var i = 0; i < _steps.Length; i++)
        {
            if (!_steps[i].IsSame(other._steps[i]))
                return false;
        }

        return true;
    }

    /// <summary>Decodes the rows that have the shape; the others are marked failed, and their columns hold anything.</summary>
    public void Run(in JsonRows rows, ReadOnlySpan<Column?> columns)
    {
        foreach (var step in _steps)
            step.Run(rows, step.Field < 0 ? null : columns[step.Field]);
        for (var row = rows.First; row < rows.Last; row++)
            row->Failed |= row->Position != row->End;
        for (var field = 0; field < columns.Length; field++)
        {
            if (columns[field] is { } column && !_hasField[field])
                SetNulls(rows, column);
        }
    }

    /// <summary>A literal longer than one load becomes several steps, the last of which has the value.</summary>
    private static void AddStep(List<JsonStep> steps, ReadOnlySpan<byte> literal, int field, JsonValueReader? reader, JsonValueKind kind)
    {
        for (; literal.Length > JsonLiteral.MaxLength; literal = literal[JsonLiteral.MaxLength..])
            steps.Add(new JsonStep(new JsonLiteral(literal[..JsonLiteral.MaxLength]), -1, null, JsonValueKind.None));
        steps.Add(new JsonStep(new JsonLiteral(literal), field, reader, kind));
    }

    private static void SetNulls(in JsonRows rows, Column column)
    {
        for (var row = rows.First; row < rows.Last; row++)
        {
            if (!row->Failed)
                column.SetNull(row->Number);
        }
    }
}

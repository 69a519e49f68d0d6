using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// Finds out which columns of failed records are bad. A decoder gives up a record at its first bad value, for all columns; where consumers
/// want different columns, the few records that failed are decoded once more for each column by itself,
/// so that each consumer gets what it would have got alone.
/// </summary>
/// <param name="decoder">A decoder of its own: failed records teach the usual one nothing.</param>
/// <param name="firstColumn">The index in the source of the decoder's first field.</param>
internal sealed class ErrorIsolation(RecordDecoder decoder, int firstColumn)
{
    private readonly SliceList _records = new();
    private readonly DecodeErrors _found = new();
    private readonly List<DecodeErrors> _pool = [];
    private int _used;
    private int[] _rows = [];
    private int[] _sequence = [];

    /// <summary>
    /// Decodes the failed records again, writes the values that are good into the targets, and adds what is bad by column.
    /// </summary>
    public void Isolate(DecodeErrors failed, SliceList records, Column?[] targets, List<ColumnErrors> errors)
    {
        _used = 0;
        Collect(failed, records);

        // Without any column only the record's own form is judged, and that concerns everybody.
        var none = new Column?[targets.Length];
        Decode(none, ColumnErrors.WholeRow, errors);
        for (var i = 0; i < targets.Length; i++)
        {
            if (targets[i] is not { } target)
                continue;
            var again = Column.Create(target.Type);
            again.Reset(_records.Count);
            var only = new Column?[targets.Length];
            only[i] = again;
            Decode(only, firstColumn + i, errors);
            target.Scatter(again, _sequence.AsSpan(0, _records.Count), _rows.AsSpan(0, _records.Count));
        }
    }

    private void Collect(DecodeErrors failed, SliceList records)
    {
        if (_rows.Length < failed.Count)
        {
            _rows = new int[Math.Max(failed.Count, 64)];
            _sequence = new int[_rows.Length];
        }

        _records.Reset(records.Buffer);
        for (var i = 0; i < failed.Count; i++)
        {
            var row = failed.Rows[i];
            _rows[i] = row;
            _sequence[i] = i;
            _records.Add(records.Starts[row], records.Lengths[row]);
        }
    }

    private void Decode(Column?[] targets, int column, List<ColumnErrors> errors)
    {
        _found.Clear();
        decoder.Decode(_records, targets, _found);
        if (_found.Count == 0)
            return;
        if (_used == _pool.Count)
            _pool.Add(new DecodeErrors());
        var mapped = _pool[_used++];
        mapped.Clear();
        foreach (var index in _found.Rows)
            mapped.Report(_rows[index], _found.FirstReason);
        errors.Add(new ColumnErrors(column, mapped));
    }
}

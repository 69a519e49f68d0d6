using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Operators;

/// <summary>Passes on at most a number of rows after skipping some. When <see cref="IsSatisfied"/>, the query can end.</summary>
internal sealed class LimitOperator : BatchOperator
{
    private readonly Func<(long? Count, long Offset)> _bounds;
    private long _toSkip;
    private long _toGive;
    private ChangeBatch? _output;
    private int[] _rows = [];

    /// <summary>Creates the operator.</summary>
    /// <param name="count">The most rows to give; null for all.</param>
    /// <param name="offset">Rows to skip.</param>
    public LimitOperator(long? count, long offset)
        : this(() => (count, offset))
    {
    }

    /// <summary>Creates an operator whose numbers may be others in another run.</summary>
    /// <param name="bounds">The most rows to give, null for all, and rows to skip.</param>
    public LimitOperator(Func<(long? Count, long Offset)> bounds)
    {
        _bounds = bounds;
        Restart();
    }

    /// <summary>How many rows of its input it needs; null for all.</summary>
    public long? Needed { get; private set; }

    /// <summary>Whether no more rows will be given.</summary>
    public bool IsSatisfied => _toGive == 0;

    /// <summary>Begins to count anew.</summary>
    public override void Restart()
    {
        var (count, offset) = _bounds();
        Needed = count > long.MaxValue - offset ? null : count + offset;
        _toGive = count ?? long.MaxValue;
        _toSkip = offset;
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        var skipped = (int)Math.Min(_toSkip, input.Selection.Count);
        var given = (int)Math.Min(_toGive, input.Selection.Count - skipped);
        _toSkip -= skipped;
        _toGive -= given;
        if (given == 0)
            return null;
        var output = BatchViews.View(input, ref _output);
        output.Selection = input.Selection.Slice(skipped, given, ref _rows);
        return output;
    }
}
